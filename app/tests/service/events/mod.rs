//! What happens beside the requests: events to their subscribers, mails, the audit log.

mod flow;
mod kills;
mod mails;
