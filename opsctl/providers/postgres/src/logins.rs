//! The two logins of the application: alike but for their passwords, and only one of them in use.
//!
//! Never touches the one in use, and never sends a password: the server gets a verifier.

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Location, LoginSession, LoginTrial, Logins};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, PgPool};
use time::OffsetDateTime;

use crate::cluster::{APP_LOGIN, APP_LOGIN_B, set_password};
use crate::connect::{self, trouble};
use crate::provision::ROLES;

/// How long a log-in may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What keeps the two from being alike.
const LACKING: &str = "SELECT w.name || CASE WHEN r.rolname IS NULL THEN ' is not there' \
         WHEN NOT r.rolcanlogin THEN ' may not log in' \
         WHEN NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid \
             AND pg_get_userbyid(m.roleid) = 'app_readwrite') THEN ' is no member of app_readwrite' \
         ELSE ' does not act as app_readwrite' END \
     FROM unnest($1::text[]) w (name) LEFT JOIN pg_roles r ON r.rolname = w.name \
     WHERE r.rolname IS NULL OR NOT r.rolcanlogin \
         OR NOT EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid \
             AND pg_get_userbyid(m.roleid) = 'app_readwrite') \
         OR NOT EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setrole = r.oid \
             AND 'role=app_readwrite' = ANY (s.setconfig)) ORDER BY w.name";

/// What the other login of the pair may and this one may not.
const LACKS: &str = "SELECT p.name || ' on ' || c.oid::regclass \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, \
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p (name) \
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
         AND EXISTS (SELECT FROM pg_roles WHERE rolname = $1::name) \
         AND CASE p.name WHEN 'DELETE' THEN has_table_privilege($1::name, c.oid, p.name) \
             AND NOT has_table_privilege($2::name, c.oid, p.name) \
         ELSE has_any_column_privilege($1::name, c.oid, p.name) \
             AND NOT has_any_column_privilege($2::name, c.oid, p.name) END ORDER BY 1";

const SESSIONS: &str = "SELECT pid, usename::text, application_name, host(client_addr), backend_start \
     FROM pg_stat_activity WHERE usename = $1 AND backend_type = 'client backend' \
         AND application_name NOT LIKE 'opsctl%' ORDER BY backend_start, pid";

/// The logins of one environment's database.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresLogins;

#[async_trait]
impl Logins for PostgresLogins {
    fn pair(&self) -> [String; 2] {
        [APP_LOGIN, APP_LOGIN_B].map(ToOwned::to_owned)
    }

    async fn lacking(&self, administrator: &Location) -> Result<Vec<String>> {
        let pool = connect::pool(administrator, "opsctl").await?;
        let lacking = sqlx::query_scalar(LACKING)
            .bind(self.pair().to_vec())
            .fetch_all(&pool)
            .await
            .map_err(trouble("can't look for the logins of the application"));
        pool.close().await;
        lacking
    }

    async fn prepare(&self, permit: &Permit<'_>, administrator: &Location) -> Result<()> {
        let pool = changing(permit, administrator).await?;
        let made = sqlx::raw_sql(ROLES).execute(&pool).await;
        pool.close().await;
        made.map(drop)
            .map_err(trouble("can't make the logins of the application"))
    }

    async fn sessions(&self, administrator: &Location, login: &str) -> Result<Vec<LoginSession>> {
        let pool = connect::pool(administrator, "opsctl").await?;
        let rows: std::result::Result<Vec<SessionRow>, _> =
            sqlx::query_as(SESSIONS).bind(login).fetch_all(&pool).await;
        pool.close().await;
        let rows = rows.map_err(trouble("can't look for the sessions of a login"))?;
        Ok(rows.into_iter().map(session).collect())
    }

    async fn set_password(
        &self,
        permit: &Permit<'_>,
        administrator: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<()> {
        let pool = changing(permit, administrator).await?;
        let mut connection = pool
            .acquire()
            .await
            .map_err(trouble("can't change the password of a login"))?;
        permit.check()?;
        let set = set_password(&mut connection, login, password).await;
        drop(connection);
        pool.close().await;
        set
    }

    async fn try_login(
        &self,
        application: &Location,
        login: &str,
        password: &Secret<String>,
    ) -> Result<LoginTrial> {
        let options = PgConnectOptions::from_str(&application.url)
            .map_err(|error| Failure::usage("the database's address is malformed").because(error))?
            .application_name("opsctl/log-in")
            .username(login)
            .password(password.expose());
        let late = || {
            Failure::failed(format!(
                "no log-in as {login} within {} s",
                PATIENCE.as_secs()
            ))
        };
        let connecting = PgConnection::connect_with(&options);
        match tokio::time::timeout(PATIENCE, connecting)
            .await
            .map_err(|_| late())?
        {
            Ok(mut session) => {
                let lacks = self.lacks(&mut session, login).await;
                drop(session.close().await);
                Ok(LoginTrial::Works { lacks: lacks? })
            }
            Err(sqlx::Error::Database(error)) if is_refusal(error.code().as_deref()) => {
                let words = error.message().to_owned();
                Ok(LoginTrial::Refused { words })
            }
            Err(error) => Err(Failure::failed(format!("can't log in as {login}")).because(error)),
        }
    }
}

type SessionRow = (i32, String, String, Option<String>, OffsetDateTime);

fn session((pid, login, application, address, since): SessionRow) -> LoginSession {
    LoginSession {
        pid,
        login,
        application,
        address,
        since: opsctl_core::clock::Timestamp(since),
    }
}

/// Wrong credentials, or a login that may not come in.
fn is_refusal(code: Option<&str>) -> bool {
    code.is_some_and(|code| code.starts_with("28") || code == "42501")
}

impl PostgresLogins {
    async fn lacks(&self, session: &mut PgConnection, login: &str) -> Result<Vec<String>> {
        let pair = self.pair();
        let other = pair.iter().find(|name| *name != login);
        let mut lacks: Vec<String> = sqlx::query_scalar(LACKS)
            .bind(other)
            .bind(login)
            .fetch_all(&mut *session)
            .await
            .map_err(trouble("can't look what the new login may"))?;
        lacks.extend(try_write(session).await?);
        Ok(lacks)
    }
}

/// What the application does all the time, taken back. A fence or a lock in the way says nothing of the login.
async fn try_write(session: &mut PgConnection) -> Result<Option<String>> {
    let failed = "can't try what the new login may";
    let mut transaction = session.begin().await.map_err(trouble(failed))?;
    let wrote = async {
        sqlx::query("SET LOCAL lock_timeout = '2s'")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("UPDATE heartbeat SET beat_at = beat_at")
            .execute(&mut *transaction)
            .await
    };
    let wrote = wrote.await;
    transaction.rollback().await.map_err(trouble(failed))?;
    match wrote {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42501") => {
            Ok(Some(error.message().to_owned()))
        }
        Ok(_) | Err(sqlx::Error::Database(_)) => Ok(None),
        Err(error) => Err(trouble(failed)(error)),
    }
}

/// A session that says on whose behalf it changes something.
async fn changing(permit: &Permit<'_>, administrator: &Location) -> Result<PgPool> {
    permit.check()?;
    let name = format!("opsctl/{}", permit.operation());
    connect::pool(administrator, &name).await
}
