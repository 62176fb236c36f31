//! Fields of objects in the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::looked::Looked;
use crate::conform::answer::Seen;
use crate::conform::checks::OfCluster;
use crate::conform::pointer;
use crate::failure::Failure;
use crate::ports::{Cluster, World};
use crate::workloads::{Object, ObjectKind, ObjectRef};

/// Kinds that lines speak of: their versions, and whether they stand in the namespace.
const KINDS: [(&str, &str, bool); 10] = [
    ("Deployment", "apps/v1", true),
    ("HorizontalPodAutoscaler", "autoscaling/v2", true),
    ("Namespace", "v1", false),
    ("NetworkPolicy", "networking.k8s.io/v1", true),
    ("PodDisruptionBudget", "policy/v1", true),
    ("Role", "rbac.authorization.k8s.io/v1", true),
    ("ClusterRole", "rbac.authorization.k8s.io/v1", false),
    ("Service", "v1", true),
    ("ServiceAccount", "v1", true),
    ("TargetGroupBinding", "elbv2.k8s.aws/v1beta1", true),
];

/// Asks for each object once; a cluster that went away is not waited for line by line.
#[derive(Default)]
pub struct Eye {
    seen: BTreeMap<ObjectRef, Option<Object>>,
    gone: Option<String>,
}

impl Eye {
    /// What stands in the field.
    pub async fn look(
        &mut self,
        cluster: &Result<Arc<dyn Cluster>, String>,
        world: &World,
        look: &OfCluster,
    ) -> Looked {
        let cluster = match cluster {
            Ok(cluster) => cluster.as_ref(),
            Err(reason) => return Looked::Unknown(reason.clone()),
        };
        let Some(object) = named(world, &look.object) else {
            return Looked::Unknown(format!("'{}' is no kind that is looked at", look.object));
        };
        match self.get(cluster, &object).await {
            Err(reason) => Looked::Unknown(reason),
            Ok(None) => Looked::Seen(Seen {
                value: None,
                evidence: format!("there is no {object}"),
            }),
            Ok(Some(found)) => Looked::Seen(Seen {
                value: pointer::find(&found.0, &look.field).map(|(value, _)| value.clone()),
                evidence: format!("{object}, version {}", found.resource_version()),
            }),
        }
    }

    async fn get(
        &mut self,
        cluster: &dyn Cluster,
        object: &ObjectRef,
    ) -> Result<Option<Object>, String> {
        if let Some(known) = self.seen.get(object) {
            return Ok(known.clone());
        }
        if let Some(reason) = &self.gone {
            return Err(reason.clone());
        }
        let found = cluster.get(object).await;
        let found = found.map_err(|failure| self.away(&failure))?;
        self.seen.insert(object.clone(), found.clone());
        Ok(found)
    }

    fn away(&mut self, failure: &Failure) -> String {
        let reason = format!("the cluster does not answer: {failure}");
        self.gone = Some(reason.clone());
        reason
    }
}

/// The full name of an object of the environment's namespace.
fn named(world: &World, object: &str) -> Option<ObjectRef> {
    let (kind, name) = object.split_once('/')?;
    let (_, api_version, in_namespace) = KINDS.iter().find(|(known, ..)| *known == kind)?;
    let workloads = world.environment.settings.workloads.as_ref()?;
    Some(ObjectRef {
        kind: ObjectKind::new(api_version, kind),
        namespace: in_namespace.then(|| workloads.namespace.clone()),
        name: name.to_owned(),
    })
}
