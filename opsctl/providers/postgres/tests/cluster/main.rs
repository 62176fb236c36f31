//! The cluster's promises, kept on real servers.

mod archiver;
mod backups;
mod copies;
mod lifecycle;
mod log_archive;
mod orphans;
mod points_in_time;
mod ports;
mod site;
