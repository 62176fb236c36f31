-- phase: expand
-- People who can log in.

-- Conventions of this engine, here and in the files after it: a UUID is text in lower case, a time is RFC 3339 text in UTC with
-- milliseconds (so that text order is time order), and a length is a CHECK because the type enforces none.
-- NOCASE folds ASCII; the application folds the rest of an address before it stores it.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    email TEXT NOT NULL COLLATE NOCASE,
    password_hash TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT users_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT users_email_shorter_than_255 CHECK (length(email) < 255),
    CONSTRAINT users_password_hash_present CHECK (password_hash <> ''),
    CONSTRAINT users_password_hash_length CHECK (length(password_hash) <= 255),
    CONSTRAINT users_first_name_length CHECK (length(first_name) <= 100),
    CONSTRAINT users_last_name_length CHECK (length(last_name) <= 100),
    CONSTRAINT users_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
    CONSTRAINT users_updated_at_is_utc CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
    CONSTRAINT users_created_before_updated CHECK (created_at <= updated_at)
) STRICT;

CREATE UNIQUE INDEX users_email_key ON users (email);
CREATE INDEX users_created_at_idx ON users (created_at);

-- Names every column but updated_at, so that its own statement never fires it again. The greatest of the three keeps
-- `created_at <= updated_at` true when the clock of the machine was set back.
CREATE TRIGGER users_maintain_updated_at
AFTER UPDATE OF id, email, password_hash, first_name, last_name, created_at ON users
BEGIN
    UPDATE users
    SET updated_at = max(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), OLD.updated_at, NEW.created_at)
    WHERE id = NEW.id;
END;
