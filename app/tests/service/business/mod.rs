//! What the business is told by: payments, activity, the figures of a day, the report.

mod documents;
mod figures;
mod payments;
mod report_mails;
mod reports;
