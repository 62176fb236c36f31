//! What happens beside the requests: events to their subscribers, mails, the audit log.

mod bus;
mod flow;
mod kills;
mod mails;
