//! Every object with its definition as PostgreSQL spells it, and the sequences.

use opsctl_core::Result;
use opsctl_core::ports::Structure;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::catalogue::rows;
use super::text::quoted;
use crate::connect::trouble;

/// Each yields the name of an object with its kind, and its definition. `$SCOPE` is the rule that leaves
/// out PostgreSQL's own schemas, `$NAME(x)` a name that is shown with its schema unless that is `public`.
const QUERIES: &[&str] = &[
    "SELECT 'schema ' || n.nspname, 'owner ' || pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE $SCOPE",
    // Tables, views, sequences: what stands in pg_class.
    "SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialised view ' WHEN 'S' THEN 'sequence ' \
     WHEN 'f' THEN 'foreign table ' WHEN 'c' THEN 'composite type ' ELSE 'table ' END || $NAME(c.relname), \
     concat_ws(' ', 'kind', c.relkind, 'persistence', c.relpersistence, 'owner', pg_get_userbyid(c.relowner), \
     array_to_string(c.reloptions, ','), CASE WHEN c.relrowsecurity THEN 'row security' END, \
     CASE WHEN c.relforcerowsecurity THEN 'forced' END, 'identity', c.relreplident, \
     pg_get_expr(c.relpartbound, c.oid), \
     (SELECT 'partition by ' || pg_get_partkeydef(c.oid) WHERE c.relkind = 'p'), \
     (SELECT string_agg('inherits ' || i.inhparent::regclass::text, ' ' ORDER BY i.inhseqno) \
         FROM pg_inherits i WHERE i.inhrelid = c.oid), \
     CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND c.relpersistence <> 't' AND $SCOPE",
    "SELECT 'column ' || $NAME(c.relname) || '.' || a.attname, \
     concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END, \
     (SELECT 'COLLATE ' || l.collname FROM pg_collation l WHERE l.oid = a.attcollation AND l.collname <> 'default'), \
     (SELECT CASE WHEN a.attgenerated <> '' THEN 'GENERATED ' ELSE 'DEFAULT ' END || pg_get_expr(d.adbin, d.adrelid) \
         FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum), \
     CASE a.attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY' END, 'storage', a.attstorage) \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c') \
     AND c.relpersistence <> 't' AND $SCOPE",
    "SELECT 'index ' || $NAME(x.relname), concat_ws(' ', pg_get_indexdef(x.oid), \
     CASE WHEN NOT i.indisvalid THEN 'INVALID' END, CASE WHEN NOT i.indisready THEN 'NOT READY' END, \
     CASE WHEN i.indisprimary THEN 'PRIMARY' END, CASE WHEN i.indisreplident THEN 'IDENTITY' END, \
     CASE WHEN i.indisclustered THEN 'CLUSTERED' END) \
     FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid \
     JOIN pg_namespace n ON n.oid = x.relnamespace WHERE c.relpersistence <> 't' AND $SCOPE",
    "SELECT 'constraint ' || o.conname || ' of ' || coalesce($NAME(c.relname), t.typname), \
     concat_ws(' ', pg_get_constraintdef(o.oid), CASE WHEN NOT o.convalidated THEN 'NOT VALIDATED' END) \
     FROM pg_constraint o LEFT JOIN pg_class c ON c.oid = o.conrelid LEFT JOIN pg_type t ON t.oid = o.contypid \
     JOIN pg_namespace n ON n.oid = o.connamespace WHERE o.contype <> 't' AND $SCOPE",
    "SELECT 'trigger ' || g.tgname || ' of ' || $NAME(c.relname), \
     concat_ws(' ', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled) \
     FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE (NOT g.tgisinternal OR g.tgenabled <> 'O') AND $SCOPE",
    "SELECT 'rule ' || r.rulename || ' of ' || $NAME(c.relname), concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled) \
     FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE r.rulename <> '_RETURN' AND $SCOPE",
    "SELECT 'policy ' || p.polname || ' of ' || $NAME(c.relname), concat_ws(' ', p.polcmd, p.polpermissive, \
     (SELECT string_agg(pg_get_userbyid(u), ',' ORDER BY pg_get_userbyid(u)) FROM unnest(p.polroles) u), \
     pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)) \
     FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE $SCOPE",
    "SELECT 'sequence options ' || $NAME(c.relname), concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, \
     'by', s.seqincrement, 'from', s.seqmin, 'to', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END) \
     FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relpersistence <> 't' AND $SCOPE",
    // What extensions bring is theirs; they are compared by version.
    "SELECT 'function ' || $NAME(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')', \
     concat_ws(' ', 'owner', pg_get_userbyid(p.proowner), \
     CASE WHEN p.prokind = 'a' THEN format_type(p.prorettype, NULL) ELSE pg_get_functiondef(p.oid) END) \
     FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE $SCOPE \
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')",
    "SELECT 'type ' || $NAME(t.typname), concat_ws(' ', t.typtype, \
     (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), \
     CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END, \
     CASE WHEN t.typnotnull THEN 'NOT NULL' END, t.typdefault, \
     (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid)) \
     FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') AND $SCOPE \
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')",
    "SELECT 'statistics ' || $NAME(s.stxname), pg_get_statisticsobjdef(s.oid) \
     FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE $SCOPE",
    "SELECT 'event trigger ' || e.evtname, concat_ws(' ', e.evtevent, e.evtfoid::regproc, e.evtenabled, e.evttags::text) \
     FROM pg_event_trigger e",
    "SELECT 'publication ' || p.pubname, (to_jsonb(p) - 'oid' - 'pubowner')::text FROM pg_publication p",
];

