-- phase: expand
-- Log-ins that last: a session is one log-in, and a refresh token of it is good for one use.

-- Every access token names its session, so that ending it ends them all.
CREATE TABLE sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
CREATE TRIGGER sessions_audit_deletion AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- A used token stays: seeing it again is how a theft is noticed. Only its hash is kept.
CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    session_id uuid NOT NULL,
    token_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX refresh_tokens_token_hash_key ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);
CREATE TRIGGER refresh_tokens_audit_deletion AFTER DELETE ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION audit_deletion();

GRANT INSERT, UPDATE, DELETE ON sessions, refresh_tokens TO app_readwrite;
