-- phase: expand
-- Events on their way to whoever acts on them. A change and its event are written in one transaction, so neither is ever there
-- without the other.

-- What happened, until everybody who acts on it has been told. Keys and words, and nothing that a person would want to be forgotten.
CREATE TABLE outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    entity_id uuid NOT NULL,
    actor_id uuid,
    request_id text,
    detail jsonb,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished_idx ON outbox (occurred_at, id) WHERE published_at IS NULL;
CREATE INDEX outbox_published_at_idx ON outbox (published_at);
CREATE TRIGGER outbox_audit_deletion AFTER DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- One row an event and subscriber: who has acted on what. due_at is when it may be tried next, and while somebody tries, when
-- that one is given up; lease_id tells the one who holds it from the one who held it before.
CREATE TABLE deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id uuid NOT NULL,
    subscriber text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    lease_id uuid,
    last_error text,
    ended_at timestamptz,
    CONSTRAINT deliveries_event_id_fkey FOREIGN KEY (event_id) REFERENCES outbox (id) ON DELETE CASCADE,
    CONSTRAINT deliveries_state_known CHECK (state IN ('pending', 'done', 'dead', 'discarded'))
);
CREATE UNIQUE INDEX deliveries_event_id_subscriber_key ON deliveries (event_id, subscriber);
CREATE INDEX deliveries_due_idx ON deliveries (subscriber, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_dead_idx ON deliveries (ended_at, id) WHERE state = 'dead';
CREATE INDEX deliveries_lease_id_idx ON deliveries (lease_id) WHERE state = 'pending';
CREATE TRIGGER deliveries_audit_deletion AFTER DELETE ON deliveries FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT, UPDATE, DELETE ON outbox TO app_readwrite;
GRANT INSERT, UPDATE, DELETE ON deliveries TO app_readwrite;
