//! What was verified, as people and programs read it.

use std::fmt::Write;

use serde_json::{Value, json};
use tegata::diagnostic::json::FORMAT_VERSION;
use tegata_cli::count;

use super::{AccountReport, PhraseReport, Report, RunnerReport};
use crate::finding::{Finding, Severity};
use crate::show::Heading;
use crate::show::human::{findings, in_a_line, presentable};

/// For people: what holds, and then what does not.
pub fn text(report: &Report, heading: &Heading) -> String {
    let mut text =
        format!("cluster {} ({}), workspace {}\n", heading.cluster, heading.server, heading.workspace);
    for account in &report.accounts {
        of_account(&mut text, account);
    }
    for runner in report.runners.iter().filter(|runner| runner.admitted + runner.refused > 0) {
        let _ = writeln!(
            text,
            "\nrunner {}\n  {} admitted, {} refused, as declared",
            runner.name,
            count(runner.admitted, "pod"),
            runner.refused
        );
    }
    let found = report.findings();
    findings(&mut text, &found);
    let _ = writeln!(
        text,
        "\n{} of {} verified: {}",
        report.accounts.iter().filter(|account| account.was_asked()).count(),
        count(report.accounts.len(), "account"),
        result(&found)
    );
    presentable(&text)
}

/// In a few words. Warnings are counted apart: with nothing else, the exit code is 0.
fn result(found: &[Finding]) -> String {
    let warnings = found.iter().filter(|finding| finding.severity == Severity::Warning).count();
    let parts: Vec<String> = [(found.len() - warnings, "finding"), (warnings, "warning")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| count(number, word))
        .collect();
    if parts.is_empty() { "everything is as declared".to_owned() } else { parts.join(", ") }
}

fn of_account(text: &mut String, account: &AccountReport) {
    let _ = writeln!(text, "\n{}", account.account);
    for phrase in &account.phrases {
        let _ = writeln!(text, "  {}", in_a_line(&of_phrase(phrase)));
    }
    if account.namespaces > 0 {
        let _ =
            writeln!(text, "  asked for all that it may do in {}", count(account.namespaces, "namespace"));
    }
}

fn of_phrase(answer: &PhraseReport) -> String {
    let word = if answer.phrase.can { "can" } else { "cannot" };
    let holds = if answer.phrase.can == answer.allowed { "" } else { "  <-- does not hold" };
    let really = match &answer.really {
        Some(Err(message)) if !answer.allowed => format!(": {message}"),
        _ => String::new(),
    };
    let answered = if answer.allowed { "allowed" } else { "refused" };
    format!("{word} {}: {answered}{really}{holds}", answer.phrase.text)
}

/// For programs: one document.
pub fn document(report: &Report, heading: &Heading) -> Value {
    let folder = format!("out/kubernetes/{}", heading.cluster);
    json!({
        "version": FORMAT_VERSION,
        "diagnostics": report.findings().iter().map(|finding| finding.json(&folder)).collect::<Vec<Value>>(),
        "workspace": heading.workspace,
        "cluster": heading.cluster,
        "server": heading.server,
        "accounts": report.accounts.iter().map(account).collect::<Vec<Value>>(),
        "runners": report.runners.iter().map(runner).collect::<Vec<Value>>(),
    })
}

fn account(report: &AccountReport) -> Value {
    json!({
        "namespace": report.account.namespace,
        "name": report.account.name,
        "phrases": report.phrases.iter().map(phrase).collect::<Vec<Value>>(),
        "verified": report.was_asked(),
        "namespacesAsked": report.namespaces,
        "findings": report.findings.len(),
    })
}

fn phrase(answer: &PhraseReport) -> Value {
    let message = answer.really.as_ref().and_then(|really| really.as_ref().err());
    json!({
        "phrase": answer.phrase.text,
        "kind": if answer.phrase.can { "can" } else { "cannot" },
        "allowed": answer.allowed,
        "holds": answer.phrase.can == answer.allowed,
        "requested": answer.really.is_some(),
        "serverMessage": message,
    })
}

fn runner(report: &RunnerReport) -> Value {
    json!({ "name": report.name, "admitted": report.admitted, "refused": report.refused })
}
