//! Owns how much anybody may ask: so many requests a minute for each user, and for each address. Counted in this process, or in
//! Redis exactly for all processes together; where Redis is gone each process counts for itself until it is back. Knows nothing
//! of what is asked.

mod address;
mod asking;
mod keeper;
mod layer;
mod limits;
mod local;
mod quota;
mod shared;

pub use address::{Peer, Proxies};
pub use asking::Asking;
pub use keeper::keep;
pub use layer::{Counted, admit};
pub use limits::RateLimits;
pub use quota::{Quotas, Whom};
pub use shared::Shared;
