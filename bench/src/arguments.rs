//! What the command line says.

use camino::Utf8PathBuf;
use clap::{Arg, ArgAction, Command, value_parser};

/// How many times larger the workspace of `--full` is.
pub const FULL_FACTOR: usize = 10;

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Arguments {
    /// How many projects the workspace has.
    pub projects: usize,
    /// How often everything is measured.
    pub rounds: usize,
    /// Whether a workspace of ten times the size is measured too.
    pub full: bool,
    /// Whether the workspaces stay on disk.
    pub keep: bool,
    /// The folder in which the workspaces are written, if not the target folder.
    pub folder: Option<Utf8PathBuf>,
}

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, range| {
        Arg::new(name).long(name).value_name("N").default_value(default).value_parser(range)
    };
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    Command::new("cargo xtask bench")
        .about("Measure rendering, beside cp and helm")
        .after_help(
            "Exit codes: 0 all bounds are kept, 1 a bound is missed or something failed.\n\
             helm is taken from $TEGATA_HELM or the PATH.",
        )
        .arg(
            number("projects", "10000", value_parser!(u32).range(1..=1_000_000))
                .help("The number of projects. The bounds are meant for 10,000"),
        )
        .arg(
            number("rounds", "5", value_parser!(u32).range(3..=100)).help("How often everything is measured"),
        )
        .arg(flag("full").help("Measure ten times as many projects, too"))
        .arg(flag("keep").help("Leave the workspaces in target/bench/"))
        .arg(
            Arg::new("in")
                .long("in")
                .value_name("DIR")
                .value_parser(value_parser!(Utf8PathBuf))
                .help("Write the workspaces there, in a folder `bench`: a disk that others use makes figures unsteady. Those of --full lie in memory, where the system has a tmpfs"),
        )
}

/// Reads the command line.
pub fn parse() -> Result<Arguments, clap::Error> {
    let matches = command().try_get_matches()?;
    let number = |name: &str| {
        // The default is always there.
        matches.get_one::<u32>(name).and_then(|value| usize::try_from(*value).ok()).unwrap_or_default()
    };
    Ok(Arguments {
        projects: number("projects"),
        rounds: number("rounds"),
        full: matches.get_flag("full"),
        keep: matches.get_flag("keep"),
        folder: matches.get_one::<Utf8PathBuf>("in").map(|folder| folder.join("bench")),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }
}
