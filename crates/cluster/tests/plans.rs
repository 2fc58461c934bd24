//! Plans, case by case: a folder for each, with what `out/` says, what the cluster has, and what is allowed.
//!
//! `out.yaml` has manifests as they are rendered (tegata's labels are added). `cluster.yaml` has objects as the server
//! keeps them, but for a short form: `managers: {NAME: [TOP-LEVEL FIELD, …]}` stands for the `managedFields` that the
//! server would write if NAME had applied (`tegata`) or updated these fields. `options.yaml` has what is allowed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on fails, and that is its report"
)]

mod support;

use std::fmt::Write;

use camino::Utf8Path;
use serde_json::Value;
use support::{WORKSPACE, declared, documents, live, observed_of};
use tegata_cluster::inventory::Inventory;
use tegata_cluster::plan::{Options, Plan, Prune, Work, plan, stages};
use tegata_cluster::show::{Heading, human};
use tegata_cluster::words::words;

#[test]
fn plans() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut cases: Vec<_> = folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
    cases.sort();
    assert!(cases.len() > 10, "the cases are gone");
    for case in cases.iter().filter(|path| path.is_dir()) {
        let desired = declared(documents(case, "out.yaml"));
        let inventory = Inventory::of(WORKSPACE, "main");
        let objects = documents(case, "cluster.yaml").into_iter().enumerate();
        let objects = objects.map(|(number, object)| live(object, number, &inventory)).collect();
        let observed = observed_of(objects, &desired, &inventory);
        let plan = plan(&desired, &observed, &inventory, &options(case));
        let heading = Heading {
            workspace: WORKSPACE.to_owned(),
            cluster: "main".to_owned(),
            server: "https://k8s.example.com".to_owned(),
        };
        let text = human::text(&plan, &words(&plan, &desired, &observed), &heading);
        let text = format!("{}\n{}", anstream::adapter::strip_str(&text), order(&plan));
        insta::with_settings!({ snapshot_path => case.as_std_path(), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("plan", text);
        });
    }
}

/// The steps, stage by stage, with the rules or subjects that each leaves.
fn order(plan: &Plan) -> String {
    let mut text = format!("differs: {}\n", plan.differs());
    for stage in stages(plan) {
        let _ = writeln!(text, "{}:", stage.title);
        for step in stage.steps {
            let _ = match &step.work {
                Work::Delete { .. } => writeln!(text, "  delete {}", step.id),
                Work::Apply { manifest, expect, take } => {
                    let gives = manifest.get("rules").or_else(|| manifest.get("subjects"));
                    let gives = gives.map(|gives| format!(" with {gives}")).unwrap_or_default();
                    let taking = if take.is_some() { "take and " } else { "" };
                    let expect = format!("{expect:?}");
                    let expect =
                        expect.split(' ').next().unwrap_or_default().split('(').next().unwrap_or_default();
                    writeln!(text, "  {taking}apply {} ({expect}){gives}", step.id)
                }
            };
        }
    }
    text
}

fn options(case: &Utf8Path) -> Options {
    let Some(options) = documents(case, "options.yaml").pop() else { return Options::default() };
    let texts = |value: Option<&Value>| -> Vec<String> {
        let list = value.and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    Options {
        prune: options.get("prune").map(|prune| Prune {
            limit: 30,
            count: prune.get("count").and_then(Value::as_u64).map(|count| count.try_into().unwrap()),
            namespaces: texts(prune.get("namespaces")),
        }),
        take: texts(options.get("takeOwnership")),
    }
}
