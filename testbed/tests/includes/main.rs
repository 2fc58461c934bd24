//! The CI includes, as a parser of GitLab CI merges them with what people write around them.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod merged;
#[path = "../support/mod.rs"]
mod support;

use merged::{Account, check, path_of, preview, refusals, with_visible_jobs};
use serde_json::{Value, json};
use support::{Workspace, runner};
use testbed::CiParser;

#[test]
fn the_includes_of_the_example() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let example = Workspace::example();
    example.render();
    let shared = |name, namespace, default| Account {
        name,
        namespace: Some(namespace),
        tags: &["kubernetes"],
        default,
    };
    let projects = [
        ("platform/cicd", vec![shared("kp-account", "cicd", true)]),
        (
            "shop/web/storefront",
            vec![shared("build", "storefront", true), shared("deploy", "storefront", false)],
        ),
        (
            "payments/ledger",
            vec![Account { name: "release", namespace: None, tags: &["payments"], default: true }],
        ),
    ];
    for (project, accounts) in &projects {
        check(&parser, &schema, &example, project, accounts);
    }
    let paths: Vec<String> = projects.iter().map(|(project, _)| path_of(project)).collect();
    for file in example.rendered("gitlab-ci") {
        let path = file.strip_prefix(example.root()).unwrap();
        assert!(
            paths.iter().any(|known| known == path),
            "{path} is rendered, and this test does not know it"
        );
    }
}

/// Tags that YAML would read as something else if they stood there without quotes.
const TAGS: [&str; 14] =
    ["on", "1e3", "null", "a: b", "#c", "- d", "\"e\"", "'f'", "{g}", "[h]", "*i", "&j", "!k", "größe \\ m"];

#[test]
fn names_that_yaml_would_read_as_something_else() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let long = "x".repeat(63);
    let longest = format!("{}.{}", [long.as_str(); 3].join("."), "y".repeat(61));
    assert_eq!(longest.len(), 253);
    let deep: String = (0..20).map(|level| format!("group-{level}/")).collect();
    let projects: Vec<(String, Vec<&str>)> = vec![
        ("1e3/null".to_owned(), vec!["null", "1e3", "on", "true"]),
        ("on/off".to_owned(), vec!["0x1f", "0o17", "no", "y", "1.5", "12.30", "2026-11-24", "1-000"]),
        (format!("{deep}app"), vec![&long, &longest]),
    ];
    let workspace = Workspace::new(&json!([]));
    let mut shared = runner();
    shared["tags"] = json!(TAGS);
    workspace.write("runners/shared.yaml", &shared);
    for (number, (project, names)) in projects.iter().enumerate() {
        let accounts: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(place, name)| json!({ "name": name, "namespace": namespace(name), "default": place == 0 }))
            .collect();
        let file = json!({ "project": project, "runner": "shared", "namespace": "unused", "serviceAccounts": accounts });
        workspace.write(&format!("projects/{number}.yaml"), &file);
    }
    workspace.render();
    for (project, names) in &projects {
        let accounts: Vec<Account<'_>> = names
            .iter()
            .enumerate()
            .map(|(place, name)| Account {
                name,
                namespace: Some(namespace(name)),
                tags: &TAGS,
                default: place == 0,
            })
            .collect();
        check(&parser, &schema, &workspace, project, &accounts);
    }
}

/// The namespace of the same name as an account, as far as namespaces can have it.
fn namespace(account: &str) -> &str {
    account.split('.').next().unwrap_or(account)
}

#[test]
fn accounts_of_several_runners() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let workspace = Workspace::new(&json!([]));
    workspace.write_runner();
    for name in ["one", "two"] {
        let mut own = runner();
        own["isolation"] = json!("dedicated");
        own["release"] = json!(name);
        own["namespace"] = json!({ "name": format!("manager-{name}"), "create": true });
        own["tags"] = json!([name]);
        workspace.write(&format!("runners/{name}.yaml"), &own);
    }
    let project = |name: &str, id: u32, accounts: Value| {
        let file = json!({
            "project": format!("group/{name}"), "id": id, "runner": "shared", "namespace": name, "serviceAccounts": accounts,
        });
        workspace.write(&format!("projects/{name}.yaml"), &file);
    };
    // The default account is the shared runner's, the other one a dedicated runner's; and the other way round.
    project(
        "first",
        1,
        json!([{ "name": "a", "default": true }, { "name": "b", "runner": "one", "namespace": "first-b" }]),
    );
    project(
        "second",
        2,
        json!([{ "name": "c" }, { "name": "d", "default": true, "runner": "two", "namespace": "second-d" }]),
    );
    project("none", 3, json!([{ "name": "e", "default": false }, { "name": "f", "default": false }]));
    workspace.render();
    let account = |name, namespace, tags, default| Account { name, namespace, tags, default };
    check(
        &parser,
        &schema,
        &workspace,
        "group/first",
        &[account("a", Some("first"), &[], true), account("b", None, &["one"], false)],
    );
    check(
        &parser,
        &schema,
        &workspace,
        "group/second",
        &[account("c", Some("second"), &[], false), account("d", None, &["two"], true)],
    );
    check(
        &parser,
        &schema,
        &workspace,
        "group/none",
        &[account("e", Some("none"), &[], false), account("f", Some("none"), &[], false)],
    );
}

/// What the tests above rely on: a mistake is refused, by the parser and by the schema.
#[test]
fn a_broken_include_is_refused() {
    let parser = CiParser::install().unwrap();
    let schema = parser.schema().unwrap();
    let pipeline = json!({
        "include": [{ "local": "/out/gitlab-ci/group/app.yml" }],
        "job": { "extends": ".tegata-a", "script": ["true"] },
    });
    let good = "variables:\n  A: b\n\n.tegata-a:\n  tags: [x]\n  variables:\n    C: d\n";
    let refused = |text: &str| {
        let include: Value = serde_yaml::from_str(text).unwrap();
        (
            preview(&parser, "group/app", &pipeline, text).map_err(|error| format!("{error:#}")),
            refusals(&schema, &with_visible_jobs(&include)),
        )
    };
    let (merged, errors) = refused(good);
    assert_eq!((merged.unwrap()["job"]["tags"].clone(), errors), (json!(["x"]), vec![]));
    for (from, to, named) in [
        ("tags:", "tgas:", "tgas"),
        ("tags: [x]", "tags: {a: x}", "tags"),
        ("    C: d", "    - C", "variables"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        let (merged, errors) = refused(&text);
        let error = merged.unwrap_err();
        assert!(error.contains(named), "{error}");
        assert!(errors.iter().any(|error| error.contains(named)), "{errors:?}");
    }
    let error =
        preview(&parser, "group/app", &pipeline, &good.replace(".tegata-a", ".tegata-b")).unwrap_err();
    assert!(format!("{error:#}").contains(".tegata-a"), "{error:#}");
    // A name without its quotes.
    let merged = preview(&parser, "group/app", &pipeline, &good.replace("C: d", "C: 1e3")).unwrap();
    assert_ne!(merged["job"]["variables"]["C"], json!("1e3"));
}
