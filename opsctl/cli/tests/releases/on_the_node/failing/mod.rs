//! Releases that can't serve: each is named by its cause in time, taken back, and its evidence kept.

mod admission;
mod containers;
mod images;
mod jobs;
mod placing;

use serde_json::Value;

use crate::figures::{Sign, told_in_time};
use crate::manifests::Manifests;
use crate::place::Place;

/// A release that serves, and then one that can't.
pub struct Broken {
    pub place: Place,
    /// What the second one said.
    pub said: String,
}

impl Broken {
    /// Releases, and again with the manifests changed so.
    #[track_caller]
    pub fn by(namespace: &'static str, change: impl FnOnce(&Place, &mut Manifests)) -> Self {
        let place = Place::new(namespace);
        place.well("deploy v1.0.0 --yes");
        let mut manifests = place.manifests("debug");
        change(&place, &mut manifests);
        place.release(&manifests);
        let ended = place.run("deploy --yes").expect(6);
        Self {
            place,
            said: ended.stderr,
        }
    }

    /// That the cause is this one, that it was told in time, and that the first release serves again.
    #[track_caller]
    pub fn of(self, cause: &str, sign: Sign) -> Self {
        self.after(0.0, cause, sign)
    }

    /// The same, of a cause that is given some patience.
    #[track_caller]
    pub fn after(self, patience: f64, cause: &str, sign: Sign) -> Self {
        let told = format!("{cause}: ");
        assert!(self.said.contains(&told), "{cause}: {}", self.said);
        let findings = self.evidence()["findings"].clone();
        assert_eq!(findings[0]["code"], cause, "{findings:#}");
        told_in_time(&self.place, 2, sign, patience);
        assert_eq!(self.place.ends(), ["succeeded", "rolled_back"]);
        assert_eq!(self.place.live_level(), "info");
        assert_eq!(self.place.json("status")["healthy"], true);
        self
    }

    /// What was kept of it.
    pub fn evidence(&self) -> Value {
        self.place.json("history show 2")["evidence"].clone()
    }
}
