//! What the present principal may do: the rules of each namespace in one answer, the rest one by one.

use std::collections::BTreeMap;

use opsctl_core::ports::Access;
use serde::Deserialize;
use serde_json::json;

use crate::at_once::at_once;
use crate::connection::Connection;
use crate::kinds::Kinds;
use crate::place::Place;
use crate::question::Question;
use crate::trouble::Trouble;

const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
const ACCESS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

#[derive(Deserialize)]
struct Review<T> {
    status: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    #[serde(default)]
    resource_rules: Vec<Rule>,
}

/// Something that is allowed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    verbs: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    resource_names: Vec<String>,
}

#[derive(Deserialize)]
struct Verdict {
    #[serde(default)]
    allowed: bool,
    #[serde(default)]
    reason: String,
}

/// What of those may not be done, in their order. Of kinds that this server does not have nothing can be said.
pub async fn denied(
    connection: &Connection,
    kinds: &Kinds,
    wanted: &[Access],
) -> Result<Vec<(Access, String)>, Trouble> {
    let named: Vec<_> = wanted.iter().map(|access| &access.kind).collect();
    let places = kinds.find_all(connection, &named).await?;
    let rules = rules(connection, wanted).await?;
    let open = wanted.iter().filter_map(|access| {
        let place = places.get(&access.kind)?;
        let known = access.namespace.as_deref().and_then(|it| rules.get(it));
        let allowed =
            known.is_some_and(|rules| rules.iter().any(|rule| rule.allows(access, place)));
        (!allowed).then_some((access, place))
    });
    let open: Vec<(&Access, &Place)> = open.collect();
    let asked = open
        .iter()
        .map(|(access, place)| verdict(connection, access, place));
    let verdicts = at_once(asked.collect()).await?;
    let denied = open
        .iter()
        .zip(verdicts)
        .filter(|(_, verdict)| !verdict.allowed);
    Ok(denied
        .map(|((access, _), verdict)| ((*access).clone(), verdict.reason))
        .collect())
}

/// What is allowed in each namespace that several questions are about. The list may lack what another authorizer
/// than RBAC allows: what is not in it is asked about by itself.
async fn rules<'a>(
    connection: &Connection,
    wanted: &'a [Access],
) -> Result<BTreeMap<&'a str, Vec<Rule>>, Trouble> {
    let mut questions: BTreeMap<&str, usize> = BTreeMap::new();
    for namespace in wanted.iter().filter_map(|it| it.namespace.as_deref()) {
        *questions.entry(namespace).or_default() += 1;
    }
    questions.retain(|_, count| *count > 1);
    let asked = questions
        .keys()
        .map(|namespace| rules_of(connection, namespace));
    let rules = at_once(asked.collect()).await?;
    Ok(questions.into_keys().zip(rules).collect())
}

async fn rules_of(connection: &Connection, namespace: &str) -> Result<Vec<Rule>, Trouble> {
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace}});
    let answer: Review<Rules> = connection.read(&Question::post(RULES, &review)).await?;
    Ok(answer.status.resource_rules)
}

async fn verdict(
    connection: &Connection,
    access: &Access,
    place: &Place,
) -> Result<Verdict, Trouble> {
    let attributes = json!({"verb": access.verb, "group": place.group(), "resource": place.plural,
        "subresource": access.part.unwrap_or_default(),
        "namespace": access.namespace.as_deref().unwrap_or_default()});
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes}});
    let answer: Review<Verdict> = connection.read(&Question::post(ACCESS, &review)).await?;
    Ok(answer.status)
}

impl Rule {
    /// One that names objects allows nothing in general.
    fn allows(&self, access: &Access, place: &Place) -> bool {
        self.resource_names.is_empty()
            && has(&self.verbs, access.verb)
            && has(&self.api_groups, place.group())
            && match access.part {
                None => has(&self.resources, &place.plural),
                Some(part) => {
                    has(&self.resources, &format!("{}/{part}", place.plural))
                        || self.resources.contains(&format!("*/{part}"))
                }
            }
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|item| item == "*" || item == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opsctl_core::workloads::ObjectKind;

    fn allows(resources: &[&str], names: &[&str], part: Option<&'static str>) -> bool {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let rule = Rule {
            verbs: list(&["get"]),
            api_groups: list(&[""]),
            resources: list(resources),
            resource_names: list(names),
        };
        let kind = ObjectKind::new("v1", "Pod");
        let place = Place {
            kind: kind.clone(),
            plural: "pods".into(),
            namespaced: true,
        };
        let access = Access {
            verb: "get",
            kind,
            part,
            namespace: Some("shop".into()),
        };
        rule.allows(&access, &place)
    }

    #[test]
    fn a_rule_allows_what_it_names_and_no_more() {
        assert!(allows(&["pods"], &[], None));
        assert!(allows(&["*"], &[], Some("log")));
        assert!(allows(&["pods/log"], &[], Some("log")));
        assert!(allows(&["*/log"], &[], Some("log")));
        assert!(!allows(&["pods"], &[], Some("log")));
        assert!(!allows(&["pods/log"], &[], None));
        assert!(!allows(&["pods"], &["one"], None));
        assert!(!allows(&["secrets"], &[], None));
    }
}
