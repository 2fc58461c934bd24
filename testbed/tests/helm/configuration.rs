//! The runner's configuration, as it arrives in the chart's ConfigMap.

use serde_json::{Value, json};
use tegata_runner::keys::{KUBERNETES, Key, Kind, When};
use testbed::{RegexpQuestion, go_regexp};

use crate::release::{Judge, from_toml, of_kind, project, rendered, text, values_file};
use crate::support::Workspace;
use crate::texts::TEXTS;

/// `[runners.kubernetes]` of a shared runner, with the keys of `more`.
pub fn shared(patterns: Option<(&str, &str)>, more: &Value) -> Value {
    let mut kubernetes = json!({
        "namespace": "ci-quarantine",
        "image": "ubuntu:24.04",
        "bearer_token_overwrite_allowed": false,
    });
    if let Some((namespaces, accounts)) = patterns {
        kubernetes["namespace_overwrite_allowed"] = json!(namespaces);
        kubernetes["service_account_overwrite_allowed"] = json!(accounts);
    }
    kubernetes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    kubernetes
}

#[test]
fn the_example() {
    let judge = Judge::new();
    let example = Workspace::example();
    example.render();
    let of = |name: &str| judge.values(&example.path(&format!("runners/{name}.yaml")));
    let patterns = ("^(?:cicd|storefront)$", "^(?:build|deploy|kp-account)$");
    judge.check(&example, "shared", &of("shared"), &shared(Some(patterns), &json!({})));
    let fixed = json!({
        "namespace": "ledger",
        "image": "ubuntu:24.04",
        "service_account": "release",
        "bearer_token_overwrite_allowed": false,
    });
    judge.check(&example, "payments", &of("payments"), &fixed);
}

#[test]
fn each_isolation_with_names_that_yaml_would_read_as_something_else() {
    let judge = Judge::new();
    let projects = [project(0, "on", "1e3"), project(1, "1e3", "null"), project(2, "null", "0x1f.0")];
    for isolation in ["overwrite", "admission"] {
        let (workspace, declared) = rendered(
            json!({ "isolation": isolation, "release": "1e3", "tokenSecret": "on", "concurrent": 7,
                    "namespace": { "name": "no", "create": true } }),
            &projects,
        );
        let patterns = ("^(?:1e3|null|on)$", r"^(?:0x1f\.0|1e3|null)$");
        judge.check(&workspace, "shared", &declared, &shared(Some(patterns), &json!({})));
    }
    for (namespace, account) in [("on", "1e3"), ("1e3", "true"), (&*"x".repeat(63), &*"y".repeat(253))] {
        let account = if account.len() > 63 {
            format!("{}.{}", &account[..126], &account[..126])
        } else {
            account.to_owned()
        };
        let (workspace, declared) = rendered(
            json!({ "isolation": "dedicated", "release": "x".repeat(53), "tokenSecret": account }),
            &[project(0, namespace, &account)],
        );
        let fixed = json!({
            "namespace": namespace,
            "image": "ubuntu:24.04",
            "service_account": account,
            "bearer_token_overwrite_allowed": false,
        });
        judge.check(&workspace, "shared", &declared, &fixed);
    }
}

#[test]
fn patterns_of_many_names() {
    let judge = Judge::new();
    let names: Vec<String> = (0..1500).map(|number| format!("team-{}-app-{number}", number % 17)).collect();
    let projects: Vec<Value> =
        names.iter().enumerate().map(|(number, name)| project(number, name, &format!("{name}.ci"))).collect();
    let (workspace, _) = rendered(json!({}), &projects);
    let objects = judge.objects("gitlab-runner", "gitlab-runner", &values_file(&workspace, "shared"));
    let config = from_toml(text(&of_kind(&objects, "ConfigMap")["data"]["config.template.toml"]));
    let pattern = |key: &str| text(&config["runners"][0]["kubernetes"][key]).to_owned();
    let accounts: Vec<String> = names.iter().map(|name| format!("{name}.ci")).collect();
    let others: Vec<String> = names.iter().map(|name| format!("{name}x")).collect();
    for (key, right, wrong) in [
        ("namespace_overwrite_allowed", &names, &accounts),
        ("service_account_overwrite_allowed", &accounts, &others),
    ] {
        let values: Vec<String> = right.iter().chain(wrong).cloned().collect();
        let expected: Vec<bool> = right.iter().map(|_| true).chain(wrong.iter().map(|_| false)).collect();
        let answers = go_regexp(&judge.parts, &[RegexpQuestion { pattern: pattern(key), values }]).unwrap();
        assert_eq!(answers, [Ok(expected)], "{key}");
    }
}

/// A value of each kind, with the texts one after the other.
struct Samples {
    next: usize,
}

impl Samples {
    fn text(&mut self) -> Value {
        self.next += 1;
        json!(TEXTS[self.next % TEXTS.len()])
    }

    fn of(&mut self, key: &Key) -> Option<Value> {
        match key.boundary.map(|boundary| boundary.when) {
            Some(When::Managed | When::Always) => return None,
            // The values that may stay.
            Some(When::True) => return Some(json!(false)),
            Some(When::Filled) if matches!(key.kind, Kind::Text | Kind::Quantity) => return Some(json!("")),
            Some(When::Filled) => return Some(json!([])),
            Some(When::NoneOf(words)) if matches!(key.kind, Kind::Text) => return Some(json!(words[0])),
            Some(When::NoneOf(words)) => return Some(json!(words)),
            Some(When::OneOf(_)) | None => {}
        }
        Some(match key.kind {
            Kind::Text => self.text(),
            Kind::Choice(words) => json!(words[0]),
            Kind::Quantity => json!("1e3"),
            Kind::Bool => json!(true),
            Kind::Int => json!(i64::MAX),
            Kind::Duration => json!("1h30m"),
            Kind::TextList => json!([self.text(), self.text(), "on"]),
            Kind::Choices(words) | Kind::ChoiceOrList(words) => json!(words),
            Kind::IntList => json!([0, -1, 65_533]),
            Kind::Pattern(subject) => json!(subject.example()),
            Kind::TextMap | Kind::Metadata(_) => {
                let keys = ["on", "a.b/c", "1e3", "größe \"x\" \\"];
                Value::Object(keys.iter().map(|key| ((*key).to_owned(), self.text())).collect())
            }
            Kind::IntMap => json!({ "a b": 1, "on": 2 }),
            Kind::Table(keys) => self.table(keys),
            Kind::Tables(keys) => json!([self.table(keys), {}, self.table(keys)]),
            Kind::PodSpec(_) => json!([
                { "name": self.text(), "patch": "tolerations:\n  - key: \"ci\"\n    operator: 'Exists'\n" },
                { "name": "second", "patch": "[{\"op\": \"add\"}]", "patch_type": "json" },
            ]),
        })
    }

    fn table(&mut self, keys: &[Key]) -> Value {
        let entries = keys.iter().filter_map(|key| Some((key.name.to_owned(), self.of(key)?)));
        Value::Object(entries.collect())
    }
}

#[test]
fn further_keys_of_every_kind() {
    let judge = Judge::new();
    // With another beginning each time, so that each key has several texts.
    for next in [0, 5, 11, 17] {
        let extra = Samples { next }.table(KUBERNETES);
        assert!(extra.as_object().unwrap().len() > 100);
        let (workspace, declared) = rendered(json!({ "kubernetes": extra }), &[project(0, "a", "b")]);
        judge.check(&workspace, "shared", &declared, &shared(Some(("^(?:a)$", "^(?:b)$")), &extra));
    }
}
