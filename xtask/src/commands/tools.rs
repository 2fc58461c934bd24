//! Commands that other packages of this repository carry out, so that `render` compiles without them.

use std::process::Command as Process;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{FAULT, Fault, Outcome};

/// A command, the arguments that cargo gets for it, and what it is for.
struct Tool {
    name: &'static str,
    about: &'static str,
    cargo: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "testbed",
        about: "Build, start and stop the real parts that the tests use: build, up, down",
        cargo: &["run", "--quiet", "--package", "testbed", "--", "testbed"],
    },
    Tool {
        name: "catalogue",
        about: "Write the table of Kubernetes' resources, from a real API server",
        cargo: &["run", "--quiet", "--package", "testbed", "--", "catalogue"],
    },
    Tool {
        name: "e2e",
        about: "Run the tests that need the real parts",
        cargo: &["test", "--package", "testbed", "--features", "real"],
    },
    Tool {
        name: "bench",
        about: "Measure rendering at 10,000 projects and more, beside cp and helm",
        cargo: &["run", "--quiet", "--release", "--package", "bench", "--"],
    },
];

pub fn commands() -> impl Iterator<Item = Command> {
    TOOLS.iter().map(|tool| {
        Command::new(tool.name).about(tool.about).disable_help_flag(true).arg(
            Arg::new("arguments")
                .value_name("ARGUMENTS")
                .action(ArgAction::Append)
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        )
    })
}

pub fn run(name: &str, arguments: &ArgMatches) -> Outcome {
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) else { return Ok(FAULT) };
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Process::new(cargo)
        .args(tool.cargo)
        .args(arguments.get_many::<String>("arguments").unwrap_or_default())
        .current_dir(repository)
        .status()
        .map_err(|error| {
            Fault::new(format!("can't start cargo: {error}"), "run this through `cargo xtask`")
        })?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAULT))
}
