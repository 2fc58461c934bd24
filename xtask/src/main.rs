//! tegata's commands.
//!
//! Each command is a file in `commands`: what it takes, and what it does. They are thin: what there is to know
//! stands in the library crates, and everything that is printed goes through [`tegata_cli::ui`].

mod commands;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A template can make values that hold values; giving one back takes stack for each level, and how many levels there
/// can be is bounded by the steps that a template may take.
const STACK: usize = 512 * 1024 * 1024;

fn main() -> ExitCode {
    // Where there are threads already, theirs have to do.
    let _ = rayon::ThreadPoolBuilder::new().stack_size(STACK).build_global();
    commands::run()
}
