-- phase: expand
-- What somebody may do beyond their own things, and the answers that a client may ask for a second time.

-- Given by whoever operates the database and never by the application: what has to obey a permission must not grant it.
CREATE TABLE user_permissions (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT user_permissions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_permissions_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT user_permissions_permission_known CHECK (permission IN ('admin', 'view_users', 'manage_users', 'moderate')),
    CONSTRAINT user_permissions_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) STRICT;
CREATE UNIQUE INDEX user_permissions_user_id_permission_key ON user_permissions (user_id, permission);

CREATE TRIGGER user_permissions_audit_deletion AFTER DELETE ON user_permissions
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'user_permissions', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER user_permissions_record_insert AFTER INSERT ON user_permissions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_permissions', NEW.id, 'insert');
END;

CREATE TRIGGER user_permissions_record_update AFTER UPDATE ON user_permissions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_permissions', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'user_permissions', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER user_permissions_record_delete AFTER DELETE ON user_permissions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_permissions', OLD.id, 'delete');
END;

-- Written in the transaction of the effect it stands for: both happened, or neither.
CREATE TABLE idempotency_keys (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    location TEXT,
    body TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT idempotency_keys_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT idempotency_keys_key_length CHECK (length(key) <= 255),
    CONSTRAINT idempotency_keys_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) STRICT;
CREATE UNIQUE INDEX idempotency_keys_user_id_key_key ON idempotency_keys (user_id, key);

CREATE TRIGGER idempotency_keys_audit_deletion AFTER DELETE ON idempotency_keys
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'idempotency_keys', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER idempotency_keys_record_insert AFTER INSERT ON idempotency_keys
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('idempotency_keys', NEW.id, 'insert');
END;

CREATE TRIGGER idempotency_keys_record_update AFTER UPDATE ON idempotency_keys
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('idempotency_keys', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'idempotency_keys', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER idempotency_keys_record_delete AFTER DELETE ON idempotency_keys
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('idempotency_keys', OLD.id, 'delete');
END;
