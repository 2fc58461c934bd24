//! `cargo xtask testbed` and `cargo xtask catalogue`: the real parts for people, at a command line.

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};
use fs_err as fs;
use testbed::{ApiServer, Options, Part, build, catalogue, down, repository, up};

/// There are differences.
const DIFFERENCES: u8 = 1;
/// The input or the tool is at fault.
const FAULT: u8 = 2;

fn cli() -> Command {
    Command::new("cargo xtask")
        .about("The real parts that the tests use")
        .after_help("Exit codes: 0 done, 1 differences, 2 the input or the tool is at fault.")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .subcommand(
            Command::new("testbed")
                .about("Build, start and stop the real parts that the tests use")
                .after_help(
                    "They are kept in target/testbed, or where TEGATA_TESTBED says. If KUBEBUILDER_ASSETS names a folder with etcd, kube-apiserver and kubectl, those are used instead of being built.",
                )
                .subcommand_required(true)
                .arg_required_else_help(true)
                .disable_help_subcommand(true)
                .subcommand(Command::new("build").about("Build what is missing, and print where each program is"))
                .subcommand(
                    Command::new("up")
                        .about("Start an API server that stays until `down`, and print what sets KUBECONFIG")
                        .after_help("In a shell: eval \"$(cargo xtask testbed up)\""),
                )
                .subcommand(Command::new("down").about("Stop the API server that `up` started")),
        )
        .subcommand(
            Command::new("catalogue")
                .about("Write the table of Kubernetes' resources, from a real API server")
                .arg(
                    Arg::new("check")
                        .long("check")
                        .action(ArgAction::SetTrue)
                        .help("Write nothing; print in what the committed table differs"),
                )
                .arg(
                    Arg::new("release")
                        .long("release")
                        .value_name("vX.Y.Z")
                        .help("The table of another release, from the discovery files of its sources"),
                ),
        )
}

fn main() -> ExitCode {
    // As people typed it, whatever cargo calls this program.
    let arguments = std::env::args_os().skip(1);
    let words = std::iter::once(OsString::from("cargo xtask")).chain(arguments);
    let matches = match cli().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) => {
            // Help goes to standard output, a mistake to standard error; a closed pipe is no further fault.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(FAULT) } else { ExitCode::SUCCESS };
        }
    };
    let result = match matches.subcommand() {
        Some(("testbed", arguments)) => run_testbed(arguments),
        Some(("catalogue", arguments)) => run_catalogue(arguments),
        _ => Ok(ExitCode::from(FAULT)),
    };
    result.unwrap_or_else(|error| {
        say(&format!("error: {error:#}"));
        ExitCode::from(FAULT)
    })
}

fn run_testbed(arguments: &ArgMatches) -> Result<ExitCode> {
    let options = Options::from_env()?;
    match arguments.subcommand_name() {
        Some("up") => {
            let kubeconfig = up(&options)?;
            out(&format!("export KUBECONFIG={}\n", shell_word(kubeconfig.as_str())))?;
            let parts = build(&options.with_parts(&[Part::Kubectl]))?;
            say(&format!("testbed: kubectl is {}", parts.path(Part::Kubectl)?));
            say("testbed: the server stays until `cargo xtask testbed down`");
        }
        Some("down") => {
            let stopped = down(&options)?;
            say(if stopped { "testbed: stopped" } else { "testbed: nothing was running" });
        }
        _ => {
            let parts = build(&options)?;
            for part in Part::ALL {
                out(&format!("{} {}\n", part.name(), parts.path(part)?))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn run_catalogue(arguments: &ArgMatches) -> Result<ExitCode> {
    let (version, table, mend) = match arguments.get_one::<String>("release") {
        Some(release) => {
            let mend = format!("cargo xtask catalogue --release {release}");
            (release.clone(), catalogue::of_release(release)?, mend)
        }
        None => {
            let server = ApiServer::start()?;
            (server.version()?, catalogue::generate(&server)?, "cargo xtask catalogue".to_owned())
        }
    };
    let path = catalogue::path(&version)?;
    let shown = path.strip_prefix(repository()).unwrap_or(&path);
    let committed = match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    if !arguments.get_flag("check") {
        if committed.as_ref() == Some(&table) {
            say(&format!("{shown} says so already"));
        } else {
            fs::write(&path, table)?;
            say(&format!("wrote {shown}"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let finding = match committed {
        None => format!("there is no {shown} yet"),
        Some(committed) => match catalogue::difference(&committed, &table) {
            None => {
                say(&format!("{shown} is what Kubernetes {version} serves"));
                return Ok(ExitCode::SUCCESS);
            }
            Some(difference) => {
                out(&difference)?;
                format!("{shown} is not what Kubernetes {version} serves (- committed, + served)")
            }
        },
    };
    say(&format!("{finding}\n  help: run `{mend}`"));
    Ok(ExitCode::from(DIFFERENCES))
}

/// Writes what was asked for. Whoever closed the pipe has seen enough.
fn out(text: &str) -> Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write the result"),
        _ => Ok(()),
    }
}

/// A line about what was asked for.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A text as one word of a shell's command.
fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@".contains(&byte);
    if text.bytes().all(plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        cli().debug_assert();
    }

    #[test]
    fn a_path_is_one_word_for_a_shell() {
        assert_eq!(shell_word("/a/b-c.kubeconfig"), "/a/b-c.kubeconfig");
        assert_eq!(shell_word("/a b/it's"), r"'/a b/it'\''s'");
    }
}
