//! tegata's commands.
//!
//! Each command is a file in `commands`: what it takes, and what it does. They are thin: what there is to know
//! stands in the library crates, and everything that is printed goes through [`ui`].

mod commands;
mod ui;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run()
}
