//! WAF, second version: which access list stands before a load balancer. Judges no request.

use serde_json::{Value, json};

use super::standing::Standing;
use crate::endpoint::{Action, Asked, Refusal};

pub(super) const ACTIONS: &[Action<Standing, Value>] = &[Action {
    name: "GetWebACLForResource",
    honours: &["ResourceArn"],
    run: get,
}];

/// A load balancer that none stands before is answered with none.
fn get(here: &mut Standing, asked: &Asked) -> Result<Value, Refusal> {
    let arn = asked.parameters.required("ResourceArn")?;
    let door = [arn.to_owned()];
    if here
        .those("LoadBalancers", "LoadBalancerArn", &door)
        .is_empty()
    {
        let message = "AWS WAF couldn't perform the operation because your resource doesn't exist.";
        return Err(Refusal::new("WAFNonexistentItemException", message));
    }
    let found = here.those("WebAcls", "ResourceArn", &door);
    Ok(match found.first() {
        Some(it) => json!({"WebACL": it["WebACL"]}),
        None => json!({}),
    })
}
