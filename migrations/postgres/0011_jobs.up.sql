-- phase: expand
-- What is done by the clock and not by a request: one row a kind and due time, whoever schedules it. Nobody who schedules is
-- the only one, and the key makes that harmless.

-- due_at is when it may be tried next, and while somebody works on it, when that one is given up unless it says that it is still
-- there; lease_id tells the one who holds it from the one who held it before.
CREATE TABLE jobs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    scheduled_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    lease_id uuid,
    last_error text,
    ended_at timestamptz,
    CONSTRAINT jobs_state_known CHECK (state IN ('pending', 'done', 'dead'))
);
CREATE UNIQUE INDEX jobs_kind_scheduled_at_key ON jobs (kind, scheduled_at);
CREATE INDEX jobs_due_idx ON jobs (kind, due_at) WHERE state = 'pending';
CREATE INDEX jobs_scheduled_at_idx ON jobs (scheduled_at, id);
CREATE TRIGGER jobs_audit_deletion AFTER DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT, UPDATE, DELETE ON jobs TO app_readwrite;
