-- phase: expand
-- What the business is told by: who was here, who pays, the figures of each day, and the reports made of them. Beside users,
-- which keeps the columns that it has.

-- At most one row a user and day.
CREATE TABLE user_activity (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    day TEXT NOT NULL,
    CONSTRAINT user_activity_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_activity_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT user_activity_day_is_a_day CHECK (day IS strftime('%Y-%m-%d', day))
) STRICT;
CREATE UNIQUE INDEX user_activity_user_id_day_key ON user_activity (user_id, day);
CREATE INDEX user_activity_day_idx ON user_activity (day);

CREATE TRIGGER user_activity_audit_deletion AFTER DELETE ON user_activity
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'user_activity', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER user_activity_record_insert AFTER INSERT ON user_activity
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_activity', NEW.id, 'insert');
END;

CREATE TRIGGER user_activity_record_update AFTER UPDATE ON user_activity
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_activity', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'user_activity', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER user_activity_record_delete AFTER DELETE ON user_activity
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('user_activity', OLD.id, 'delete');
END;

-- An account with a row here has paid. The provider's own number, and never more of what the provider knows.
CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    paid_at TEXT NOT NULL,
    CONSTRAINT subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT subscriptions_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT subscriptions_provider_id_length CHECK (length(provider_id) BETWEEN 1 AND 255),
    CONSTRAINT subscriptions_paid_at_is_utc CHECK (paid_at IS strftime('%Y-%m-%dT%H:%M:%fZ', paid_at))
) STRICT;
CREATE UNIQUE INDEX subscriptions_provider_id_key ON subscriptions (provider_id);
CREATE INDEX subscriptions_user_id_idx ON subscriptions (user_id);

CREATE TRIGGER subscriptions_audit_deletion AFTER DELETE ON subscriptions
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'subscriptions', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER subscriptions_record_insert AFTER INSERT ON subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('subscriptions', NEW.id, 'insert');
END;

CREATE TRIGGER subscriptions_record_update AFTER UPDATE ON subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('subscriptions', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'subscriptions', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER subscriptions_record_delete AFTER DELETE ON subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('subscriptions', OLD.id, 'delete');
END;

-- What the payment provider told, each event once however often it is told.
CREATE TABLE payment_events (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    received_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT payment_events_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT payment_events_event_id_length CHECK (length(event_id) BETWEEN 1 AND 255),
    CONSTRAINT payment_events_kind_length CHECK (length(kind) BETWEEN 1 AND 255),
    CONSTRAINT payment_events_outcome_known CHECK (outcome IN ('applied', 'ignored', 'no_such_user')),
    CONSTRAINT payment_events_occurred_at_is_utc CHECK (occurred_at IS strftime('%Y-%m-%dT%H:%M:%fZ', occurred_at)),
    CONSTRAINT payment_events_received_at_is_utc CHECK (received_at IS strftime('%Y-%m-%dT%H:%M:%fZ', received_at))
) STRICT;
CREATE UNIQUE INDEX payment_events_event_id_key ON payment_events (event_id);

CREATE TRIGGER payment_events_audit_deletion AFTER DELETE ON payment_events
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'payment_events', OLD.id, NULL);
END;

CREATE TRIGGER payment_events_record_insert AFTER INSERT ON payment_events
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('payment_events', NEW.id, 'insert');
END;

CREATE TRIGGER payment_events_record_update AFTER UPDATE ON payment_events
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('payment_events', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'payment_events', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER payment_events_record_delete AFTER DELETE ON payment_events
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('payment_events', OLD.id, 'delete');
END;

-- Counts and no rates: a rate of nothing is not nought.
CREATE TABLE daily_metrics (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    day TEXT NOT NULL,
    users_total INTEGER NOT NULL,
    posts_total INTEGER NOT NULL,
    comments_total INTEGER NOT NULL,
    signups INTEGER NOT NULL,
    new_posts INTEGER NOT NULL,
    new_comments INTEGER NOT NULL,
    daily_active INTEGER NOT NULL,
    monthly_active INTEGER NOT NULL,
    -- Accounts made in the 30 days up to this one, and those of them that had paid by its end.
    recent_signups INTEGER NOT NULL,
    recent_paid INTEGER NOT NULL,
    -- Accounts made 37 to 66 days before, and those of them that were here in the last seven days.
    retention_cohort INTEGER NOT NULL,
    retention_kept INTEGER NOT NULL,
    computed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT daily_metrics_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT daily_metrics_day_is_a_day CHECK (day IS strftime('%Y-%m-%d', day)),
    CONSTRAINT daily_metrics_computed_at_is_utc CHECK (computed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', computed_at))
) STRICT;
CREATE UNIQUE INDEX daily_metrics_day_key ON daily_metrics (day);

CREATE TRIGGER daily_metrics_audit_deletion AFTER DELETE ON daily_metrics
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'daily_metrics', OLD.id, NULL);
END;

CREATE TRIGGER daily_metrics_record_insert AFTER INSERT ON daily_metrics
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_metrics', NEW.id, 'insert');
END;

CREATE TRIGGER daily_metrics_record_update AFTER UPDATE ON daily_metrics
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_metrics', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'daily_metrics', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER daily_metrics_record_delete AFTER DELETE ON daily_metrics
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_metrics', OLD.id, 'delete');
END;

-- Requests of a day by how long they took: those that took at most so many milliseconds, and more than the row before.
CREATE TABLE daily_traffic (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    day TEXT NOT NULL,
    up_to_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    CONSTRAINT daily_traffic_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT daily_traffic_up_to_ms_is_positive CHECK (up_to_ms > 0),
    CONSTRAINT daily_traffic_day_is_a_day CHECK (day IS strftime('%Y-%m-%d', day))
) STRICT;
CREATE UNIQUE INDEX daily_traffic_day_up_to_ms_key ON daily_traffic (day, up_to_ms);

CREATE TRIGGER daily_traffic_audit_deletion AFTER DELETE ON daily_traffic
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'daily_traffic', OLD.id, NULL);
END;

