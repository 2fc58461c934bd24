//! The subset is what it says, and Rust reads it as it is meant; Go is asked in `testbed/tests/regexps.rs`.

use proptest::prelude::*;
use regex::Regex;

use super::*;

fn told(pattern: &str, subject: Subject) -> Vec<(&'static str, String)> {
    let mut problems = Vec::new();
    check(&["key".to_owned()], pattern, subject, &mut problems);
    problems.into_iter().map(|problem| (problem.id, problem.message)).collect()
}

#[test]
fn the_examples_and_their_like_pass() {
    for subject in Subject::ALL {
        assert_eq!(told(subject.example(), subject), []);
        assert_eq!(told("", subject), [], "the empty pattern is closed");
    }
    for (pattern, subject) in [
        ("^team=[a-z]+$", Subject::Label),
        ("^(?:team=(?:red|blue)|tier=[1-3])$", Subject::Label),
        (r"^example\.com/cost-?cent(?:er|re)=[0-9]{4,6}$", Subject::Label),
        (r"^app\.kubernetes\.io/(?:name|component)=[a-z-]{1,63}$", Subject::Label),
        (r"^sidecar\.istio\.io/inject=(?:true|false)$", Subject::Annotation),
        (r"^cluster-autoscaler\.kubernetes\.io/safe-to-evict=false$", Subject::Annotation),
        (r"^note=[A-Za-z0-9 .,_/:@-]*$", Subject::Annotation),
        ("^disk=ssd$", Subject::NodeSelector),
        (r"^node-role\.kubernetes\.io/ci=$", Subject::NodeSelector),
        ("^ci(?:=[a-z]+)?(?::NoSchedule)?$", Subject::Toleration),
        ("^ci$", Subject::Toleration),
    ] {
        assert_eq!(told(pattern, subject), [], "{pattern}");
    }
}

#[test]
fn what_is_outside_of_the_subset_is_refused_with_its_place() {
    for (pattern, at, word) in [
        (".*", 1, "`^` is missing"),
        ("team=a", 1, "`^` is missing"),
        ("^team=a", 8, "`$` is missing"),
        ("^team=a|tier=b$", 8, "outside of a group"),
        ("^(?:team=a)|(?:tier=b)$", 12, "outside of a group"),
        ("^(?:team=a|tier=b$)", 18, "inside of a group"),
        ("^team=a$b$", 8, "before the end"),
        ("^team=.*$", 7, "any character"),
        (r"^team=\w+$", 7, "`\\w`"),
        (r"^team=\d$", 7, "`\\d`"),
        (r"^team=\s$", 7, "`\\s`"),
        (r"^team=\bx$", 7, "`\\b`"),
        (r"^team=\pL$", 7, "`\\p`"),
        (r"^team=\Qa.b\E$", 7, "`\\Q`"),
        (r"^team=\x41$", 7, "`\\x`"),
        (r"^team=\141$", 7, "`\\1`"),
        (r"^team=\<$", 7, "`\\<`"),
        (r"^team=\$HOME$", 7, "expands"),
        ("^team=[$]$", 8, "expands"),
        (r"^team=[\$]$", 8, "expands"),
        ("^team=[ -/]$", 8, "no range"),
        ("^team=[A-z]$", 8, "no range"),
        ("^team=[z-a]$", 8, "no range"),
        ("^team=[^a]$", 8, "every character but"),
        ("^team=[[:alpha:]]$", 8, "in a class"),
        ("^team=[a&&b]$", 9, "in a class"),
        ("^team=[a-c-e]$", 11, "in the middle"),
        ("^team=[]$", 8, "is empty"),
        ("^team=[a$", 9, "expands"),
        ("^team=[a", 7, "not closed"),
        ("^(?i)team=a$", 2, "`(?:`"),
        ("^(team)=a$", 2, "`(?:`"),
        ("^(?=team)=a$", 2, "`(?:`"),
        ("^(?P<x>team)=a$", 2, "`(?:`"),
        ("^(?:team=a", 2, "not closed"),
        ("^team)=a$", 6, "closes no group"),
        ("^team=a*?$", 9, "as little"),
        ("^team=a++$", 9, "as little"),
        ("^team=a{1}{2}$", 11, "as little"),
        ("^team=(?:a){2}$", 12, "a group can be repeated"),
        ("^team=a{1001}$", 8, "up to 1000"),
        ("^team=a{01}$", 8, "up to 1000"),
        ("^team=a{,5}$", 8, "up to 1000"),
        ("^team=a{ 1 }$", 8, "up to 1000"),
        ("^team=a{3,2}$", 8, "ends before"),
        ("^team={}$", 7, "up to 1000"),
        ("^team=a}$", 8, "closes nothing"),
        ("^team=\u{e4}$", 7, "no ASCII"),
        ("^team=a\n$", 8, "no ASCII"),
        ("^^team=a$", 2, "after the beginning"),
        ("^team=\\", 7, "at the end"),
    ] {
        let error = parse(pattern).unwrap_err();
        let message = error.message(pattern);
        assert!(message.contains(word), "{pattern}: {message}");
        assert!(message.contains(&format!("at character {at},")), "{pattern}: {message}");
        assert_eq!(told(pattern, Subject::Label), [(PATTERN, message)], "{pattern}");
    }
    assert!(parse(&format!("^a={}$", "[a-z]{1000}".repeat(11))).is_err());
    assert!(parse(&format!("^a={}$", "b".repeat(2_000))).is_err());
    assert!(parse(&format!("^{}a=b{}$", "(?:".repeat(21), ")".repeat(21))).is_err());
}

