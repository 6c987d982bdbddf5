//! The watcher against a server that does as told.

mod accounts;
mod addresses;
mod cuts;
mod faults;
mod logs;
mod probing;
mod reading;
mod shown;
mod support;
