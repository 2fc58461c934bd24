//! `completions`: a script that completes the commands in a shell.

use clap::{Arg, ArgMatches, Command};
use clap_complete::{Shell, generate};

use super::{DONE, Outcome};
use tegata_cli::ui;

pub fn command() -> Command {
    Command::new("completions")
        .about("Print a completion script for a shell")
        .after_help(
            "The script completes the command `xtask`; with bash: source <(cargo xtask completions bash)",
        )
        .arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(clap::value_parser!(Shell)))
}

pub fn run(arguments: &ArgMatches) -> Outcome {
    if let Some(shell) = arguments.get_one::<Shell>("shell") {
        let mut script = Vec::new();
        generate(*shell, &mut super::cli(), "xtask", &mut script);
        ui::out(&String::from_utf8_lossy(&script));
    }
    Ok(DONE)
}
