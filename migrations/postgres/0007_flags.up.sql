-- phase: expand
-- Feature flags: what is open, and to which share of the users. Who changed one stands in audit_log as well.

CREATE TABLE feature_flags (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    enabled boolean NOT NULL DEFAULT FALSE,
    share integer NOT NULL DEFAULT 100,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- No reference: who changed a flag stays known when the account is gone.
    updated_by uuid,
    CONSTRAINT feature_flags_name_form CHECK (name ~ '^FEATURE_[A-Z0-9_]{1,50}$'),
    CONSTRAINT feature_flags_share_is_percent CHECK (share BETWEEN 0 AND 100)
);
CREATE UNIQUE INDEX feature_flags_name_key ON feature_flags (name);
CREATE TRIGGER feature_flags_audit_deletion AFTER DELETE ON feature_flags FOR EACH ROW EXECUTE FUNCTION audit_deletion();

-- A flag is switched off, not deleted.
GRANT INSERT, UPDATE ON feature_flags TO app_readwrite;
