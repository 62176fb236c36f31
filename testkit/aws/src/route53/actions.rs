//! What is reproduced of Route 53, by which paths, and the parameters that each action honours.

use super::{changes, records, zones::Held};
use crate::endpoint::{Action, Elements, Route};

pub(crate) const ROUTES: &[Route] = &[
    Route {
        method: "POST",
        path: "/2013-04-01/hostedzone/{HostedZoneId}/rrset",
        action: "ChangeResourceRecordSets",
    },
    Route {
        method: "GET",
        path: "/2013-04-01/change/{Id}",
        action: "GetChange",
    },
    Route {
        method: "GET",
        path: "/2013-04-01/hostedzone/{HostedZoneId}/rrset",
        action: "ListResourceRecordSets",
    },
];

pub(super) const ACTIONS: &[Action<Held, Elements>] = &[
    Action {
        name: "ChangeResourceRecordSets",
        honours: &["HostedZoneId", "ChangeBatch"],
        run: changes::make,
    },
    Action {
        name: "GetChange",
        honours: &["Id"],
        run: changes::get,
    },
    Action {
        name: "ListResourceRecordSets",
        honours: &["HostedZoneId", "name", "type", "maxitems"],
        run: records::list,
    },
];
