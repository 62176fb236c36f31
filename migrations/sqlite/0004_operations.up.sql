-- phase: expand
-- What operating the platform needs to know about a database: which one it is, which application it still supports, how
-- recent it is, what changed in it, and who deleted what.

-- Written by opsctl only. No row: nobody has said yet what this database is, and the application refuses it.
CREATE TABLE database_identity (
    id INTEGER PRIMARY KEY DEFAULT 1,
    instance_id TEXT NOT NULL,
    lineage_id TEXT NOT NULL,
    role TEXT NOT NULL,
    effects TEXT NOT NULL DEFAULT 'flowing',
    sessions_valid_after TEXT,
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT database_identity_single_row CHECK (id = 1),
    CONSTRAINT database_identity_instance_id_is_uuid CHECK (length(instance_id) = 36 AND instance_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT database_identity_lineage_id_is_uuid CHECK (length(lineage_id) = 36 AND lineage_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT database_identity_role_known CHECK (role IN ('primary', 'scratch', 'superseded')),
    CONSTRAINT database_identity_effects_known CHECK (effects IN ('flowing', 'held')),
    CONSTRAINT database_identity_sessions_valid_after_is_utc CHECK (sessions_valid_after IS strftime('%Y-%m-%dT%H:%M:%fZ', sessions_valid_after)),
    CONSTRAINT database_identity_changed_at_is_utc CHECK (changed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', changed_at))
) STRICT;

-- Raised by a contract migration: an application built for an older schema would break on this one.
CREATE TABLE schema_support (
    id INTEGER PRIMARY KEY DEFAULT 1,
    oldest_supported_app_schema INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT schema_support_single_row CHECK (id = 1)
) STRICT;
INSERT INTO schema_support (id) VALUES (1);

-- The newest one that survives in a copy says how much the copy lost.
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY DEFAULT 1,
    beat_at TEXT NOT NULL,
    writer TEXT NOT NULL,
    CONSTRAINT heartbeat_single_row CHECK (id = 1),
    CONSTRAINT heartbeat_beat_at_is_utc CHECK (beat_at IS strftime('%Y-%m-%dT%H:%M:%fZ', beat_at))
) STRICT;

CREATE TABLE audit_log (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    occurred_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    actor_id TEXT,
    request_id TEXT,
    detail TEXT,
    CONSTRAINT audit_log_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT audit_log_occurred_at_is_utc CHECK (occurred_at IS strftime('%Y-%m-%dT%H:%M:%fZ', occurred_at)),
    CONSTRAINT audit_log_actor_id_is_uuid CHECK (actor_id IS NULL OR (length(actor_id) = 36 AND actor_id NOT GLOB '*[^0-9a-f-]*')),
    CONSTRAINT audit_log_detail_is_json CHECK (detail IS NULL OR json_valid(detail))
) STRICT;
CREATE INDEX audit_log_occurred_at_idx ON audit_log (occurred_at);
CREATE INDEX audit_log_entity_idx ON audit_log (entity, entity_id);

-- The row's owner and parent are kept, its text is not: a deletion must be traceable and still delete.
CREATE TRIGGER users_audit_deletion AFTER DELETE ON users
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'users', OLD.id, NULL);
END;

CREATE TRIGGER posts_audit_deletion AFTER DELETE ON posts
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'posts', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER comments_audit_deletion AFTER DELETE ON comments
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'comments', OLD.id, json_object('user_id', OLD.user_id, 'post_id', OLD.post_id));
END;

-- One writer at a time makes the order of seq the order of commits, so a row that differs between this database and a copy of
-- it is explained exactly when it stands here with a seq above the copy's highest. PostgreSQL keeps that knowledge itself.
CREATE TABLE row_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    table_name TEXT NOT NULL,
    row_key TEXT NOT NULL,
    operation TEXT NOT NULL,
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT row_changes_operation_known CHECK (operation IN ('insert', 'update', 'delete')),
    CONSTRAINT row_changes_changed_at_is_utc CHECK (changed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', changed_at))
) STRICT;
CREATE INDEX row_changes_row_idx ON row_changes (table_name, row_key);

CREATE TRIGGER users_record_insert AFTER INSERT ON users
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('users', NEW.id, 'insert');
END;

CREATE TRIGGER users_record_update AFTER UPDATE ON users
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('users', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'users', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER users_record_delete AFTER DELETE ON users
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('users', OLD.id, 'delete');
END;

CREATE TRIGGER posts_record_insert AFTER INSERT ON posts
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('posts', NEW.id, 'insert');
END;

CREATE TRIGGER posts_record_update AFTER UPDATE ON posts
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('posts', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'posts', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER posts_record_delete AFTER DELETE ON posts
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('posts', OLD.id, 'delete');
END;

CREATE TRIGGER comments_record_insert AFTER INSERT ON comments
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('comments', NEW.id, 'insert');
END;

CREATE TRIGGER comments_record_update AFTER UPDATE ON comments
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('comments', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'comments', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER comments_record_delete AFTER DELETE ON comments
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('comments', OLD.id, 'delete');
END;
