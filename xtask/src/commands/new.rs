//! placeholder
use super::{DONE, Outcome};
use clap::{ArgMatches, Command};
pub fn command() -> Command {
    Command::new("new")
}
pub fn run(_: &ArgMatches) -> Outcome {
    Ok(DONE)
}
