//! The judge before what a real cluster says: the words are those of Kubernetes 1.34 and containerd 1.6.

mod crashes;
mod creation;
mod images;
mod jobs;
mod patience;
mod probes;
mod rollouts;
mod scheduling;
mod steadiness;
mod world;
