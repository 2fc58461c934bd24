//! Commands that other packages of this repository carry out, so that `render` compiles without them.

use std::process::Command as Process;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{DONE, FAULT, FINDINGS, Fault, Outcome};
use tegata_cli::ui;

/// A command, the arguments that cargo gets for it, and what it is for.
struct Tool {
    name: &'static str,
    about: &'static str,
    cargo: &'static [&'static str],
    /// Whether what cargo runs has several commands, this one by the same name.
    is_subcommand: bool,
    place: Place,
}

impl Tool {
    /// A command of the package `tegata-cluster`.
    const fn of_cluster(name: &'static str, about: &'static str) -> Tool {
        let cargo = &["run", "--quiet", "--package", "tegata-cluster", "--"];
        Tool { name, about, cargo, is_subcommand: true, place: Place::Workspace }
    }

    /// A command of the package `testbed`.
    const fn of_testbed(name: &'static str, about: &'static str) -> Tool {
        let cargo = &["run", "--quiet", "--package", "testbed", "--"];
        Tool { name, about, cargo, is_subcommand: true, place: Place::Repository }
    }
}

/// Where a command works.
enum Place {
    /// In the workspace of whoever calls it, which need not be this repository.
    Workspace,
    /// In this repository.
    Repository,
}

/// The features of the package `testbed` with the tests that need a whole node, and without them.
const NODE: &str = "testbed/node";
const REAL: &str = "testbed/real";
const WITHOUT_NODE: &str = "--without-node";

/// The command that has no program of its own which could tell how it is used: it is cargo's tests.
const E2E: &str = "e2e";
const E2E_HELP: &str = "\
Run the tests on the real parts: API server, kubectl, helm, GitLab's runner, and a node on which jobs run

Usage: cargo xtask e2e [--without-node] [ARGUMENTS]... [-- ARGUMENTS]...

  --without-node    Leave out the tests `node` and `job` (jobs in real pods), which need root
  ARGUMENTS         Of `cargo test`, such as `--test split`; after `--`, of the tests, such as the name of one,
                    or `--nocapture`
  -h, --help        Print help

Exit codes: as `cargo test` has them, 0 if all tests pass.
";

const TOOLS: &[Tool] = &[
    Tool::of_cluster("diff", "Show what apply would do to the cluster"),
    Tool::of_cluster("apply", "Bring the cluster to what out/ says, after showing what that means"),
    Tool::of_cluster(
        "verify",
        "Ask the cluster, as each account, whether it may do what is declared and nothing more",
    ),
    Tool::of_cluster("audit", "Show who is bound to what in any cluster, and what of it is dangerous"),
    Tool::of_testbed("testbed", "Build, start and stop the real parts that the tests use: build, up, down"),
    Tool::of_testbed("catalogue", "Write the table of Kubernetes' resources, from a real API server"),
    Tool {
        name: E2E,
        about: "Run the tests on the real parts; with --without-node, those that don't need root",
        cargo: &[
            "test",
            "--package",
            "testbed",
            "--package",
            "tegata-cluster",
            "--features",
            "tegata-cluster/real",
            "--features",
            NODE,
        ],
        is_subcommand: false,
        place: Place::Repository,
    },
    Tool {
        name: "bench",
        about: "Measure rendering at 10,000 projects and more, beside cp and helm",
        cargo: &["run", "--quiet", "--release", "--package", "bench", "--"],
        is_subcommand: false,
        place: Place::Repository,
    },
];

pub fn commands() -> impl Iterator<Item = Command> {
    TOOLS.iter().map(|tool| {
        let command = Command::new(tool.name).about(tool.about).disable_help_flag(true);
        let command = if tool.name == E2E { command.override_help(E2E_HELP) } else { command };
        command.arg(
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
    let given: Vec<&str> =
        arguments.get_many::<String>("arguments").unwrap_or_default().map(String::as_str).collect();
    if tool.name == E2E && asks_for_help(&given) {
        ui::out(E2E_HELP);
        return Ok(DONE);
    }
    let (words, without_node) = arguments_of_cargo(tool, &given);
    if without_node {
        ui::say("without a node: the tests `node` and `job` (jobs in real pods) are left out\n");
    }
    let mut cargo = Process::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    match tool.place {
        Place::Repository => drop(cargo.args(words).current_dir(repository)),
        Place::Workspace => {
            // The command finds the workspace from where its caller stands.
            let (command, rest) = words.split_at(1);
            cargo.args(command).arg(format!("--manifest-path={repository}/Cargo.toml")).args(rest);
            if let Some(directory) = arguments.get_one::<String>("directory") {
                cargo.args(["-C", directory]);
            }
        }
    }
    let status = cargo.status().map_err(|error| {
        Fault::new("no-cargo", format!("can't start cargo: {error}"), "run this through `cargo xtask`")
    })?;
    match tool.place {
        Place::Workspace => code_of_command(status.code()),
        Place::Repository => Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(FAULT)),
    }
}

/// The exit code of a command of ours; any other is cargo's own, or that of a process that was stopped.
fn code_of_command(code: Option<i32>) -> Outcome {
    let own = [DONE, FINDINGS, FAULT].into_iter().find(|own| code == Some(i32::from(*own)));
    own.ok_or_else(|| {
        Fault::new(
            "no-answer",
            "the command could not be built, or was stopped",
            "mend what is said above, then run it again",
        )
    })
}

/// What follows `--` is for the tests, or for whatever else is started.
fn before_dashes<'a, 'b>(given: &'b [&'a str]) -> &'b [&'a str] {
    given.split(|argument| *argument == "--").next().unwrap_or_default()
}

fn asks_for_help(given: &[&str]) -> bool {
    before_dashes(given).iter().any(|argument| matches!(*argument, "-h" | "--help"))
}

/// What cargo is started with, and whether the tests that need a node are left out.
fn arguments_of_cargo<'a>(tool: &Tool, given: &[&'a str]) -> (Vec<&'a str>, bool) {
    let ours = before_dashes(given);
    let without_node = tool.cargo.contains(&NODE) && ours.contains(&WITHOUT_NODE);
    let own = tool.cargo.iter().map(|&word| if without_node && word == NODE { REAL } else { word });
    let own = own.chain(tool.is_subcommand.then_some(tool.name));
    let given = given
        .iter()
        .enumerate()
        .filter(|(place, word)| !(without_node && *place < ours.len() && **word == WITHOUT_NODE));
    (own.chain(given.map(|(_, word)| *word)).collect(), without_node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, given: &[&str], expected: &str) {
        let tool = TOOLS.iter().find(|tool| tool.name == name);
        let words = tool.map(|tool| arguments_of_cargo(tool, given).0.join(" "));
        assert_eq!(words.as_deref(), Some(expected));
    }

    #[test]
    fn tests_that_need_a_node_can_be_left_out() {
        check(
            "e2e",
            &[],
            "test --package testbed --package tegata-cluster --features tegata-cluster/real --features testbed/node",
        );
        check(
            "e2e",
            &["--without-node"],
            "test --package testbed --package tegata-cluster --features tegata-cluster/real --features testbed/real",
        );
        let given = ["--test", "split", "--without-node", "--", "--nocapture"];
        check(
            "e2e",
            &given,
            "test --package testbed --package tegata-cluster --features tegata-cluster/real --features testbed/real --test split -- --nocapture",
        );
        let given = ["--", "--without-node"];
        check(
            "e2e",
            &given,
            "test --package testbed --package tegata-cluster --features tegata-cluster/real --features testbed/node -- --without-node",
        );
        let given = ["--without-node"];
        check("bench", &given, "run --quiet --release --package bench -- --without-node");
    }
}
