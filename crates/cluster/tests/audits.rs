//! What an audit finds, case by case: a folder for each in `audits/`.
//!
//! `cluster.yaml` has what the cluster has (in the short form that `plans.rs` explains, and Secrets without what they
//! hold). Where there is an `out.yaml`, it is audited with a workspace that renders that. `forbidden.yaml` lists what
//! could not be listed. `report.snap` is what people read, `document.snap` what programs read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

mod support;

use camino::Utf8Path;
use serde_json::Value;
use support::{WORKSPACE, declared, documents, live, observed_of};
use tegata_cluster::audit::{Seen, Workspace, audit, show};
use tegata_cluster::connect::Trouble;
use tegata_cluster::inventory::Inventory;
use tegata_cluster::kinds::Kind;
use tegata_cluster::object::{Live, ObjectId};
use tegata_cluster::plan::{Options, plan};
use tegata_cluster::standing::{Account, Standing};

#[test]
fn audits() {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audits");
    let mut cases: Vec<_> = folder.read_dir_utf8().unwrap().map(|entry| entry.unwrap().into_path()).collect();
    cases.sort();
    assert!(cases.len() >= 8, "the cases are gone");
    for case in cases {
        let seen = seen(&case);
        let has_workspace = case.join("out.yaml").exists();
        let desired = declared(documents(&case, "out.yaml"));
        let inventory = Inventory::of(WORKSPACE, "main");
        let observed = observed_of(lives(&case, &inventory), &desired, &inventory);
        let plan = plan(&desired, &observed, &inventory, &Options::default());
        let workspace = has_workspace.then_some(Workspace { desired: &desired, plan: &plan });
        let found = audit(&seen, workspace);
        let subject = show::Subject {
            server: "https://k8s.example.com".to_owned(),
            workspace: has_workspace.then(|| (WORKSPACE.to_owned(), "main".to_owned())),
        };
        let text = anstream::adapter::strip_str(&show::text(&found, &subject)).to_string();
        let document = format!("{:#}", show::document(&found, &subject));
        insta::with_settings!({ snapshot_path => case.as_std_path(), prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("report", text);
            insta::assert_snapshot!("document", document);
        });
    }
}

fn seen(case: &Utf8Path) -> Seen {
    let mut seen = Seen::default();
    let mut of_rbac: Vec<(ObjectId, Value)> = Vec::new();
    for object in documents(case, "cluster.yaml") {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        match text("/kind") {
            "Pod" => seen.pods.push(object),
            "Secret" => seen.token_secrets.push(object),
            "ConfigMap" => seen.config_maps.push(object),
            "ServiceAccount" => {
                if text("/metadata/labels/app.kubernetes.io~1managed-by") == "tegata" {
                    seen.accounts.push(Account::new(text("/metadata/namespace"), text("/metadata/name")));
                }
            }
            _ => of_rbac.push((ObjectId::of(&object).unwrap(), object)),
        }
    }
    seen.standing = Standing::of(of_rbac.iter().map(|(id, object)| (id, object)));
    for what in documents(case, "forbidden.yaml").pop().unwrap_or_default().as_array().into_iter().flatten() {
        let message = "User \"auditor\" cannot list this".to_owned();
        seen.unseen.push((what.as_str().unwrap().to_owned(), Trouble::Refused { code: 403, message }));
    }
    seen
}

/// The objects of kinds that tegata renders, as the server has them.
fn lives(case: &Utf8Path, inventory: &Inventory) -> Vec<Live> {
    let objects = documents(case, "cluster.yaml").into_iter().enumerate();
    let known = objects.filter(|(_, object)| Kind::of_name(object["kind"].as_str().unwrap()).is_some());
    known.map(|(number, object)| live(object, number, inventory)).collect()
}
