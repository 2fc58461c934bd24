//! The commands, and how a call finds its own.

mod apply;
mod diff;
mod look;
mod options;

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use tegata_cli::{DONE, EXIT_CODES, FAULT, ui};
use tegata_cluster::{Fault, show};

type Outcome = Result<u8, Fault>;

fn cli() -> Command {
    Command::new("tegata-cluster")
        .bin_name("cargo xtask")
        .after_help(EXIT_CODES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .subcommand(diff::command())
        .subcommand(apply::command())
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let matches = match cli().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let help = !error.use_stderr();
            let text = error.render().ansi().to_string();
            if help {
                ui::out(&text);
            } else {
                ui::say(&text);
            }
            return ExitCode::from(if help { DONE } else { FAULT });
        }
    };
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::from(FAULT) };
    let outcome = runtime().and_then(|runtime| {
        runtime.block_on(async {
            match name {
                "diff" => diff::run(arguments).await,
                _ => apply::run(arguments).await,
            }
        })
    });
    ExitCode::from(outcome.unwrap_or_else(|fault| {
        if wants_json(arguments) {
            ui::out(&format!("{:#}\n", show::json::fault(&fault)));
        }
        ui::say(&tegata_cli::Fault::new(fault.message, fault.help).text());
        FAULT
    }))
}

/// One thread is enough: the work is the server's.
fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new("stopped", format!("can't begin: {error}"), "free some resources"))
}

fn wants_json(arguments: &ArgMatches) -> bool {
    matches!(arguments.try_get_one::<String>("format"), Ok(Some(format)) if format == "json")
}
