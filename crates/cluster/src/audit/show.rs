//! What was found, as people and programs read it.

use std::fmt::Write;

use serde_json::{Value, json};
use tegata::diagnostic::json::FORMAT_VERSION;
use tegata_cli::count;

use super::{Audit, Configuration, Grant, JobPod, TokenSecret};
use crate::finding::Severity;
use crate::show::human::{findings, in_a_line, presentable};

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The address of the server.
    pub server: String,
    /// The workspace and its cluster, where there is one.
    pub workspace: Option<(String, String)>,
}

/// For people: tables, the worst first, then the findings.
pub fn text(audit: &Audit, subject: &Subject) -> String {
    let mut text = match &subject.workspace {
        Some((workspace, cluster)) => {
            format!("cluster {cluster} ({}), workspace {workspace}\n", subject.server)
        }
        None => format!("cluster {}, without a workspace\n", subject.server),
    };
    let mut table = |title: &str, header: &[&str], rows: Vec<Vec<String>>| {
        if !rows.is_empty() {
            let _ = write!(text, "\n{title}\n{}", aligned(header, &rows));
        }
    };
    table(
        "who is bound to what:",
        &["", "OF", "SUBJECT", "SCOPE", "ROLE", "BY"],
        audit.grants.iter().map(grant_row).collect(),
    );
    table(
        "job pods that run:",
        &["NAMESPACE", "ACCOUNT", "POD", "PROJECT", "PHASE"],
        audit.jobs.iter().map(job_row).collect(),
    );
    table(
        "tokens that never end:",
        &["NAMESPACE", "ACCOUNT", "SECRET", "SINCE"],
        audit.tokens.iter().map(token_row).collect(),
    );
    table(
        "configurations of runners:",
        &["NAMESPACE", "CONFIGMAP", "KEY", "OPEN"],
        audit.configurations.iter().map(configuration_row).collect(),
    );
    findings(&mut text, &audit.findings);
    let _ = writeln!(text, "\n{}", summary(audit));
    presentable(&text)
}

fn summary(audit: &Audit) -> String {
    let levels = [Severity::Critical, Severity::Error, Severity::Warning];
    let numbers = levels.map(|level| {
        let number = audit.findings.iter().filter(|finding| finding.severity == level).count();
        format!("{number} {}", level.word())
    });
    let bindings = count(audit.own_grants, "binding");
    format!("{}; {bindings} of Kubernetes' own left out", numbers.join(", "))
}

/// Columns with two blanks between them.
fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|word| (*word).to_owned()).collect();
    let rows: Vec<&Vec<String>> = std::iter::once(&header).chain(rows).collect();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<String>>().join("  ");
        let _ = writeln!(text, "  {}", line.trim_end());
    }
    text
}

fn cells(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| in_a_line(cell)).collect()
}

fn grant_row(grant: &Grant) -> Vec<String> {
    let severity = grant.severity().map_or("", Severity::word);
    let (scope, role, binding) = (grant.scope(), grant.role(), grant.binding.to_string());
    cells(&[severity, grant.of_whom(), &grant.subject.name, &scope, &role, &binding])
}

fn job_row(job: &JobPod) -> Vec<String> {
    let project = job.project.as_deref().unwrap_or("-");
    cells(&[&job.account.namespace, &job.account.name, &job.name, project, &job.phase])
}

fn token_row(token: &TokenSecret) -> Vec<String> {
    cells(&[&token.account.namespace, &token.account.name, &token.name, &token.created])
}

fn configuration_row(configuration: &Configuration) -> Vec<String> {
    let open = match &configuration.open {
        Ok(problems) if problems.is_empty() => "no".to_owned(),
        Ok(problems) => count(problems.len(), "setting"),
        Err(_) => "unreadable".to_owned(),
    };
    cells(&[&configuration.namespace, &configuration.name, configuration.key, &open])
}

/// For programs: one document.
pub fn document(audit: &Audit, subject: &Subject) -> Value {
    let (workspace, cluster) = match &subject.workspace {
        Some((workspace, cluster)) => (Some(workspace), Some(cluster)),
        None => (None, None),
    };
    // What stands in a cluster has no place in a file.
    let elsewhere = cluster.map_or_else(|| ".".to_owned(), |cluster| format!("out/kubernetes/{cluster}"));
    json!({
        "version": FORMAT_VERSION,
        "diagnostics": audit.findings.iter().map(|finding| finding.json(&elsewhere)).collect::<Vec<Value>>(),
        "workspace": workspace,
        "cluster": cluster,
        "server": subject.server,
        "grants": audit.grants.iter().map(grant).collect::<Vec<Value>>(),
        "ownGrants": audit.own_grants,
        "jobPods": audit.jobs.iter().map(job).collect::<Vec<Value>>(),
        "tokenSecrets": audit.tokens.iter().map(token).collect::<Vec<Value>>(),
        "runnerConfigurations": audit.configurations.iter().map(configuration).collect::<Vec<Value>>(),
    })
}

fn grant(grant: &Grant) -> Value {
    let subject = &grant.subject;
    let namespace = Some(&subject.namespace).filter(|namespace| !namespace.is_empty());
    json!({
        "severity": grant.severity().map(Severity::word),
        "subject": { "kind": subject.kind, "namespace": namespace, "name": subject.name },
        "scope": grant.scope(),
        "namespace": grant.namespace,
        "role": grant.role(),
        "binding": grant.binding.argument(),
    })
}

fn job(job: &JobPod) -> Value {
    json!({
        "namespace": job.account.namespace,
        "account": job.account.name,
        "pod": job.name,
        "project": job.project,
        "phase": job.phase,
    })
}

fn token(token: &TokenSecret) -> Value {
    json!({
        "namespace": token.account.namespace,
        "account": token.account.name,
        "secret": token.name,
        "created": token.created,
    })
}

fn configuration(configuration: &Configuration) -> Value {
    let open = configuration.open.as_ref().ok();
    let open =
        open.map(|problems| problems.iter().map(|problem| problem.dotted_path()).collect::<Vec<String>>());
    json!({
        "configMap": configuration.id(),
        "key": configuration.key,
        "open": open,
    })
}
