-- phase: expand
-- What people write, with full-text search.

-- The search document reads the first 200,000 characters: PostgreSQL refuses a row whose tsvector is larger than 1 MB, and a
-- long post must not be refused for the sake of its index. 'simple' stems nothing, as SQLite's unicode61 does not.
CREATE TABLE posts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    title varchar(500) NOT NULL,
    content text NOT NULL,
    published boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    search_document tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('simple', left(content, 200000)), 'B')
    ) STORED,
    CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT posts_created_before_updated CHECK (created_at <= updated_at)
);

CREATE INDEX posts_user_id_idx ON posts (user_id);
CREATE INDEX posts_published_created_at_idx ON posts (published, created_at);
CREATE INDEX posts_search_idx ON posts USING gin (search_document);

CREATE TRIGGER posts_maintain_updated_at
BEFORE UPDATE ON posts
FOR EACH ROW EXECUTE FUNCTION maintain_updated_at();

GRANT INSERT, UPDATE, DELETE ON posts TO app_readwrite;
