//! `opsctl approve` and `opsctl config`

use opsctl_core::Result;
use opsctl_core::guard::record_approval;
use serde_json::{Value, json};

use super::{plan_file, show};
use crate::args::{ApproveArgs, ConfigCommand};
use crate::config::{VARIABLES, read};
use crate::output::Table;
use crate::session::Session;

/// Keeps a yes to somebody's plan.
///
/// # Errors
/// When the plan can't be read, or was approved by the same principal already.
pub async fn approve(session: &Session, args: &ApproveArgs) -> Result<u8> {
    // Kept in another environment's state, the yes would be found by nobody.
    let plan = plan_file::read_for(session, &args.file)?;
    session
        .output
        .say(&show::plan(&plan, session.output.width()));
    let (store, who) = (session.store.as_ref(), &session.runner.principal);
    let record = record_approval(store, &plan, who, session.now(), args.valid_for.0).await?;
    let value = serde_json::to_value(&record).unwrap_or_default();
    session.output.answer(&value, || {
        format!(
            "{who} approved {} until {}",
            plan.operation, record.expires_at
        )
    });
    Ok(0)
}

/// Shows the configuration.
///
/// # Errors
/// None.
pub fn config(session: &Session, command: &ConfigCommand) -> Result<u8> {
    let ConfigCommand::Show = command;
    let resolved = serde_json::to_value(session.environment.as_ref()).unwrap_or_default();
    let written = written(session);
    let mut rows = Vec::new();
    flatten("", &resolved, &mut rows);
    let path = session.loaded.path.display().to_string();
    let source = |name: &str| match written.iter().any(|known| known == name) {
        true => path.clone(),
        false => "default".to_owned(),
    };
    let value: Vec<Value> = rows
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value, "source": source(name) }))
        .collect();
    session
        .output
        .answer(&json!({ "configuration": value }), || {
            let mut table = Table::new(&["name", "value", "source"]);
            let file = session.loaded.path.file_name();
            let file = file.map_or_else(|| path.clone(), |name| name.to_string_lossy().into());
            for (name, value) in &rows {
                let source = source(name);
                let short = if source == path { file.clone() } else { source };
                // A blank after each part, so that a long one can be wrapped.
                let value = value.to_string().replace(",\"", ", \"");
                table.row([name.clone(), value, short]);
            }
            for variable in VARIABLES {
                if let Some(value) = read(variable.name) {
                    table.row([variable.name.into(), value, "environment".into()]);
                }
            }
            format!("{path}\n\n{}", table.render_within(session.output.width()))
        });
    Ok(0)
}

/// The names that the file itself gives, in the environment or for all of them.
fn written(session: &Session) -> Vec<String> {
    let mut names = Vec::new();
    let text = std::fs::read_to_string(&session.loaded.path).unwrap_or_default();
    let document: Value = serde_yaml::from_str(&text).unwrap_or_default();
    let own = &document["environments"][session.environment.name.as_str()];
    for (prefix, part) in [
        ("", own),
        ("promises", &document["promises"]),
        ("trusted_keys", &document["trusted_keys"]),
    ] {
        let mut rows = Vec::new();
        flatten(prefix, part, &mut rows);
        names.extend(rows.into_iter().map(|(name, _)| name));
    }
    names.push("name".into());
    names
}

fn flatten(prefix: &str, value: &Value, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, inner) in fields {
                let dot = if prefix.is_empty() { "" } else { "." };
                flatten(&format!("{prefix}{dot}{name}"), inner, into);
            }
        }
        Value::Null => {}
        leaf => into.push((prefix.to_owned(), leaf.clone())),
    }
}
