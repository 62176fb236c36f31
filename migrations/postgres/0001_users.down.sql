DROP TABLE users;
DROP FUNCTION maintain_updated_at();
