//! What the business is told by: payments, activity, the figures of a day.

mod figures;
mod payments;
