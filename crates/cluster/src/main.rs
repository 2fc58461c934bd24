//! The commands that talk to a cluster. `cargo xtask` starts them, so that people see one tool.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
