//! Texts that something on the way to the manager could trip over: they arrive as they are, or are refused.

use fs_err as fs;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value, json};

use crate::configuration::shared;
use crate::release::{Judge, of_kind, rendered, values_file, variables_that_win, written};
use crate::support::{input, test_runner};

/// Texts that YAML, TOML, Go's templates or a shell could trip over.
pub const TEXTS: [&str; 22] = [
    "on",
    "1e3",
    "",
    "a \"quoted\" text",
    "back\\slash \\n \\u0041",
    "it's",
    "''' and \"\"\"",
    "'''\n\"\"\"\n",
    "two\nlines\n",
    "\n\nbegins and ends with empty lines\n\n",
    "  indented\n    more\n  less  \n",
    "tab\there\n\tand\tthere",
    "ends with a blank \n and goes on ",
    "# no comment",
    "größe, \u{1f600}",
    "a = 1\n[[runners]]\nname = \"second\"\n",
    "$(id) `id` ${HOME} %s",
    "{ { x } } {% x %} }}",
    "| >- & * ! @",
    "- a: b",
    "\u{a0}\u{200e}\u{feff}\u{1}\u{1fffe}",
    "carriage\r\nreturn\r",
];

fn any_text() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        any::<String>(),
        "[ -~\n\t]{0,40}",
        "[\"'\\\\\n {}#=\\[\\]]{0,20}",
        prop::collection::vec(prop::sample::select(TEXTS.to_vec()), 0..4).prop_map(|texts| texts.concat()),
    ];
    // What is refused is for the tests below.
    text.prop_map(|text| text.replace("{{", "{ ").chars().filter(|character| !is_lost(*character)).collect())
}

