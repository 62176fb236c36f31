//! One HTTP endpoint for every service: it reads the request, holds the signature against the keys, plants faults, keeps a record,
//! and hands the question on. It knows no service from inside.

mod call;
mod faults;
mod markup;
mod parameters;
mod refusal;
mod request;
mod responses;
mod routes;
mod server;
mod service;
mod signature;
mod xml;

pub use call::Call;
pub(crate) use call::Calls;
pub use faults::{Fault, Faults, Rule, Times};
pub(crate) use markup::Element;
pub(crate) use parameters::Parameters;
pub(crate) use refusal::Refusal;
pub(crate) use request::{Asked, Home, Incoming};
pub(crate) use responses::Answer;
pub(crate) use routes::Route;
pub(crate) use server::{Handler, serve};
pub use service::Service;
pub(crate) use service::{Action, Protocol};
pub(crate) use signature::{covers, signed, verify};
pub(crate) use xml::Elements;
