//! Sends mails: into the log while developing, by SMTP elsewhere; from staging to the staging addresses alone. Never decides who
//! gets a mail or when, and never tries twice: that is for whoever sends.

mod console;
pub mod letters;
mod mail;
mod smtp;

pub use console::Console;
pub use mail::{Letter, Mail, MailError, Mailer};
pub use smtp::Smtp;
