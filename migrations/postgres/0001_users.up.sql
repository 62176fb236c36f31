-- phase: expand
-- People who can log in.

-- The collation is "C" so that the order of the unique index never depends on the operating system's locale version, and so
-- that lower() folds exactly what SQLite's NOCASE folds: ASCII. The application folds the rest before it stores an address.
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(255) COLLATE "C" NOT NULL,
    password_hash varchar(255) NOT NULL,
    first_name varchar(100),
    last_name varchar(100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_shorter_than_255 CHECK (char_length(email) < 255),
    CONSTRAINT users_password_hash_present CHECK (password_hash <> ''),
    CONSTRAINT users_created_before_updated CHECK (created_at <= updated_at)
);

CREATE UNIQUE INDEX users_email_key ON users (lower(email));
CREATE INDEX users_created_at_idx ON users (created_at);

-- Shared by every table that has the column. The greatest of the three keeps `created_at <= updated_at` true when the clock
-- of the machine was set back.
CREATE FUNCTION maintain_updated_at() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
BEGIN
    NEW.updated_at := greatest(now(), OLD.updated_at, NEW.created_at);
    RETURN NEW;
END
$$;

CREATE TRIGGER users_maintain_updated_at
BEFORE UPDATE ON users
FOR EACH ROW EXECUTE FUNCTION maintain_updated_at();

GRANT INSERT, UPDATE, DELETE ON users TO app_readwrite;
