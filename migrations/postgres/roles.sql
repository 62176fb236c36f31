-- Who may do what in a database of this platform. Not a migration: an administrator runs it in the database, before the
-- first migration and as often as wished after. It sets no password; whoever creates the database does that.
--
--   app_owner      owns the schema and every table; nobody logs in as it, migrations do `SET ROLE app_owner`
--   app_readwrite  rows and nothing else: reading everywhere by default, writing where a migration grants it
--   app_login      the application's logins, members of app_readwrite. One serves, the other is the next one: a rotation
--   app_login_b    gives the idle one a password and moves the application over; the one in use is never changed
--
-- Roles belong to the whole cluster, so another database of it may be running this at the same moment: each step first looks
-- whether it is needed and takes "already there" for an answer.

DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES ('app_owner', 'NOLOGIN'), ('app_readwrite', 'NOLOGIN'), ('app_login', 'LOGIN'),
            ('app_login_b', 'LOGIN')) AS w (name, login)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted.name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted.name, wanted.login);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
            END;
        END IF;
    END LOOP;

    FOR wanted IN SELECT * FROM (VALUES ('app_login'), ('app_login_b')) AS w (name)
    LOOP
        IF NOT pg_catalog.pg_has_role(wanted.name, 'app_readwrite', 'MEMBER') THEN
            BEGIN
                EXECUTE format('GRANT app_readwrite TO %I', wanted.name);
            EXCEPTION WHEN unique_violation THEN
                NULL;
            END;
        END IF;
        -- Whatever one of them should ever be let to make belongs to both.
        IF NOT EXISTS (
            SELECT FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
            WHERE s.setdatabase = 0 AND r.rolname = wanted.name AND 'role=app_readwrite' = ANY (s.setconfig)
        ) THEN
            BEGIN
                EXECUTE format('ALTER ROLE %I SET role = %L', wanted.name, 'app_readwrite');
            EXCEPTION WHEN unique_violation OR internal_error THEN
                NULL;
            END;
        END IF;
    END LOOP;

    -- A managed service's administrator is no superuser and may not act as the owner until it has been allowed to; being
    -- the one who created the owner is not enough from PostgreSQL 16 on.
    BEGIN
        SET LOCAL ROLE app_owner;
        RESET ROLE;
    EXCEPTION WHEN insufficient_privilege THEN
        EXECUTE format('GRANT app_owner TO %I', current_user);
    END;

    -- Before PostgreSQL 15 everybody could create tables in `public`; temporary tables are open to everybody still.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO app_readwrite', current_database());
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO app_owner', current_database());
END
$$;

ALTER SCHEMA public OWNER TO app_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_readwrite;

-- Reading is the default, the runner's own `_sqlx_migrations` included; writing is granted table by table in the migrations.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA public GRANT SELECT ON TABLES TO app_readwrite;
-- A function is executable by everybody unless somebody says otherwise.
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
