//! What accounts may do, held against what was declared, case by case: a folder for each in `comparisons/`.
//!
//! `out.yaml` has the roles and bindings that are rendered, `cluster.yaml` those of the cluster. `answers.yaml` has, for
//! each namespace, the `status` of a SelfSubjectRulesReview that the account `web/build` got. `findings.snap` is what
//! follows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;

use camino::Utf8Path;
use serde_json::Value;
use support::documents;
use tegata_cluster::finding::Place;
use tegata_cluster::object::ObjectId;
use tegata_cluster::standing::{Account, Standing};
use tegata_cluster::verify::compare::{Answer, Sides, compare};
use tegata_cluster::verify::model::Holder;

#[test]
fn comparisons() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/comparisons");
    let mut cases: Vec<_> = folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
    cases.sort();
    assert!(cases.len() >= 10, "the cases are gone");
    for case in cases {
        let sides = Sides {
            declared: standing(&case, "out.yaml"),
            live: standing(&case, "cluster.yaml"),
            cluster_scoped: BTreeSet::from([(String::new(), "nodes".to_owned())]),
        };
        let holder = Holder {
            account: Account::new("web", "build"),
            place: Place { file: "projects/web.yaml".to_owned(), line: 5, column: 5 },
            phrases: Vec::new(),
        };
        let answers = documents(&case, "answers.yaml").pop().unwrap();
        let answers: Vec<Answer> = answers
            .as_object()
            .unwrap()
            .iter()
            .map(|(namespace, status)| Answer::of(namespace, status))
            .collect();
        let mut text = String::new();
        for finding in compare(&holder, &sides, &answers) {
            let object = finding.object.unwrap_or_default();
            writeln!(text, "{}[{}] {object}", finding.severity.word(), finding.id).unwrap();
            writeln!(text, "  {}\n  {}", finding.message, finding.help).unwrap();
        }
        if text.is_empty() {
            text = "nothing\n".to_owned();
        }
        insta::with_settings!({ snapshot_path => case.as_std_path(), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("findings", text);
        });
    }
}

fn standing(case: &Utf8Path, file: &str) -> Standing {
    let objects = documents(case, file);
    let objects: Vec<(ObjectId, Value)> =
        objects.into_iter().map(|object| (ObjectId::of(&object).unwrap(), object)).collect();
    Standing::of(objects.iter().map(|(id, object)| (id, object)))
}