/// Characters that don't get through the chart: see `each_character_that_helm_loses_is_refused`.
fn is_lost(character: char) -> bool {
    matches!(character, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

#[test]
fn any_text_arrives() {
    let judge = Judge::new();
    let texts = prop::collection::vec((any_text(), any_text()), 1..12);
    test_runner(24)
        .run(&texts, |texts| {
            let map: Map<String, Value> =
                texts.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
            let list: Vec<&String> = texts.iter().map(|(_, value)| value).collect();
            let extra = json!({ "helper_image": list[0], "pod_annotations": map, "allowed_images": list });
            let (workspace, declared) = written(json!({ "kubernetes": extra }), &[]);
            workspace.try_render().map_err(TestCaseError::fail)?;
            judge.check(&workspace, "shared", &declared, &shared(None, &extra));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn each_character_that_helm_loses_is_refused() {
    let judge = Judge::new();
    let (workspace, _) = rendered(json!({}), &[]);
    let mut values = judge.values(&values_file(&workspace, "shared"));
    for character in (0..=0xffff_u32).filter_map(char::from_u32).filter(|character| is_lost(*character)) {
        let text = format!("a{character}b");
        for more in [
            json!({ "kubernetes": { "helper_image": text } }),
            json!({ "kubernetes": { "pod_labels": { &text: "a" } } }),
            json!({ "values": { "resources": { "limits": { "cpu": text } } } }),
            json!({ "values": { "podLabels": { &text: "a" } } }),
        ] {
            let (workspace, _) = written(more.clone(), &[]);
            let error = workspace.try_render().expect_err(&more.to_string());
            assert!(error.contains(&format!("U+{:04X}", u32::from(character))), "{error}");
        }
        // For a reason: Helm takes the value, and the text that arrives is another one, or nothing does.
        let config = format!("[[runners]]\nname = \"\"\"{text}\"\"\"\n");
        values["runners"]["config"] = json!(config);
        let file = workspace.path("changed.yaml");
        fs::write(&file, input(&values)).unwrap();
        let text = match judge.chart.template("gitlab-runner", "gitlab-runner", &[&file]) {
            Ok(text) => text,
            Err(error) => {
                assert!(error.to_string().contains("YAML parse error"), "{error:#}");
                continue;
            }
        };
        let objects = judge.read(&text);
        let arrived = &of_kind(&objects, "ConfigMap")["data"]["config.template.toml"];
        assert_ne!(arrived, &config, "{character:?}");
    }
}

/// All that any script needs, and a sample of the rest.
#[test]
fn each_other_character_arrives() {
    let judge = Judge::new();
    let codes = (1..0x3000).chain((0x3000..0x11_0000).step_by(257)).chain([0xfffd, 0x10_ffff]);
    let all: Vec<char> = codes.filter_map(char::from_u32).filter(|character| !is_lost(*character)).collect();
    let texts: Vec<String> = all.chunks(32).map(|chunk| chunk.iter().collect()).collect();
    let extra = json!({ "allowed_images": texts });
    let (workspace, declared) = rendered(json!({ "kubernetes": extra }), &[]);
    judge.check(&workspace, "shared", &declared, &shared(None, &extra));
}

#[test]
fn what_helm_would_take_for_a_template_is_refused() {
    let template = "a {{ .Release.Name }} b";
    let (name, value) = ("{{ x }}", json!("y"));
    for more in [
        json!({ "kubernetes": { "helper_image": template } }),
        json!({ "kubernetes": { "pod_labels": { name: value } } }),
        json!({ "kubernetes": { "services": [{ "name": "a", "command": ["b", template] }] } }),
        json!({ "kubernetes": { "pod_spec": [{ "name": "a", "patch": template }] } }),
        json!({ "values": { "podLabels": { "a": template } } }),
        json!({ "values": { "podLabels": { name: value } } }),
        json!({ "values": { "envVars": [{ "name": "A", "value": template }] } }),
        json!({ "jobs": { "namespace": "ci-quarantine", "image": "ubuntu:{{24}}" } }),
        json!({ "jobs": { "namespace": "ci-{{24}}", "image": "ubuntu" } }),
        json!({ "tokenSecret": "a{{24}}" }),
        json!({ "gitlabUrl": "https://gitlab.example.com/{{24}}/" }),
        json!({ "release": "a{{24}}" }),
    ] {
        let (workspace, _) = written(more.clone(), &[]);
        let error = workspace.try_render().expect_err(&more.to_string());
        assert!(error.contains("{{"), "{error}");
        assert_eq!(workspace.rendered("helm"), [""; 0], "{more}");
    }
}

/// What the tests above rely on: they see what the chart does to values that tegata would not write.
#[test]
fn a_change_by_the_chart_shows() {
    let judge = Judge::new();
    let (workspace, _) = rendered(json!({}), &[]);
    let file = values_file(&workspace, "shared");
    let with = |config: &str, create: bool| {
        let mut values = judge.values(&file);
        values["runners"]["config"] = json!(config);
        values["rbac"]["create"] = json!(create);
        let changed = workspace.path("changed.yaml");
        fs::write(&changed, input(&values)).unwrap();
        judge.objects("gitlab-runner", "gitlab-runner", &changed)
    };
    let plain = with("[[runners]]\n[runners.kubernetes]\nnamespace = \"a\"\n", false);
    let pod = |objects: &[Value]| of_kind(objects, "Deployment")["spec"]["template"]["spec"].clone();
    assert_eq!(variables_that_win(&pod(&plain)), [""; 0]);

    let without_namespace = with("[[runners]]\n", false);
    assert_eq!(variables_that_win(&pod(&without_namespace)), ["KUBERNETES_NAMESPACE"]);

    let template = with("[[runners]]\nname = \"{{ 1 }}\"\n", false);
    let arrived = &of_kind(&template, "ConfigMap")["data"]["config.template.toml"];
    assert_eq!(arrived, "[[runners]]\nname = \"1\"\n");

    let with_role = with("[[runners]]\n", true);
    assert!(
        ["Role", "RoleBinding"].iter().all(|kind| with_role.iter().any(|object| object["kind"] == *kind))
    );
}
