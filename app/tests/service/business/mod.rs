//! What the business is told by: payments, activity, the figures of a day, the report.

mod figures;
mod payments;
mod reports;
