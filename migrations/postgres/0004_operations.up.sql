-- phase: expand
-- What operating the platform needs to know about a database: which one it is, which application it still supports, how
-- recent it is, and who deleted what.

-- Written by opsctl only. No row: nobody has said yet what this database is, and the application refuses it.
CREATE TABLE database_identity (
    id integer PRIMARY KEY DEFAULT 1,
    instance_id uuid NOT NULL,
    lineage_id uuid NOT NULL,
    role text NOT NULL,
    effects text NOT NULL DEFAULT 'flowing',
    sessions_valid_after timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT database_identity_single_row CHECK (id = 1),
    CONSTRAINT database_identity_role_known CHECK (role IN ('primary', 'scratch', 'superseded')),
    CONSTRAINT database_identity_effects_known CHECK (effects IN ('flowing', 'held'))
);

-- Raised by a contract migration: an application built for an older schema would break on this one.
CREATE TABLE schema_support (
    id integer PRIMARY KEY DEFAULT 1,
    oldest_supported_app_schema bigint NOT NULL DEFAULT 1,
    CONSTRAINT schema_support_single_row CHECK (id = 1)
);
INSERT INTO schema_support DEFAULT VALUES;

-- The newest one that survives in a copy says how much the copy lost.
CREATE TABLE heartbeat (
    id integer PRIMARY KEY DEFAULT 1,
    beat_at timestamptz NOT NULL,
    writer text NOT NULL,
    CONSTRAINT heartbeat_single_row CHECK (id = 1)
);

CREATE TABLE audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    occurred_at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    entity text NOT NULL,
    entity_id text NOT NULL,
    actor_id uuid,
    request_id text,
    detail jsonb
);
CREATE INDEX audit_log_occurred_at_idx ON audit_log (occurred_at);
CREATE INDEX audit_log_entity_idx ON audit_log (entity, entity_id);

-- The row's owner and parent are kept, its text is not: a deletion must be traceable and still delete.
CREATE FUNCTION audit_deletion() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog
AS $$
DECLARE
    gone jsonb := to_jsonb(OLD);
BEGIN
    INSERT INTO public.audit_log (action, entity, entity_id, actor_id, request_id, detail)
    VALUES (
        'deleted',
        TG_TABLE_NAME,
        OLD.id::text,
        nullif(current_setting('app.actor_id', true), '')::uuid,
        nullif(current_setting('app.request_id', true), ''),
        nullif(
            jsonb_strip_nulls(jsonb_build_object('user_id', gone -> 'user_id', 'post_id', gone -> 'post_id')),
            '{}'::jsonb
        )
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER users_audit_deletion AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION audit_deletion();
CREATE TRIGGER posts_audit_deletion AFTER DELETE ON posts FOR EACH ROW EXECUTE FUNCTION audit_deletion();
CREATE TRIGGER comments_audit_deletion AFTER DELETE ON comments FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT, UPDATE ON heartbeat TO app_readwrite;
-- An audit log that its writer can edit proves nothing.
GRANT INSERT ON audit_log TO app_readwrite;
