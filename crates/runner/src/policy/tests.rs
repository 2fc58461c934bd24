use proptest::prelude::*;

use super::*;

fn runner(triples: Vec<Triple<'_>>) -> Runner<'_> {
    let actions = vec![Action::Deny];
    let table = "jobs.table".to_owned();
    Runner {
        name: "shared",
        namespace: "runners",
        account: "gitlab-runner",
        table,
        triples,
        actions,
        verifier: None,
    }
}

fn triple(project: Option<u64>) -> Triple<'static> {
    Triple { project, namespace: "cicd", account: "kp-account" }
}

#[test]
fn a_table_says_both_ways_who_may_be_what() {
    let other = Triple { account: "build", ..triple(Some(4)) };
    let expected = [
        ("accounts.10", " cicd/build "),
        ("accounts.15", " cicd/kp-account "),
        ("projects.4", " 4:cicd/build "),
        ("projects.42", " 142:cicd/kp-account 42:cicd/kp-account "),
    ];
    let data = table(&[triple(Some(42)), other, triple(Some(142))]);
    assert_eq!(data, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(table(&[triple(None)])[1], ("projects.ny".to_owned(), " any:cicd/kp-account ".to_owned()));
}

proptest! {
    #[test]
    fn the_bytes_of_a_table_are_those_of_its_texts(
        triples in proptest::collection::btree_set((proptest::option::of(0_u64..2000), "[a-c]{1,3}", "[a-c]{1,40}"), 0..60)
    ) {
        let triples: Vec<_> = triples
            .iter()
            .map(|(project, namespace, account)| Triple { project: *project, namespace, account })
            .collect();
        let texts = table(&triples);
        let bytes: usize = texts.iter().map(|(key, value)| key.len() + value.len()).sum();
        prop_assert_eq!(table_bytes(&triples), bytes);
    }
}

#[test]
fn what_needs_the_table_leaves_out_the_cluster_s_own_namespaces() {
    for policy in policies(&runner(vec![triple(Some(42))])) {
        let expression =
            policy.spec.pointer("/matchConstraints/namespaceSelector/matchExpressions/0").unwrap();
        let needs_table = policy.spec.get("paramKind").is_some();
        assert_eq!(expression["operator"] == "NotIn", needs_table, "{}", policy.part);
        assert!(expression["values"].as_array().unwrap().contains(&json!("runners")));
        assert_eq!(policy.spec["failurePolicy"], "Fail");
        let action = policy.binding.pointer("/paramRef/parameterNotFoundAction");
        let expected = needs_table.then_some(if policy.part == "takeover" { "Allow" } else { "Deny" });
        assert_eq!(action.and_then(Value::as_str), expected);
    }
}

#[test]
fn a_served_namespace_is_never_left_out() {
    let served = Triple { namespace: "kube-system", ..triple(Some(42)) };
    assert_eq!(
        namespaces_of_the_cluster(&runner(vec![served])),
        ["kube-node-lease", "kube-public", "runners"]
    );
}

#[test]
fn a_runner_that_serves_nobody_makes_nothing_anywhere() {
    let policies = policies(&runner(Vec::new()));
    assert_eq!(policies.len(), 1);
    assert_eq!(policies[0].spec.pointer("/matchConstraints/namespaceSelector"), None);
}

#[test]
fn match_conditions_look_at_who_asks_alone() {
    for project in [None, Some(42)] {
        for policy in policies(&runner(vec![triple(project)])) {
            let condition = policy.spec.pointer("/matchConditions/0/expression").and_then(Value::as_str);
            let Some(expression) = condition else {
                assert_eq!(policy.part, "table");
                continue;
            };
            let other = expression.replace("request.userInfo.username", "");
            assert!(
                other != expression && !other.contains("object") && !other.contains("request"),
                "{expression}"
            );
            assert_eq!(policy.spec.pointer("/matchConstraints/objectSelector"), None);
        }
    }
}