#[test]
fn keys_are_spelt_out() {
    for (pattern, subject, word) in [
        ("^[a-z]+=x$", Subject::Label, "doesn't spell out"),
        ("^team[0-9]=x$", Subject::Label, "doesn't spell out"),
        ("^te*am=x$", Subject::Label, "doesn't spell out"),
        ("^(?:team)*=x$", Subject::Label, "doesn't spell out"),
        ("^team=*x$", Subject::Label, "doesn't spell out"),
        ("^team$", Subject::Label, "without `=`"),
        ("^team(?:=x)?$", Subject::Label, "without `=`"),
        ("^=x$", Subject::Label, "no key"),
        ("^a b=x$", Subject::Label, "no key"),
        ("^-a=x$", Subject::Label, "no key"),
        ("^a/b/c=x$", Subject::Annotation, "no key"),
        ("^$", Subject::Toleration, "every taint"),
        ("^(?:ci)?:NoSchedule$", Subject::Toleration, "every taint"),
        ("^(?:=x)?$", Subject::Toleration, "every taint"),
    ] {
        let problems = told(pattern, subject);
        assert!(
            matches!(problems.as_slice(), [(PATTERN, message)] if message.contains(word)),
            "{pattern}: {problems:?}"
        );
    }
    let twos = "(?:a|b)".repeat(8);
    assert_eq!(keys(&parse(&format!("^{twos}=x$")).unwrap(), Subject::Label), Err(HeadProblem::TooMany));
}

#[test]
fn keys_that_say_who_a_pod_is_stay_closed() {
    for (key, subject) in [
        ("project.runner.gitlab.com/id", Subject::Label),
        ("runner.gitlab.com/x", Subject::Label),
        ("runner.gitlab.com", Subject::Label),
        ("pod", Subject::Label),
        ("pod-security.kubernetes.io/enforce", Subject::Label),
        ("kubernetes.io/metadata.name", Subject::Label),
        ("batch.kubernetes.io/job-name", Subject::Label),
        ("x-k8s.k8s.io/a", Subject::Label),
        ("app.kubernetes.io/managed-by", Subject::Label),
        ("tegata.dev/workspace", Subject::Label),
        ("aadpodidbinding", Subject::Label),
        ("project.runner.gitlab.com/id", Subject::Annotation),
        ("container.apparmor.security.beta.kubernetes.io/build", Subject::Annotation),
        ("seccomp.security.alpha.kubernetes.io/pod", Subject::Annotation),
        ("k8s.v1.cni.cncf.io/networks", Subject::Annotation),
        ("cni.projectcalico.org/ipAddrs", Subject::Annotation),
        ("iam.amazonaws.com/role", Subject::Annotation),
        ("eks.amazonaws.com/role-arn", Subject::Annotation),
        ("iam.gke.io/gcp-service-account", Subject::Annotation),
        ("azure.workload.identity/client-id", Subject::Annotation),
        ("io.kubernetes.cri-o.Devices", Subject::Annotation),
        ("io.katacontainers.config.hypervisor.path", Subject::Annotation),
        ("cdi.k8s.io/gpu", Subject::Annotation),
        ("sidecar.istio.io/userVolume", Subject::Annotation),
        ("config.linkerd.io/proxy-image", Subject::Annotation),
        ("devices.nri.io/container.build", Subject::Annotation),
        ("node-role.kubernetes.io/control-plane", Subject::NodeSelector),
        ("node-role.kubernetes.io/master", Subject::NodeSelector),
        ("node.kubernetes.io/microk8s-controlplane", Subject::NodeSelector),
        ("kubernetes.io/hostname", Subject::NodeSelector),
        ("node-restriction.kubernetes.io/team", Subject::NodeSelector),
        ("node-role.kubernetes.io/control-plane", Subject::Toleration),
        ("node-role.kubernetes.io/etcd", Subject::Toleration),
        ("CriticalAddonsOnly", Subject::Toleration),
    ] {
        let literal = key.replace('.', r"\.");
        for pattern in [format!("^{literal}=x$"), format!("^(?:fine=y|{literal}=x)$")] {
            let problems = told(&pattern, subject);
            assert!(matches!(problems.as_slice(), [(BOUNDARY, _)]), "{pattern}: {problems:?}");
        }
    }
    assert!(reserved("Project.Runner.GitLab.com/id", Subject::Label).is_some());
    for (key, subject) in [
        ("runner.gitlab.com.example.com/id", Subject::Label),
        ("notrunner.gitlab.com/id", Subject::Label),
        ("pods", Subject::Label),
        ("kubernetes.io/arch", Subject::NodeSelector),
        ("node-role.kubernetes.io/ci", Subject::Toleration),
        ("prometheus.io/scrape", Subject::Annotation),
        ("linkerd.io/inject", Subject::Annotation),
        ("vault.hashicorp.com/agent-inject", Subject::Annotation),
        ("kubectl.kubernetes.io/default-container", Subject::Annotation),
    ] {
        assert_eq!(reserved(key, subject), None, "{key}");
    }
}

