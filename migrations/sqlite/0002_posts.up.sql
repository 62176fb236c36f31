-- phase: expand
-- What people write, with full-text search.

CREATE TABLE posts (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    published INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT posts_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT posts_title_length CHECK (length(title) <= 500),
    CONSTRAINT posts_published_is_boolean CHECK (published IN (0, 1)),
    CONSTRAINT posts_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
    CONSTRAINT posts_updated_at_is_utc CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
    CONSTRAINT posts_created_before_updated CHECK (created_at <= updated_at)
) STRICT;

CREATE INDEX posts_user_id_idx ON posts (user_id);
CREATE INDEX posts_published_created_at_idx ON posts (published, created_at);

CREATE TRIGGER posts_maintain_updated_at
AFTER UPDATE OF id, user_id, title, content, published, created_at ON posts
BEGIN
    UPDATE posts
    SET updated_at = max(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), OLD.updated_at, NEW.created_at)
    WHERE id = NEW.id;
END;

-- The text stays in posts; the index is tied to it by rowid, which VACUUM keeps in a table that has any index.
CREATE VIRTUAL TABLE posts_search USING fts5 (title, content, content = 'posts', content_rowid = 'rowid', tokenize = 'unicode61');

CREATE TRIGGER posts_search_insert AFTER INSERT ON posts
BEGIN
    INSERT INTO posts_search (rowid, title, content) VALUES (NEW.rowid, NEW.title, NEW.content);
END;

CREATE TRIGGER posts_search_delete AFTER DELETE ON posts
BEGIN
    INSERT INTO posts_search (posts_search, rowid, title, content) VALUES ('delete', OLD.rowid, OLD.title, OLD.content);
END;

CREATE TRIGGER posts_search_update AFTER UPDATE OF title, content ON posts
BEGIN
    INSERT INTO posts_search (posts_search, rowid, title, content) VALUES ('delete', OLD.rowid, OLD.title, OLD.content);
    INSERT INTO posts_search (rowid, title, content) VALUES (NEW.rowid, NEW.title, NEW.content);
END;
