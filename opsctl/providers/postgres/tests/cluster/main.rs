//! The cluster's promises, kept on real servers.

mod archiver;
mod backups;
mod copies;
mod copy_faults;
mod lifecycle;
mod log_archive;
mod orphans;
mod points_in_time;
mod ports;
mod site;