#[test]
fn what_is_set_for_all_jobs_may_be_more() {
    let apparmor = "container.apparmor.security.beta.kubernetes.io/build";
    assert!(reserved_for_all(apparmor, "unconfined", Subject::Annotation).is_some());
    assert!(reserved_for_all(apparmor, "runtime/default", Subject::Annotation).is_none());
    assert!(reserved_for_all("project.runner.gitlab.com/id", "7", Subject::Annotation).is_some());
    assert!(reserved_for_all("tegata.dev/workspace", "a", Subject::Label).is_some());
    assert!(reserved_for_all("app.kubernetes.io/managed-by", "gitlab", Subject::Label).is_none());
}

/// A value part of the subset.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "a", "b", "ab", "-", "_", r"\.", r"\|", r"\(", "x=y", ":", r"\^", "/", " "
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec!["[a-c]", "[ab-]", "[0-9]", "[-x]", r"[\]a]", "[A-C0-2_.]", "[:=]"])
            .prop_map(str::to_owned),
    ];
    let counted = (leaf, prop::sample::select(vec!["", "?", "*", "+", "{2}", "{0,2}", "{1,}", "{3}"]))
        .prop_map(|(leaf, sign)| if leaf.len() > 2 && !leaf.starts_with('[') { leaf } else { leaf + sign })
        .prop_filter("one atom only", |text| !text.starts_with("ab{"));
    counted.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            (prop::collection::vec(inner, 1..4), prop::sample::select(vec!["", "?", "*", "+"]))
                .prop_map(|(parts, sign)| format!("(?:{}){sign}", parts.join("|"))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_taken_rust_takes_too(value in value()) {
        let pattern = format!("^team={value}$");
        prop_assert!(parse(&pattern).is_ok(), "{}: {:?}", pattern, parse(&pattern));
        prop_assert!(Regex::new(&pattern).is_ok(), "{}", pattern);
    }

    /// What matches begins with one of the keys that were told.
    #[test]
    fn no_other_key_matches(
        pattern in r"\^(a|b|\(\?:a\|b\)|\(\?:a=x\|b\)|a\?|b\{1\}|\(\?:ab\)\?){1,4}=[xy]\??\$",
        text in "[ab]{0,6}(=[xy=]{0,3})?",
    ) {
        let regex = Regex::new(&pattern).unwrap();
        if let Ok(keys) = parse(&pattern).map_err(|_| ()).and_then(|nodes| keys(&nodes, Subject::Label).map_err(|_| ()))
            && regex.is_match(&text)
        {
            let key = text.split('=').next().unwrap_or_default();
            prop_assert!(keys.contains(key), "{} admits {}", pattern, text);
        }
    }

    #[test]
    fn any_text_is_taken_or_refused(text in any::<String>(), near in r"\^[ab=|()?:\[\]{}*+.\\$^1,-]{0,20}\$") {
        for text in [text, near] {
            if parse(&text).is_ok() {
                prop_assert!(Regex::new(&text).is_ok(), "{:?}", text);
                prop_assert!(text.starts_with('^') && text.ends_with('$'));
            }
        }
    }
}
