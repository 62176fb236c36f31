-- phase: expand
-- Log-ins that last: a session is one log-in, and a refresh token of it is good for one use.

-- Every access token names its session, so that ending it ends them all.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT sessions_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
    CONSTRAINT sessions_expires_at_is_utc CHECK (expires_at IS strftime('%Y-%m-%dT%H:%M:%fZ', expires_at)),
    CONSTRAINT sessions_revoked_at_is_utc CHECK (revoked_at IS strftime('%Y-%m-%dT%H:%M:%fZ', revoked_at))
) STRICT;
CREATE INDEX sessions_user_id_idx ON sessions (user_id);

CREATE TRIGGER sessions_audit_deletion AFTER DELETE ON sessions
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'sessions', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER sessions_record_insert AFTER INSERT ON sessions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('sessions', NEW.id, 'insert');
END;

CREATE TRIGGER sessions_record_update AFTER UPDATE ON sessions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('sessions', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'sessions', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER sessions_record_delete AFTER DELETE ON sessions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('sessions', OLD.id, 'delete');
END;

-- A used token stays: seeing it again is how a theft is noticed. Only its hash is kept.
CREATE TABLE refresh_tokens (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    session_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    used_at TEXT,
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT refresh_tokens_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
    CONSTRAINT refresh_tokens_used_at_is_utc CHECK (used_at IS strftime('%Y-%m-%dT%H:%M:%fZ', used_at))
) STRICT;
CREATE UNIQUE INDEX refresh_tokens_token_hash_key ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

CREATE TRIGGER refresh_tokens_audit_deletion AFTER DELETE ON refresh_tokens
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'refresh_tokens', OLD.id, NULL);
END;

CREATE TRIGGER refresh_tokens_record_insert AFTER INSERT ON refresh_tokens
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('refresh_tokens', NEW.id, 'insert');
END;

CREATE TRIGGER refresh_tokens_record_update AFTER UPDATE ON refresh_tokens
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('refresh_tokens', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'refresh_tokens', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER refresh_tokens_record_delete AFTER DELETE ON refresh_tokens
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('refresh_tokens', OLD.id, 'delete');
END;
