//! The watcher against a server that does as told.

mod addresses;
mod cuts;
mod faults;
mod logs;
mod reading;
mod support;
