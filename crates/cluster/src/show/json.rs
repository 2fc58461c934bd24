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

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on fails, and that is its report")]

    use serde_json::{Value, json};

    use super::document;
    use crate::execute::Report;
    use crate::fault::Fault;
    use crate::fields::Manager;
    use crate::kinds::Kind;
    use crate::object::ObjectId;
    use crate::plan::{Action, Change, Leftover, Plan, Refusal, Stays};
    use crate::show::Heading;
    use crate::words::{HolderWords, Words};

    fn id(kind: Kind, name: &str) -> ObjectId {
        let namespace = kind.is_namespaced().then(|| "web".to_owned());
        ObjectId { kind, namespace, name: name.to_owned() }
    }

    fn of_all() -> Value {
        let change = Change {
            id: id(Kind::Role, "build"),
            action: Action::Update,
            manifest: None,
            live: None,
            before: json!({ "rules": ["a", "b"] }),
            after: json!({ "rules": ["a"] }),
            taken: false,
            managed_by: vec![Manager {
                name: "kubectl-edit".to_owned(),
                operation: "Update".to_owned(),
                time: "2026-01-31T09:26:53Z".to_owned(),
            }],
        };
        let refusal = Refusal {
            fault: Fault::new("not-ours", "it is not tegata's", "take it over"),
            object: Some(id(Kind::ClusterRole, "reader")),
            place: Some(("out/kubernetes/main/cluster-roles/reader.yaml".into(), 3)),
            difference: None,
        };
        let plan = Plan {
            changes: vec![change],
            refusals: vec![refusal],
            leftovers: vec![Leftover { id: id(Kind::Role, "old"), why: Stays::NotAsked }],
            unchanged: 3,
            ..Plan::default()
        };
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let holder =
            HolderWords { holder: "web/build".to_owned(), gains: Vec::new(), loses: texts(&["b in web"]) };
        let words = Words { new_accounts: texts(&["web/deploy"]), holders: vec![holder], ..Words::default() };
        let heading = Heading {
            workspace: "example".to_owned(),
            cluster: "main".to_owned(),
            server: "https://k8s.example.com".to_owned(),
        };
        let report = Report {
            done: vec![(id(Kind::Role, "build"), "apply")],
            failed: vec![(id(Kind::RoleBinding, "build"), Fault::new("refused", "the server", "ask it"))],
            not_done: vec![(id(Kind::ClusterRole, "reader"), "delete")],
        };
        document(&plan, &words, &heading, Some(&report), None)
    }

    #[test]
    fn a_document_has_what_the_documentation_says() {
        let document = of_all();
        insta::with_settings!({ snapshot_path => "../../tests/documents", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("apply", format!("{document:#}"));
        });
        assert_eq!(undescribed(&document), [""; 0]);
    }

    /// The fields of a document that `docs/json.md` does not name.
    pub(crate) fn undescribed(document: &Value) -> Vec<String> {
        let page = include_str!("../../../../docs/json.md");
        let mut names = Vec::new();
        collect(document, &mut names);
        names.retain(|name| !page.contains(&format!("`{name}`")) && !page.contains(&format!(".{name}`")));
        names
    }

    fn collect(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(item, names)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    names.push(name.clone());
                    collect(value, names);
                }
            }
            _ => {}
        }
    }
}
