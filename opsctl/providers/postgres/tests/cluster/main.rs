//! The cluster's promises, kept on real servers.

mod archiver;
mod lifecycle;
mod log_archive;
mod site;
