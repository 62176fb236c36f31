//! Everything beside the data that decides how the database behaves.

use opsctl_core::Result;
use opsctl_core::ports::Settings;
use sqlx::{PgConnection, Row};

use super::catalogue::{OURS, rows};

/// What this very session set for itself is left out: of settings that the driver sends along, the server's own value is read from
/// its files.
const BY_FILES: &str = "SELECT 'setting ' || s.name, CASE WHEN s.source IN ('client', 'session') THEN coalesce( \
         (SELECT f.setting FROM pg_file_settings f WHERE lower(f.name) = lower(s.name) AND f.error IS NULL \
          ORDER BY f.seqno DESC LIMIT 1), s.boot_val) ELSE s.reset_val END \
     FROM pg_settings s WHERE s.name NOT LIKE '%.%' AND s.name NOT IN ('application_name', \
     'transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'client_encoding')";

/// The same where a managed service shows its files to nobody. What `SET` changed is what `RESET` would go back to; of what the driver
/// sends along the server's own value can't be told, and both sides have the driver's.
const WITHOUT_FILES: &str = "SELECT 'setting ' || s.name, s.reset_val FROM pg_settings s \
     WHERE s.name NOT LIKE '%.%' AND s.name NOT IN ('application_name', \
     'transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'client_encoding')";

const SEES_FILES: &str = "SELECT has_function_privilege('pg_show_all_file_settings()', 'EXECUTE') \
     AND has_table_privilege('pg_file_settings', 'SELECT')";

/// Each yields a name and a value.
const QUERIES: &[&str] = &[
    "SELECT 'extension ' || e.extname, concat_ws(' ', e.extversion, 'in', n.nspname) \
     FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace",
    "SELECT 'role ' || r.rolname, concat_ws(' ', CASE WHEN r.rolsuper THEN 'SUPERUSER' END, \
     CASE WHEN r.rolinherit THEN 'INHERIT' END, CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, \
     CASE WHEN r.rolcreatedb THEN 'CREATEDB' END, CASE WHEN r.rolcanlogin THEN 'LOGIN' END, \
     CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END, \
     'limit', r.rolconnlimit, r.rolvaliduntil, \
     (SELECT string_agg('member of ' || pg_get_userbyid(m.roleid) || CASE WHEN m.admin_option THEN ' (admin)' \
         ELSE '' END, ', ' ORDER BY pg_get_userbyid(m.roleid)) FROM pg_auth_members m WHERE m.member = r.oid)) \
     FROM pg_roles r WHERE r.rolname !~ '^pg_'",
    "SELECT 'settings of ' || coalesce(d.datname, 'every database') || ' for ' || \
     coalesce(pg_get_userbyid(nullif(s.setrole, 0)), 'everybody'), \
     (SELECT string_agg(c, ', ' ORDER BY c) FROM unnest(s.setconfig) c) \
     FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase",
    // The version that a collation had when its indexes were built, and the one that sorts now.
    "SELECT 'database', concat_ws(' ', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, \
     to_jsonb(d) ->> 'datlocprovider', to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale', \
     'version', to_jsonb(d) ->> 'datcollversion', 'owner', pg_get_userbyid(d.datdba), \
     'limit', d.datconnlimit, 'access', d.datacl::text) \
     FROM pg_database d WHERE d.datname = current_database()",
    "SELECT 'collation ' || n.nspname || '.' || c.collname, concat_ws(' ', c.collprovider, c.collcollate, \
     c.collversion, 'sorts as', pg_collation_actual_version(c.oid)) \
     FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace \
     WHERE EXISTS (SELECT FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid \
         JOIN pg_namespace tn ON tn.oid = t.relnamespace WHERE a.attcollation = c.oid AND tn.nspname !~ '^pg_' \
         AND tn.nspname <> 'information_schema')",
    "SELECT 'default collation sorts as', coalesce((SELECT pg_collation_actual_version(c.oid) \
     FROM pg_collation c WHERE c.collname = 'default'), '')",
    "SELECT 'access to ' || n.nspname || '.' || c.relname, c.relacl::text \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relacl IS NOT NULL AND $SCOPE",
    "SELECT 'access to column ' || n.nspname || '.' || c.relname || '.' || a.attname, a.attacl::text \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE a.attacl IS NOT NULL AND $SCOPE",
    "SELECT 'access to schema ' || n.nspname, n.nspacl::text FROM pg_namespace n WHERE $SCOPE",
    "SELECT 'access to function ' || p.oid::regprocedure::text, p.proacl::text \
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proacl IS NOT NULL AND $SCOPE",
    "SELECT 'default access by ' || pg_get_userbyid(d.defaclrole) || ' to ' || d.defaclobjtype::text || ' in ' || \
     coalesce(n.nspname, 'every schema'), d.defaclacl::text \
     FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace",
];

/// Settings, extensions, roles, grants, collations.
pub(super) async fn read(session: &mut PgConnection) -> Result<Settings> {
    let mut settings = Settings::new();
    let seen = rows(session, SEES_FILES.into(), "read the settings").await?;
    let sees_files = seen.first().is_some_and(|row| row.get(0));
    let first = match sees_files {
        true => BY_FILES,
        false => WITHOUT_FILES,
    };
    for query in [first].iter().chain(QUERIES) {
        for row in rows(session, query.replace("$SCOPE", OURS), "read the settings").await? {
            let value: Option<String> = row.get(1);
            settings.insert(row.get(0), value.unwrap_or_default());
        }
    }
    Ok(settings)
}
