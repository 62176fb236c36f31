//! What stands in every account and region, as the endpoint and as tests see it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use super::{ec2, elastic_load_balancing as elb, shield, standing::Standing, wafv2};
use crate::endpoint::{Action, Answer, Asked, Home, Refusal, Service};

/// Shield is one for all regions; what it knows of an account stands here.
const NO_REGION: &str = "aws-global";
/// AWS answers with fewer than it was asked for whenever it likes.
const LONGEST_PAGE: usize = 400;

/// What stands there, of all accounts and regions.
#[derive(Debug)]
pub struct Ground {
    estate: Mutex<Estate>,
}

#[derive(Debug)]
pub(crate) struct Estate {
    pub homes: BTreeMap<Home, Value>,
    pub longest_page: usize,
}

impl Default for Ground {
    fn default() -> Self {
        let estate = Estate {
            homes: BTreeMap::new(),
            longest_page: LONGEST_PAGE,
        };
        Self {
            estate: Mutex::new(estate),
        }
    }
}

impl Ground {
    /// This stands there from now on, in the place of all that stood there. [`super::as_terraform_makes_it`] says what there may be.
    pub fn put(&self, account: &str, region: &str, standing: Value) {
        self.estate().homes.insert(home(account, region), standing);
    }

    /// Somebody changes what stands there.
    pub fn change(&self, account: &str, region: &str, change: impl FnOnce(&mut Value)) {
        let mut estate = self.estate();
        let standing = estate.homes.entry(home(account, region));
        change(standing.or_insert_with(|| json!({})));
    }

    /// What stands there.
    #[must_use]
    pub fn standing(&self, account: &str, region: &str) -> Value {
        let estate = self.estate();
        let standing = estate.homes.get(&home(account, region));
        standing.cloned().unwrap_or_default()
    }

    /// Says what Shield is to an account, and which resources it protects.
    pub fn put_shield(&self, account: &str, subscription: &str, protected: &[&str]) {
        let standing = json!({"subscription": subscription, "protected": protected});
        self.put(account, NO_REGION, standing);
    }

    /// No page has more than so many members from now on.
    pub fn set_longest_page(&self, members: usize) {
        self.estate().longest_page = members;
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Result<Answer, Refusal> {
        let estate = self.estate();
        let mut here = Standing::of(&estate, &asked.home);
        match asked.service {
            Service::Ec2 => run(ec2::ACTIONS, &mut here, asked).map(Answer::Xml),
            Service::ElasticLoadBalancing => run(elb::ACTIONS, &mut here, asked).map(Answer::Xml),
            Service::Wafv2 => run(wafv2::ACTIONS, &mut here, asked).map(Answer::Json),
            _ => {
                let anywhere = home(&asked.home.account, NO_REGION);
                let mut here = Standing::of(&estate, &anywhere);
                run(shield::ACTIONS, &mut here, asked).map(Answer::Json)
            }
        }
    }

    pub(crate) fn all_reproduced() -> [(Service, Vec<&'static str>); 4] {
        [
            (Service::Ec2, names(ec2::ACTIONS)),
            (Service::ElasticLoadBalancing, names(elb::ACTIONS)),
            (Service::Shield, names(shield::ACTIONS)),
            (Service::Wafv2, names(wafv2::ACTIONS)),
        ]
    }

    fn estate(&self) -> MutexGuard<'_, Estate> {
        self.estate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn home(account: &str, region: &str) -> Home {
    Home {
        account: account.to_owned(),
        region: region.to_owned(),
    }
}

fn run<A>(table: &[Action<Standing, A>], here: &mut Standing, asked: &Asked) -> Result<A, Refusal> {
    (Action::of(table, asked)?.run)(here, asked)
}

fn names<A>(table: &[Action<Standing, A>]) -> Vec<&'static str> {
    table.iter().map(|action| action.name).collect()
}
