DROP TABLE idempotency_keys;
DROP TABLE user_permissions;
