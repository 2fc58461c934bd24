//! The commands, and how a call finds its own.

mod apply;
mod audit;
mod diff;
mod look;
mod options;
mod verify;

use std::process::ExitCode;

use clap::Command;
use tegata_cli::{DONE, EXIT_CODES, FAULT, FINDINGS, ui, visible, wants_json};
use tegata_cluster::finding::{Finding, any_serious};
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
        .subcommand(verify::command())
        .subcommand(audit::command())
}

/// Runs what the command line says.
pub fn run() -> ExitCode {
    let matches = match tegata_cli::matches(cli(), tegata_cli::Fault::document, |_| None) {
        Ok(matches) => matches,
        Err(end) => return end,
    };
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::from(FAULT) };
    let outcome = runtime().and_then(|runtime| {
        runtime.block_on(async {
            match name {
                "diff" => diff::run(arguments).await,
                "audit" => audit::run(arguments).await,
                "verify" => verify::run(arguments).await,
                _ => apply::run(arguments).await,
            }
        })
    });
    tegata_cli::end(outcome.unwrap_or_else(|fault| {
        if wants_json(arguments) {
            ui::out(&format!("{:#}\n", show::json::fault(&fault)));
        }
        ui::say(&told(&fault));
        FAULT
    }))
}

/// How a command ends that looked for something wrong.
fn code(is_partial: bool, findings: &[Finding]) -> u8 {
    match is_partial {
        true => FAULT,
        false if any_serious(findings) => FINDINGS,
        false => DONE,
    }
}

/// A fault for people, after the findings that led to it. It may have words of the server, which act on no terminal and
/// make no line of their own.
fn told(fault: &Fault) -> String {
    let (message, help) = (visible::in_a_line(&fault.message), visible::in_a_line(&fault.help));
    format!("{}{}", fault.findings.text, tegata_cli::Fault::new(fault.id, message, help).text())
}

/// One thread is enough: the work is the server's.
fn runtime() -> Result<tokio::runtime::Runtime, Fault> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Fault::new("stopped", format!("can't begin: {error}"), "free some resources"))
}
