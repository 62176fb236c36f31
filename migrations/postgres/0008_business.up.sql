-- phase: expand
-- What the business is told by: who was here, who pays, the figures of each day, and the reports made of them. Beside users,
-- which keeps the columns that it has.

-- At most one row a user and day.
CREATE TABLE user_activity (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    day date NOT NULL,
    CONSTRAINT user_activity_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX user_activity_user_id_day_key ON user_activity (user_id, day);
CREATE INDEX user_activity_day_idx ON user_activity (day);
CREATE TRIGGER user_activity_audit_deletion AFTER DELETE ON user_activity FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- An account with a row here has paid. The provider's own number, and never more of what the provider knows.
CREATE TABLE subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    provider_id text NOT NULL,
    paid_at timestamptz NOT NULL,
    CONSTRAINT subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT subscriptions_provider_id_length CHECK (length(provider_id) BETWEEN 1 AND 255)
);
CREATE UNIQUE INDEX subscriptions_provider_id_key ON subscriptions (provider_id);
CREATE INDEX subscriptions_user_id_idx ON subscriptions (user_id);
CREATE TRIGGER subscriptions_audit_deletion AFTER DELETE ON subscriptions FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- What the payment provider told, each event once however often it is told.
CREATE TABLE payment_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id text NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT payment_events_event_id_length CHECK (length(event_id) BETWEEN 1 AND 255),
    CONSTRAINT payment_events_kind_length CHECK (length(kind) BETWEEN 1 AND 255),
    CONSTRAINT payment_events_outcome_known CHECK (outcome IN ('applied', 'ignored', 'no_such_user'))
);
CREATE UNIQUE INDEX payment_events_event_id_key ON payment_events (event_id);
CREATE TRIGGER payment_events_audit_deletion AFTER DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- Counts and no rates: a rate of nothing is not nought.
CREATE TABLE daily_metrics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    day date NOT NULL,
    users_total bigint NOT NULL,
    posts_total bigint NOT NULL,
    comments_total bigint NOT NULL,
    signups bigint NOT NULL,
    new_posts bigint NOT NULL,
    new_comments bigint NOT NULL,
    daily_active bigint NOT NULL,
    monthly_active bigint NOT NULL,
    -- Accounts made in the 30 days up to this one, and those of them that had paid by its end.
    recent_signups bigint NOT NULL,
    recent_paid bigint NOT NULL,
    -- Accounts made 37 to 66 days before, and those of them that were here in the last seven days.
    retention_cohort bigint NOT NULL,
    retention_kept bigint NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX daily_metrics_day_key ON daily_metrics (day);
CREATE TRIGGER daily_metrics_audit_deletion AFTER DELETE ON daily_metrics FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- Requests of a day by how long they took: those that took at most so many milliseconds, and more than the row before.
CREATE TABLE daily_traffic (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    day date NOT NULL,
    up_to_ms integer NOT NULL,
    requests bigint NOT NULL,
    failures bigint NOT NULL,
    CONSTRAINT daily_traffic_up_to_ms_is_positive CHECK (up_to_ms > 0)
);
CREATE UNIQUE INDEX daily_traffic_day_up_to_ms_key ON daily_traffic (day, up_to_ms);
CREATE TRIGGER daily_traffic_audit_deletion AFTER DELETE ON daily_traffic FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- Claimed by whoever makes it; complete when it is stored and its subscribers are told.
CREATE TABLE reports (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    day date NOT NULL,
    claimed_at timestamptz NOT NULL,
    completed_at timestamptz,
    storage_key text,
    bytes bigint
);
CREATE UNIQUE INDEX reports_day_key ON reports (day);
CREATE TRIGGER reports_audit_deletion AFTER DELETE ON reports FOR EACH ROW EXECUTE FUNCTION audit_deletion();

CREATE TABLE report_subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT report_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX report_subscriptions_user_id_key ON report_subscriptions (user_id);
CREATE TRIGGER report_subscriptions_audit_deletion AFTER DELETE ON report_subscriptions FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT ON user_activity, subscriptions, payment_events TO app_readwrite;
GRANT INSERT, UPDATE ON daily_metrics, daily_traffic, reports TO app_readwrite;
GRANT INSERT, DELETE ON report_subscriptions TO app_readwrite;