CREATE TRIGGER daily_traffic_record_insert AFTER INSERT ON daily_traffic
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_traffic', NEW.id, 'insert');
END;

CREATE TRIGGER daily_traffic_record_update AFTER UPDATE ON daily_traffic
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_traffic', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'daily_traffic', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER daily_traffic_record_delete AFTER DELETE ON daily_traffic
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('daily_traffic', OLD.id, 'delete');
END;

-- Claimed by whoever makes it; complete when it is stored and its subscribers are told.
CREATE TABLE reports (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    day TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    completed_at TEXT,
    storage_key TEXT,
    bytes INTEGER,
    CONSTRAINT reports_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT reports_day_is_a_day CHECK (day IS strftime('%Y-%m-%d', day)),
    CONSTRAINT reports_claimed_at_is_utc CHECK (claimed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', claimed_at)),
    CONSTRAINT reports_completed_at_is_utc CHECK (completed_at IS strftime('%Y-%m-%dT%H:%M:%fZ', completed_at))
) STRICT;
CREATE UNIQUE INDEX reports_day_key ON reports (day);

CREATE TRIGGER reports_audit_deletion AFTER DELETE ON reports
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'reports', OLD.id, NULL);
END;

CREATE TRIGGER reports_record_insert AFTER INSERT ON reports
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('reports', NEW.id, 'insert');
END;

CREATE TRIGGER reports_record_update AFTER UPDATE ON reports
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('reports', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'reports', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER reports_record_delete AFTER DELETE ON reports
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('reports', OLD.id, 'delete');
END;

CREATE TABLE report_subscriptions (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (
        lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2)))
        || '-4' || substr(lower(hex(randomblob(2))), 2)
        || '-' || substr('89ab', 1 + (random() & 3), 1) || substr(lower(hex(randomblob(2))), 2)
        || '-' || lower(hex(randomblob(6)))
    ),
    user_id TEXT NOT NULL,
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    CONSTRAINT report_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT report_subscriptions_id_is_uuid CHECK (length(id) = 36 AND id NOT GLOB '*[^0-9a-f-]*'),
    CONSTRAINT report_subscriptions_created_at_is_utc CHECK (created_at IS strftime('%Y-%m-%dT%H:%M:%fZ', created_at))
) STRICT;
CREATE UNIQUE INDEX report_subscriptions_user_id_key ON report_subscriptions (user_id);

CREATE TRIGGER report_subscriptions_audit_deletion AFTER DELETE ON report_subscriptions
BEGIN
    INSERT INTO audit_log (action, entity, entity_id, detail) VALUES ('deleted', 'report_subscriptions', OLD.id, json_object('user_id', OLD.user_id));
END;

CREATE TRIGGER report_subscriptions_record_insert AFTER INSERT ON report_subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('report_subscriptions', NEW.id, 'insert');
END;

CREATE TRIGGER report_subscriptions_record_update AFTER UPDATE ON report_subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('report_subscriptions', OLD.id, 'update');
    -- A changed key is a second row that differs.
    INSERT INTO row_changes (table_name, row_key, operation) SELECT 'report_subscriptions', NEW.id, 'update' WHERE NEW.id <> OLD.id;
END;

CREATE TRIGGER report_subscriptions_record_delete AFTER DELETE ON report_subscriptions
BEGIN
    INSERT INTO row_changes (table_name, row_key, operation) VALUES ('report_subscriptions', OLD.id, 'delete');
END;