/// Every object of the database.
pub(super) async fn read(session: &mut PgConnection) -> Result<Structure> {
    gather(session, QUERIES.iter().copied(), super::catalogue::OURS).await
}

/// Every object of the schema `public`.
pub(super) async fn read_public(session: &mut PgConnection) -> Result<Structure> {
    let of_schemas = QUERIES
        .iter()
        .copied()
        .filter(|query| query.contains("$SCOPE"));
    gather(session, of_schemas, "n.nspname = 'public'").await
}

async fn gather(
    session: &mut PgConnection,
    queries: impl Iterator<Item = &'static str>,
    scope: &str,
) -> Result<Structure> {
    let mut structure = Structure::new();
    for query in queries {
        for row in rows(session, written_out(query, scope), "read the structure").await? {
            let definition: Option<String> = row.get(1);
            structure.insert(row.get(0), definition.unwrap_or_default());
        }
    }
    Ok(structure)
}

fn written_out(query: &str, scope: &str) -> String {
    let mut text = query.replace("$SCOPE", scope);
    while let Some(begin) = text.find("$NAME(") {
        let end = text[begin..]
            .find(')')
            .map_or(text.len(), |end| begin + end);
        let name = text[begin + "$NAME(".len()..end].to_owned();
        let shown =
            format!("(CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || {name})");
        text.replace_range(begin..=end, &shown);
    }
    text
}

/// Sequences that would hand out a value that the column they feed already holds.
pub(super) async fn sequences_behind(session: &mut PgConnection) -> Result<Vec<String>> {
    let sql = "SELECT sn.nspname::text, s.relname::text, tn.nspname::text, c.relname::text, a.attname::text, q.seqincrement \
               FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' \
               JOIN pg_namespace sn ON sn.oid = s.relnamespace JOIN pg_sequence q ON q.seqrelid = s.oid \
               JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = c.relnamespace \
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid \
               WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass \
               AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 AND s.relpersistence <> 't' \
               AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) ORDER BY 1, 2";
    let mut behind = Vec::new();
    for row in rows(session, sql.into(), "list the sequences").await? {
        let (schema, name): (String, String) = (row.get(0), row.get(1));
        let (of, table, column): (String, String, String) = (row.get(2), row.get(3), row.get(4));
        let (worst, ahead) = if row.get::<i64, _>(5) > 0 {
            ("max", "<")
        } else {
            ("min", ">")
        };
        let sql = format!(
            "SELECT s.last_value, m.value FROM {}.{} s, \
             (SELECT {worst}({}::int8) AS value FROM {}.{}) m \
             WHERE s.last_value {ahead} m.value OR (s.last_value = m.value AND NOT s.is_called)",
            quoted(&schema),
            quoted(&name),
            quoted(&column),
            quoted(&of),
            quoted(&table)
        );
        let found = sqlx::query(AssertSqlSafe(sql))
            .fetch_optional(&mut *session)
            .await
            .map_err(trouble("read a sequence"))?;
        if let Some(found) = found {
            let (stands, there): (i64, i64) = (found.get(0), found.get(1));
            behind.push(format!(
                "sequence {name} is behind: it stands at {stands}, and {table}.{column} already holds {there}"
            ));
        }
    }
    Ok(behind)
}
