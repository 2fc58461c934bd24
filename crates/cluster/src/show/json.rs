//! For programs: one document.

use serde_json::{Value, json};
use tegata::diagnostic::json::FORMAT_VERSION;
use tegata_cli::ui;

use super::{Heading, addition, diff, leftover};
use crate::execute::Report;
use crate::fault::Fault;
use crate::object::ObjectId;
use crate::plan::{Change, Plan, Refusal};
use crate::words::Words;

/// All of a plan, and of what became of it: what was done, or the fault for which nothing was.
pub fn document(
    plan: &Plan,
    words: &Words,
    heading: &Heading,
    report: Option<&Report>,
    fault: Option<&Fault>,
) -> Value {
    let folder = format!("out/kubernetes/{}", heading.cluster);
    let errors = plan.refusals.iter().map(|refusal| refused(refusal, &folder));
    let warnings = plan.additions.iter().map(addition).chain(plan.leftovers.iter().map(leftover));
    let warnings = warnings.map(|(id, message, help)| diagnostic(id, "warning", &message, &help, &folder, 1));
    let failed = report.into_iter().flat_map(|report| &report.failed).map(|(_, fault)| fault);
    let failed = failed.chain(fault).map(|fault| of_fault(fault, &folder));
    let mut document = json!({
        "version": FORMAT_VERSION,
        "diagnostics": errors.chain(failed).chain(warnings).collect::<Vec<Value>>(),
        "workspace": heading.workspace,
        "cluster": heading.cluster,
        "server": heading.server,
        "changes": plan.changes.iter().map(change).collect::<Vec<Value>>(),
        "unchanged": plan.unchanged,
        "words": in_words(words),
    });
    if let (Some(report), Some(fields)) = (report, document.as_object_mut()) {
        let steps = |steps: &[(ObjectId, &str)]| -> Value {
            steps.iter().map(|(id, what)| json!({ "object": object(id), "what": what })).collect()
        };
        fields.insert("done".to_owned(), steps(&report.done));
        fields.insert("notDone".to_owned(), steps(&report.not_done));
    }
    document
}

/// A fault before there is a plan, after the findings that led to it.
pub fn fault(fault: &Fault) -> Value {
    let findings = fault.findings.values.iter().cloned();
    json!({
        "version": FORMAT_VERSION,
        "diagnostics": findings.chain([of_fault(fault, "tegata.yaml")]).collect::<Vec<Value>>(),
        "changes": [],
    })
}

fn of_fault(fault: &Fault, file: &str) -> Value {
    diagnostic(fault.id, "error", &fault.message, &fault.help, file, 1)
}

fn refused(refusal: &Refusal, folder: &str) -> Value {
    let fault = &refusal.fault;
    let (file, line) = match &refusal.place {
        Some((file, line)) => (file.as_str(), *line),
        None => (folder, 1),
    };
    diagnostic(fault.id, "error", &fault.message, &fault.help, file, line)
}

fn diagnostic(id: &str, severity: &str, message: &str, help: &str, file: &str, line: usize) -> Value {
    json!({
        "id": id,
        "severity": severity,
        "message": message,
        "help": ui::with_folder(help),
        "location": { "file": file, "line": line, "column": 1 },
        "related": [],
    })
}

fn object(id: &ObjectId) -> Value {
    json!({ "kind": id.kind.name(), "namespace": id.namespace, "name": id.name })
}

fn change(change: &Change) -> Value {
    let managers = change.managed_by.iter();
    let managers = managers
        .map(|manager| json!({ "name": manager.name, "operation": manager.operation, "time": manager.time }));
    json!({
        "object": object(&change.id),
        "action": change.action.word(),
        "diff": diff(&change.id, &change.before, &change.after),
        "managedBy": managers.collect::<Vec<Value>>(),
    })
}

fn in_words(words: &Words) -> Value {
    let holders = words.holders.iter();
    let holders = holders
        .map(|holder| json!({ "holder": holder.holder, "gains": holder.gains, "loses": holder.loses }));
    json!({
        "accounts": { "come": words.new_accounts, "go": words.gone_accounts },
        "bindings": { "come": words.new_bindings, "go": words.gone_bindings },
        "permissions": holders.collect::<Vec<Value>>(),
        "cautions": words.cautions,
    })
}
