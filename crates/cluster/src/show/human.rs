//! For people: first in words, then object by object.

use std::collections::BTreeSet;
use std::fmt::Write;

use tegata_cli::visible::visible;
use tegata_cli::{count, ui};

use super::{Heading, addition, diff, leftover};
use crate::finding::Finding;
use crate::plan::{Action, Plan, Refusal};
use crate::words::Words;

/// All of a plan, in colours.
pub fn text(plan: &Plan, words: &Words, heading: &Heading) -> String {
    presentable(&plain(plan, words, heading))
}

/// A text in colours, in which nothing from a cluster acts on a terminal: what stands there may have been written by
/// anybody.
pub(crate) fn presentable(text: &str) -> String {
    visible(text).split_inclusive('\n').map(coloured).collect()
}

/// Findings, one after the other.
pub(crate) fn findings(text: &mut String, findings: &[Finding]) {
    for finding in findings {
        let (word, id) = (finding.severity.word(), finding.id);
        let _ = writeln!(text, "\n{word}[{id}]: {}", in_a_line(&finding.message));
        if let Some(place) = &finding.place {
            let _ = writeln!(text, "  --> {}:{}:{}", place.file, place.line, place.column);
        }
        let _ = writeln!(text, "  help: {}", of_help(&finding.help));
    }
}

/// A name in a cluster may hold the end of a line, and what comes after it is no line of ours.
pub(crate) fn in_a_line(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// What to do, with the folder that the command was told to work on.
fn of_help(text: &str) -> String {
    in_a_line(&ui::with_folder(text))
}

fn coloured(line: &str) -> String {
    let of_word =
        |colour| line.split_once(": ").map(|(word, rest)| format!("{}: {rest}", ui::coloured(colour, word)));
    let found = if line.starts_with("error[") || line.starts_with("critical[") {
        of_word(anstyle::AnsiColor::Red)
    } else if line.starts_with("warning[") {
        of_word(anstyle::AnsiColor::Yellow)
    } else {
        None
    };
    found.unwrap_or_else(|| ui::diff(line))
}

/// The same without colours.
fn plain(plan: &Plan, words: &Words, heading: &Heading) -> String {
    let mut text =
        format!("cluster {} ({}), workspace {}\n", heading.cluster, heading.server, heading.workspace);
    in_words(&mut text, words);
    for change in plan.changes.iter().filter(|change| change.action != Action::Adopt) {
        let _ = write!(
            text,
            "\n{} {}\n{}",
            change.action.word(),
            in_a_line(&change.id.to_string()),
            diff(&change.id, &change.before, &change.after)
        );
    }
    adopted(&mut text, plan);
    let stays = plan.leftovers.iter().map(leftover);
    for (id, message, help) in plan.additions.iter().map(addition).chain(stays) {
        let _ = write!(text, "\nwarning[{id}]: {}\n  help: {}\n", in_a_line(&message), of_help(&help));
    }
    for refusal in &plan.refusals {
        text.push_str(&refused(refusal));
    }
    let _ = write!(text, "\n{}\n", summary(plan));
    text
}

fn in_words(text: &mut String, words: &Words) {
    let mut list = |title: &str, entries: &[String]| {
        if !entries.is_empty() {
            let _ = writeln!(text, "\n{title}");
            for entry in entries {
                let _ = writeln!(text, "  {}", in_a_line(entry));
            }
        }
    };
    list("accounts that come:", &words.new_accounts);
    list("accounts that go:", &words.gone_accounts);
    list("bindings that come:", &words.new_bindings);
    list("bindings that go:", &words.gone_bindings);
    let permissions: Vec<String> = words
        .holders
        .iter()
        .flat_map(|holder| {
            let gains = holder.gains.iter().map(|phrase| format!("  + {phrase}"));
            let loses = holder.loses.iter().map(|phrase| format!("  - {phrase}"));
            std::iter::once(holder.holder.clone()).chain(loses).chain(gains)
        })
        .collect();
    list("permissions that come (+) and go (-):", &permissions);
    list("careful:", &words.cautions);
}

/// Objects that are as they should be, and not ours yet.
fn adopted(text: &mut String, plan: &Plan) {
    let adopted: Vec<_> = plan.of(Action::Adopt).collect();
    if adopted.is_empty() {
        return;
    }
    let managers: BTreeSet<&str> = adopted
        .iter()
        .flat_map(|change| change.managed_by.iter().map(|manager| manager.name.as_str()))
        .collect();
    let number = count(adopted.len(), "object");
    let _ = write!(text, "\nnot yet in the inventory, and otherwise as out/ says: {number}\n");
    if !managers.is_empty() {
        let managers: Vec<&str> = managers.into_iter().collect();
        let _ = writeln!(text, "  fields are managed by {} too", managers.join(", "));
    }
    if adopted.iter().all(|change| change.taken) {
        return;
    }
    let help = "`cargo xtask apply` takes them into the inventory; `--take-ownership '*'` makes all fields tegata's alone";
    let _ = writeln!(text, "  help: {}", of_help(help));
}

/// Why nothing can be done.
fn refused(refusal: &Refusal) -> String {
    let fault = &refusal.fault;
    let place = match &refusal.place {
        Some((file, line)) => format!("  --> {file}:{line}\n"),
        None => String::new(),
    };
    let difference = match (&refusal.object, &refusal.difference) {
        (Some(id), Some((before, after))) => diff(id, before, after),
        _ => String::new(),
    };
    format!(
        "\nerror[{}]: {}\n{place}{difference}  help: {}\n",
        fault.id,
        in_a_line(&fault.message),
        of_help(&fault.help)
    )
}

/// A plan in a line.
pub fn summary(plan: &Plan) -> String {
    let actions = [Action::Create, Action::Update, Action::Replace, Action::Delete, Action::Adopt];
    let mut parts: Vec<String> = actions
        .into_iter()
        .filter_map(|action| {
            let number = plan.of(action).count();
            (number > 0).then(|| format!("{number} to {}", action.word()))
        })
        .collect();
    parts.push(format!("{} unchanged", plan.unchanged));
    if !plan.refusals.is_empty() {
        parts.push(count(plan.refusals.len(), "error"));
    }
    parts.join(", ")
}
