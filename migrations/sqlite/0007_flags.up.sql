-- phase: expand
-- Feature flags: what is open, and to which share of the users. Who changed one stands in audit_log as well.

CREATE TABLE feature_flags (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 0,
    share INTEGER NOT NULL DEFAULT 100,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    -- No reference: who changed a flag stays known when the account is gone.
    updated_by TEXT,
    CONSTRAINT feature_flags_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT feature_flags_name_form CHECK (name GLOB 'FEATURE_?*' AND substr(name, 9) NOT GLOB '*[^A-Z0-9_]*' AND length(name) <= 58),
    CONSTRAINT feature_flags_enabled_is_boolean CHECK (enabled IN (0, 1)),
    CONSTRAINT feature_flags_share_is_percent CHECK (share BETWEEN 0 AND 100),
    CONSTRAINT feature_flags_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at)),
    CONSTRAINT feature_flags_updated_at_is_utc CHECK (updated_at IS strftime('%Y-%m-%dT%H:%M:%fZ', updated_at)),
    CONSTRAINT feature_flags_updated_by_is_uuid CHECK (updated_by IS NULL OR (length(updated_by) = 36 AND updated_by NOT GLOB '*[^0-9a-f-]*'))
) STRICT;
CREATE UNIQUE INDEX feature_flags_name_key ON feature_flags (name);

CREATE TRIGGER feature_flags_audit_deletion AFTER DELETE ON feature_flags
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'feature_flags', OLD.id, NULL);
END;

CREATE TRIGGER feature_flags_record_insert AFTER INSERT ON feature_flags
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('feature_flags', NEW.id, 'insert');
END;

CREATE TRIGGER feature_flags_record_update AFTER UPDATE ON feature_flags
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('feature_flags', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'feature_flags', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER feature_flags_record_delete AFTER DELETE ON feature_flags
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('feature_flags', OLD.id, 'delete');
END;
