//! One file per command.

pub mod check;
pub mod init;
pub mod list;
pub mod price;
pub mod run;
pub mod study;
pub mod trace;
