//! The figures of each day, counted ahead of whoever asks: users, posts, comments, who was active, who paid, who stayed, and how
//! requests went. Owns what each figure means. Never counts while somebody waits, and keeps no figure of a single person.

mod aggregate;
mod counted;
mod disk;
mod following;
mod gauges;
mod recent;
mod traffic;
mod traffic_rows;

pub use aggregate::{Counting, aggregate};
pub use counted::{DayFigures, Rate, between};
pub use following::follow;
pub use recent::{Lately, Recent, observe};
pub use traffic::Traffic;
pub use traffic_rows::{DayTraffic, traffic_between};
