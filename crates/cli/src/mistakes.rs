//! What is said of a command line that makes no sense.

use clap::Command;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::Fault;

/// An option that a command does not have.
pub struct Unknown<'a> {
    /// The names of the command, from the outermost.
    pub command: &'a [&'a str],
    /// The option, with its dashes.
    pub option: &'a str,
}

/// What clap says, without advice that leads nowhere: no value of ours begins with a dash, and the usage is the
/// command's, not that of the options that were understood.
pub(crate) fn mended(
    mut error: Error,
    command: &mut Command,
    tip: fn(&Unknown<'_>) -> Option<String>,
) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let Some((names, usage)) = usage_of(&error, command) else { return error };
    let mut tips = tips(&error);
    tips.retain(|tip| !tip.ansi().to_string().contains("as a value"));
    if let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        tips.extend(tip(&Unknown { command: &names, option }).map(StyledStr::from));
    }
    // Where clap knows an option that is alike, its usage shows that one.
    if error.get(ContextKind::SuggestedArg).is_none() {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
    }
    error.remove(ContextKind::Suggested);
    // Where there are none, clap would leave a line for them.
    if !tips.is_empty() {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

fn tips(error: &Error) -> Vec<StyledStr> {
    match error.get(ContextKind::Suggested) {
        Some(ContextValue::StyledStrs(tips)) => tips.clone(),
        _ => Vec::new(),
    }
}

/// The names of the command that the error is about, and how that command is used.
fn usage_of(error: &Error, command: &mut Command) -> Option<(Vec<String>, StyledStr)> {
    let usage = error.get(ContextKind::Usage)?.to_string();
    let outermost = command.get_bin_name()?.to_owned();
    let (_, words) = usage.split_once(&outermost)?;
    let mut names = Vec::new();
    let mut of = command;
    for word in words.split_whitespace() {
        if of.find_subcommand(word).is_none() {
            break;
        }
        of = of.find_subcommand_mut(word)?;
        names.push(word.to_owned());
    }
    Some((names, of.render_usage()))
}

/// The same for programs: what is wrong, perhaps tips, and how the command is used.
pub(crate) fn fault(error: &Error) -> Fault {
    parts(&error.render().to_string(), error.kind() == ErrorKind::UnknownArgument)
}

fn parts(text: &str, is_unknown: bool) -> Fault {
    let mut paragraphs =
        text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let rest: Vec<String> = paragraphs.collect();
    let tips: Vec<&str> = rest.iter().filter_map(|paragraph| paragraph.strip_prefix("tip: ")).collect();
    let usage = rest.iter().find_map(|paragraph| paragraph.strip_prefix("Usage: "));
    let help = match usage {
        _ if !tips.is_empty() => tips.join("; "),
        Some(usage) if is_unknown => format!("`{} --help` tells what may be written", command_of(usage)),
        Some(usage) => format!("write it as `{usage}`"),
        None => "`--help` tells what may be written".to_owned(),
    };
    Fault::new("arguments", message.strip_prefix("error: ").unwrap_or(&message), help)
}

/// The words of a usage before its arguments.
fn command_of(usage: &str) -> String {
    let words = usage.split(' ').take_while(|word| !word.starts_with(['[', '<', '-']));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let fault = parts(text, false);
            assert_eq!((fault.message.as_str(), fault.help.as_str()), (message, help));
        }
    }

    #[test]
    fn an_option_that_is_not_there_leads_to_the_help_of_its_command() {
        let text =
            "error: unexpected argument '--bogus' found\n\nUsage: cargo xtask new role [OPTIONS] <NAME>\n\n";
        assert_eq!(parts(text, true).help, "`cargo xtask new role --help` tells what may be written");
    }
}
