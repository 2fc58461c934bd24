//! What the command line says.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use serde_json::Value;

use crate::{DONE, FAULT, Fault, end, ui};

/// What the command line says; where it asks for help or makes no sense, that is printed, and this is the end. The
/// document is how the fault is printed for programs.
pub fn matches(command: Command, document: fn(&Fault) -> Value) -> Result<ArgMatches, ExitCode> {
    let matches = command.try_get_matches().map_err(|error| {
        let text = error.render();
        if !error.use_stderr() {
            ui::out(&text.ansi().to_string());
            return end(DONE);
        }
        if json_is_asked_for() {
            ui::out(&format!("{:#}\n", document(&mistake(&text.to_string()))));
        }
        ui::say(&text.ansi().to_string());
        end(FAULT)
    })?;
    if let Some(directory) = directory(&matches) {
        ui::speak_of(directory);
    }
    Ok(matches)
}

/// The folder of `-C`, wherever it stands.
fn directory(matches: &ArgMatches) -> Option<&String> {
    let of_command = matches.subcommand().map(|(_, arguments)| arguments);
    of_command.into_iter().chain([matches]).find_map(|arguments| arguments.try_get_one("directory").ok()?)
}

/// Whether JSON is asked for.
pub fn wants_json(arguments: &ArgMatches) -> bool {
    matches!(arguments.try_get_one::<String>("format"), Ok(Some(format)) if format == "json")
}

/// Whether this process was asked for JSON, as far as that can be seen where its arguments make no sense, or are for
/// another process.
pub fn json_is_asked_for() -> bool {
    asks_for_json(std::env::args_os().skip(1))
}

fn asks_for_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut is_value = false;
    for argument in arguments.take_while(|argument| argument != "--") {
        if argument == "--format=json" || (is_value && argument == "json") {
            return true;
        }
        is_value = argument == "--format";
    }
    false
}

/// What clap says of a command line that makes no sense: what is wrong, perhaps tips, and how the command is used.
fn mistake(text: &str) -> Fault {
    let mut paragraphs =
        text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let rest: Vec<String> = paragraphs.collect();
    let tips: Vec<&str> = rest.iter().filter_map(|paragraph| paragraph.strip_prefix("tip: ")).collect();
    let usage = rest.iter().find_map(|paragraph| paragraph.strip_prefix("Usage: "));
    let help = match usage {
        _ if !tips.is_empty() => tips.join("; "),
        Some(usage) => format!("write it as `{usage}`"),
        None => "`--help` tells what may be written".to_owned(),
    };
    Fault::new("arguments", message.strip_prefix("error: ").unwrap_or(&message), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_seen_wherever_it_is_asked_for() {
        for (arguments, expected) in [
            ("render --format json", true),
            ("redner --format=json --chekc", true),
            ("--format json", true),
            ("render --format", false),
            ("render --format human json", false),
            ("render --format jsn", false),
            ("render json", false),
            ("e2e -- --format json", false),
            ("", false),
        ] {
            let words = arguments.split_whitespace().map(OsString::from);
            assert_eq!(asks_for_json(words), expected, "{arguments}");
        }
    }

    #[test]
    fn what_clap_says_is_a_message_and_a_help() {
        for (text, message, help) in [
            (
                "error: unexpected argument '--chekc' found\n\n  tip: a similar argument exists: '--check'\n\n\
                 Usage: cargo xtask render --check\n\nFor more information, try '--help'.\n",
                "unexpected argument '--chekc' found",
                "a similar argument exists: '--check'",
            ),
            (
                "error: the following required arguments were not provided:\n  <NAME>\n\n\
                 Usage: cargo xtask new role <NAME>\n\nFor more information, try '--help'.\n",
                "the following required arguments were not provided: <NAME>",
                "write it as `cargo xtask new role <NAME>`",
            ),
            (
                "error: invalid value 'x' for '--id <ID>'\n\nFor more information, try '--help'.\n",
                "invalid value 'x' for '--id <ID>'",
                "`--help` tells what may be written",
            ),
        ] {
            let fault = mistake(text);
            assert_eq!((fault.message.as_str(), fault.help.as_str()), (message, help));
        }
    }
}
