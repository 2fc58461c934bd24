//! `completions`: a script that completes the commands in a shell.

use clap::{Arg, ArgMatches, Command};
use clap_complete::{Shell, generate};

use super::{DONE, Outcome};
use tegata_cli::ui;

/// Shells complete the words after `cargo` by a script of cargo's own, which knows nothing of `xtask`: so a function has
/// to stand for both words.
const HOW: &str = "\
The script completes `xtask`, a function that you define. Bash and zsh, in ~/.bashrc or ~/.zshrc:
  xtask() { cargo xtask \"$@\"; }
Then keep the script where the shell finds it:
  cargo xtask completions bash > ~/.local/share/bash-completion/completions/xtask
  cargo xtask completions zsh > ~/.zfunc/_xtask     # or another folder of $fpath
Fish:
  alias --save xtask 'cargo xtask'
  cargo xtask completions fish > ~/.config/fish/completions/xtask.fish";

pub fn command() -> Command {
    Command::new("completions")
        .about("Print a script that completes the commands in a shell")
        .after_help(HOW)
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
