//! SQLite for real: databases in use, their backups, their copies, and what can go wrong with each.

mod backups;
mod copies;
mod databases;
mod faults;
mod site;
