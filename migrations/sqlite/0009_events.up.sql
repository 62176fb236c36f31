-- phase: expand
-- Events on their way to whoever acts on them. A change and its event are written in one transaction, so neither is ever there
-- without the other.

-- What happened, until everybody who acts on it has been told. Keys and words, and nothing that a person would want to be forgotten.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    kind TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    actor_id TEXT,
    request_id TEXT,
    detail TEXT,
    occurred_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    published_at TEXT,
    CONSTRAINT outbox_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT outbox_entity_id_is_uuid CHECK (length(entity_id) = 36 AND entity_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT outbox_actor_id_is_uuid CHECK (actor_id IS NULL OR (length(actor_id) = 36 AND actor_id NOT GLOB '*[^0-9a-f-]*')),
    CONSTRAINT outbox_detail_is_json CHECK (detail IS NULL OR json_valid(detail)),
    CONSTRAINT outbox_occurred_at_is_utc CHECK (occurred_at IS strftime('%Y-%m-%dT%H:%M:%fZ', occurred_at)),
    CONSTRAINT outbox_published_at_is_utc CHECK (published_at IS strftime('%Y-%m-%dT%H:%M:%fZ', published_at))
) STRICT;
CREATE INDEX outbox_unpublished_idx ON outbox (occurred_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at_idx ON outbox (published_at);

CREATE TRIGGER outbox_audit_deletion AFTER DELETE ON outbox
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'outbox', OLD.id, NULL);
END;

CREATE TRIGGER outbox_record_insert AFTER INSERT ON outbox
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('outbox', NEW.id, 'insert');
END;

CREATE TRIGGER outbox_record_update AFTER UPDATE ON outbox
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('outbox', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'outbox', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER outbox_record_delete AFTER DELETE ON outbox
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('outbox', OLD.id, 'delete');
END;

-- One row an event and subscriber: who has acted on what. due_at is when it may be tried next, and while somebody tries, when
-- that one is given up; lease_id tells the one who holds it from the one who held it before.
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    event_id TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    lease_id TEXT,
    last_error TEXT,
    ended_at TEXT,
    CONSTRAINT deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES outbox (id) ON DELETE CASCADE,
    CONSTRAINT deliveries_state_known CHECK (state IN ('pending', 'done', 'dead', 'discarded')),
    CONSTRAINT deliveries_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT deliveries_event_id_is_uuid CHECK (length(event_id) = 36 AND event_id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT deliveries_due_at_is_utc CHECK (due_at IS strftime('%Y-%m-%dT%H:%M:%fZ', due_at)),
    CONSTRAINT deliveries_lease_id_is_uuid CHECK (lease_id IS NULL OR (length(lease_id) = 36 AND lease_id NOT GLOB '*[^0-9a-f-]*')),
    CONSTRAINT deliveries_ended_at_is_utc CHECK (ended_at IS strftime('%Y-%m-%dT%H:%M:%fZ', ended_at))
) STRICT;
CREATE UNIQUE INDEX deliveries_event_id_subscriber_key ON deliveries (event_id, subscriber);
CREATE INDEX deliveries_due_idx ON deliveries (subscriber, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_dead_idx ON deliveries (ended_at, id) WHERE state = 'dead';
CREATE INDEX deliveries_lease_id_idx ON deliveries (lease_id) WHERE state = 'pending';

CREATE TRIGGER deliveries_audit_deletion AFTER DELETE ON deliveries
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'deliveries', OLD.id, NULL);
END;

CREATE TRIGGER deliveries_record_insert AFTER INSERT ON deliveries
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('deliveries', NEW.id, 'insert');
END;

CREATE TRIGGER deliveries_record_update AFTER UPDATE ON deliveries
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('deliveries', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'deliveries', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER deliveries_record_delete AFTER DELETE ON deliveries
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('deliveries', OLD.id, 'delete');
END;
