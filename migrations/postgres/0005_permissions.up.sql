-- phase: expand
-- What somebody may do beyond their own things, and the answers that a client may ask for a second time.

-- Given by whoever operates the database and never by the application: what has to obey a permission must not grant it.
CREATE TABLE user_permissions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    permission text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_permissions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT user_permissions_permission_known CHECK (permission IN ('admin', 'view_users', 'manage_users', 'moderate'))
);
CREATE UNIQUE INDEX user_permissions_user_id_permission_key ON user_permissions (user_id, permission);
CREATE TRIGGER user_permissions_audit_deletion AFTER DELETE ON user_permissions FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- Written in the transaction of the effect it stands for: both happened, or neither.
CREATE TABLE idempotency_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    key varchar(255) NOT NULL,
    request_hash text NOT NULL,
    status integer NOT NULL DEFAULT 0,
    location text,
    body text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX idempotency_keys_user_id_key_key ON idempotency_keys (user_id, key);
CREATE TRIGGER idempotency_keys_audit_deletion AFTER DELETE ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT, UPDATE, DELETE ON idempotency_keys TO app_readwrite;
