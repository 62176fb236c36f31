//! The services and the protocol that each of them speaks.

use super::{Asked, Refusal, routes::Route};
use crate::{eks, route53};

/// A service of AWS that is reproduced in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Networks.
    Ec2,
    /// Images.
    Ecr,
    /// Clusters of Kubernetes.
    Eks,
    /// Caches.
    ElastiCache,
    /// Load balancers, second version.
    ElasticLoadBalancing,
    /// Keys.
    Kms,
    /// Databases.
    Rds,
    /// Names.
    Route53,
    /// Secrets.
    SecretsManager,
    /// Protection against floods.
    Shield,
    /// Identity.
    Sts,
    /// Firewalls, second version.
    Wafv2,
}

/// How questions and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// A form asks, XML answers.
    Query { namespace: &'static str },
    /// The same with words of EC2's own around an answer and a refusal.
    Ec2Query { namespace: &'static str },
    /// JSON 1.1; the action is in a header.
    Json,
    /// The action is a method and a path; JSON answers.
    RestJson { routes: &'static [Route] },
    /// The action is a method and a path; XML asks and answers.
    RestXml {
        namespace: &'static str,
        routes: &'static [Route],
    },
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Ec2,
        Self::Ecr,
        Self::Eks,
        Self::ElastiCache,
        Self::ElasticLoadBalancing,
        Self::Kms,
        Self::Rds,
        Self::Route53,
        Self::SecretsManager,
        Self::Shield,
        Self::Sts,
        Self::Wafv2,
    ];

    /// As a signature names it.
    #[must_use]
    pub const fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Ecr => "ecr",
            Self::Eks => "eks",
            Self::ElastiCache => "elasticache",
            Self::ElasticLoadBalancing => "elasticloadbalancing",
            Self::Kms => "kms",
            Self::Rds => "rds",
            Self::Route53 => "route53",
            Self::SecretsManager => "secretsmanager",
            Self::Shield => "shield",
            Self::Sts => "sts",
            Self::Wafv2 => "wafv2",
        }
    }

    pub(crate) fn signed_as(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|service| service.signing_name() == name)
    }

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Rds => Protocol::Query {
                namespace: "http://rds.amazonaws.com/doc/2014-10-31/",
            },
            Self::ElastiCache => Protocol::Query {
                namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
            },
            Self::ElasticLoadBalancing => Protocol::Query {
                namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            },
            Self::Ec2 => Protocol::Ec2Query {
                namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
            },
            Self::Ecr | Self::Kms | Self::SecretsManager | Self::Shield | Self::Wafv2 => {
                Protocol::Json
            }
            Self::Eks => Protocol::RestJson {
                routes: eks::ROUTES,
            },
            Self::Route53 => Protocol::RestXml {
                namespace: "https://route53.amazonaws.com/doc/2013-04-01/",
                routes: route53::ROUTES,
            },
            Self::Sts => Protocol::Query {
                namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
            },
        }
    }
}

impl Protocol {
    /// Whether answers are XML; its refusals have codes without `Exception` then.
    pub const fn is_xml(self) -> bool {
        matches!(
            self,
            Self::Query { .. } | Self::Ec2Query { .. } | Self::RestXml { .. }
        )
    }
}

/// One operation of a service: what it is called, which parameters it honours, and what it does.
pub(crate) struct Action<W, A> {
    pub name: &'static str,
    /// A parameter beside these is refused rather than passed over: nobody shall believe that it works. Lists are named by what
    /// comes before the first dot.
    pub honours: &'static [&'static str],
    pub run: fn(&mut W, &Asked) -> Result<A, Refusal>,
}

impl<W, A> Action<W, A> {
    /// Finds the action and holds the question against it.
    pub fn of<'a>(table: &'a [Self], asked: &Asked) -> Result<&'a Self, Refusal> {
        let named = table.iter().find(|action| action.name == asked.action);
        let action = named.ok_or_else(|| {
            let code = match asked.service.protocol() {
                protocol if protocol.is_xml() => "InvalidAction",
                _ => "UnknownOperationException",
            };
            Refusal::new(code, format!("Could not find operation {}", asked.action))
        })?;
        match asked.parameters.beside(action.honours) {
            Some(stranger) => Err(Refusal::new(
                "NotReproduced",
                format!(
                    "testkit-aws does not reproduce {stranger} of {}",
                    action.name
                ),
            )),
            None => Ok(action),
        }
    }
}
