DROP TRIGGER comments_audit_deletion ON comments;
DROP TRIGGER posts_audit_deletion ON posts;
DROP TRIGGER users_audit_deletion ON users;
DROP FUNCTION audit_deletion();
DROP TABLE audit_log;
DROP TABLE heartbeat;
DROP TABLE schema_support;
DROP TABLE database_identity;
