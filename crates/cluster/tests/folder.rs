//! What people are told to run is about the workspace of `-C`, wherever it is printed. A process has one such folder,
//! so this is a process of its own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use tegata_cli::ui;
use tegata_cluster::finding::{Finding, Severity};
use tegata_cluster::kinds::Kind;
use tegata_cluster::object::ObjectId;
use tegata_cluster::plan::{Leftover, Plan, Stays};
use tegata_cluster::show::{Heading, human, json};
use tegata_cluster::words::Words;
use tegata_cluster::{Fault, audit, verify};

const EXPECTED: &str = "`cargo xtask -C ~/ci apply --prune` deletes it";

#[track_caller]
fn check(text: &str, document: &Value) {
    assert!(text.contains(&format!("help: {EXPECTED}\n")), "{text}");
    assert_eq!(document.pointer("/diagnostics/0/help").unwrap(), EXPECTED);
}

#[test]
fn helps_name_the_folder() {
    ui::speak_of("~/ci");
    let help = "`cargo xtask apply --prune` deletes it";
    let finding = || Finding::new(Severity::Error, "orphan", "it is no longer in out/", help);
    let heading = Heading {
        workspace: "example".to_owned(),
        cluster: "main".to_owned(),
        server: "https://k8s.example.com".to_owned(),
    };

    let found = audit::Audit { findings: vec![finding()], ..audit::Audit::default() };
    let subject = audit::show::Subject::default();
    check(&audit::show::text(&found, &subject), &audit::show::document(&found, &subject));

    let report = verify::Report { findings: vec![finding()], ..verify::Report::default() };
    check(&verify::show::text(&report, &heading), &verify::show::document(&report, &heading));

    let id =
        ObjectId { kind: Kind::ServiceAccount, namespace: Some("web".to_owned()), name: "build".to_owned() };
    let plan = Plan { leftovers: vec![Leftover { id, why: Stays::NotAsked }], ..Plan::default() };
    let words = Words::default();
    let document = json::document(&plan, &words, &heading, None, None);
    check(&human::text(&plan, &words, &heading), &document);

    // A fault after the plan was made stands in the same document.
    let fault = Fault::new("not-saved", "it is not saved", help);
    let document = json::document(&plan, &words, &heading, None, Some(&fault));
    assert_eq!(document.pointer("/diagnostics/0/id").unwrap(), "not-saved");
    assert_eq!(document.pointer("/diagnostics/1/id").unwrap(), "not-in-out");
}
