//! What the command line says.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::process::ExitCode;

use clap::{ArgMatches, Command};
use serde_json::Value;

use crate::mistakes::{self, Unknown};
use crate::{DONE, FAULT, Fault, end, ui};

/// What the command line says; where it asks for help or makes no sense, that is printed, and this is the end. The
/// document is how the fault is printed for programs; a tip, what to say of an option that no command has.
pub fn matches(
    mut command: Command,
    document: fn(&Fault) -> Value,
    tip: fn(&Unknown<'_>) -> Option<String>,
) -> Result<ArgMatches, ExitCode> {
    let matches = command.try_get_matches_from_mut(std::env::args_os()).map_err(|error| {
        let error = mistakes::mended(error, &mut command, tip);
        let text = error.render();
        if !error.use_stderr() {
            ui::out(&text.ansi().to_string());
            return end(DONE);
        }
        if json_is_asked_for() {
            ui::out(&format!("{:#}\n", document(&mistakes::fault(&error))));
        }
        ui::say(&text.ansi().to_string());
        end(FAULT)
    })?;
    if let Some(directory) = directory(&matches) {
        ui::speak_of(directory);
    }
    Ok(matches)
}

/// Reads a whole number, and says so where there is none.
pub fn whole_number<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match *range.end() {
            u64::MAX => format!("write a whole number, {} or more", range.start()),
            end => format!("write a whole number from {} to {end}", range.start()),
        })
    }
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
}
