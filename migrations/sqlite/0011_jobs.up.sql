-- phase: expand
-- What is done by the clock and not by a request: one row a kind and due time, whoever schedules it. Nobody who schedules is
-- the only one, and the key makes that harmless.

-- due_at is when it may be tried next, and while somebody works on it, when that one is given up unless it says that it is still
-- there; lease_id tells the one who holds it from the one who held it before.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    kind TEXT NOT NULL,
    scheduled_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    lease_id TEXT,
    last_error TEXT,
    ended_at TEXT,
    CONSTRAINT jobs_state_known CHECK (state IN ('pending', 'done', 'dead')),
    CONSTRAINT jobs_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT jobs_scheduled_at_is_utc CHECK (scheduled_at IS strftime('%Y-%m-%dT%H:%M:%fZ', scheduled_at)),
    CONSTRAINT jobs_due_at_is_utc CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)),
    CONSTRAINT jobs_lease_id_is_uuid CHECK (lease_id IS NULL OR (length(lease_id) = 36 AND lease_id NOT GLOB '*[^0-9a-f-]*')),
    CONSTRAINT jobs_ended_at_is_utc CHECK (ended_at IS strftime('%Y-%m-%dT%H:%M:%fZ', ended_at))
) STRICT;
CREATE UNIQUE INDEX jobs_kind_scheduled_at_key ON jobs (kind, scheduled_at);
CREATE INDEX jobs_due_idx ON jobs (kind, due_at) WHERE state = 'pending';
CREATE INDEX jobs_scheduled_at_idx ON jobs (scheduled_at, id);

CREATE TRIGGER jobs_audit_deletion AFTER DELETE ON jobs
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'jobs', OLD.id, NULL);
END;

CREATE TRIGGER jobs_record_insert AFTER INSERT ON jobs
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('jobs', NEW.id, 'insert');
END;

CREATE TRIGGER jobs_record_update AFTER UPDATE ON jobs
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('jobs', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'jobs', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER jobs_record_delete AFTER DELETE ON jobs
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('jobs', OLD.id, 'delete');
END;
