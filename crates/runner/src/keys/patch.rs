//! The patches of `pod_spec`, which reach every field of a job's pod.
//!
//! The runner turns a patch from YAML into JSON, applies it last, and decodes the result with Go's
//! `encoding/json`, which takes field names in any case (`doPodSpecMerge` in
//! `executors/kubernetes/kubernetes.go`). This crate reads no YAML, so it looks for words rather than
//! for fields: a field can't be set without its name standing in the text, unless an escape hides it
//! (which needs a backslash), or a tag that makes text out of something else (`!!binary`).

use serde_json::{Map, Value};

use super::BOUNDARY;
use crate::problem::{KeyProblem, step};

/// Names of fields that loosen the boundary, in small letters, and what they do.
const WORDS: &[(&str, &str)] = &[
    ("serviceaccount", "the pod's service account or its token, past every check"),
    ("hostpath", "a folder of the node"),
    ("hostnetwork", "the node's network"),
    ("hostpid", "the node's processes"),
    ("hostipc", "the node's memory"),
    ("hostusers", "the pod's user namespace"),
    ("hostport", "a port of the node"),
    ("hostprocess", "a process of the node"),
    ("bidirectional", "mounts that reach the node"),
    ("privileged", "root on the node"),
    ("privilegeescalation", "more privileges than the job started with"),
    ("capabilities", "what the kernel lets the job do"),
    ("procmount", "an unmasked /proc"),
    ("unconfined", "a process without a seccomp or AppArmor profile"),
    ("nodename", "the node, past the scheduler"),
    ("ephemeralcontainers", "containers that nobody declared"),
];

pub(super) fn check(path: &[String], table: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let Some(text) = table.get("patch").and_then(Value::as_str) else { return };
    let here = step(path, "patch");
    if ["\\", "!!", "!<", "%TAG"].iter().any(|hides| text.contains(hides)) {
        problems.push(KeyProblem::new(
            &here,
            BOUNDARY,
            "a backslash or a YAML tag in a patch can hide the name of a field from review",
            "write the patch without escapes and tags",
        ));
        return;
    }
    // By way of capitals: Go holds the long `ſ` for an `s`, which has no other small letter.
    let plain = text.to_uppercase().to_lowercase();
    if let Some((word, what)) = WORDS.iter().find(|(word, _)| plain.contains(word)) {
        problems.push(KeyProblem::new(
            &here,
            BOUNDARY,
            format!("the patch speaks of `{word}`, which can set {what}"),
            "leave it out of the patch; to tighten a job's pod, use the keys \
             `automount_service_account_token`, `allow_privilege_escalation`, `cap_drop` and \
             `*_container_security_context`",
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn looks_through_the_text() {
        for (patch, closed) in [
            ("topologySpreadConstraints: []", false),
            ("serviceAccountName: admin", true),
            ("SERVICEACCOUNTNAME: admin", true),
            (r#"[{"op": "add", "path": "/serviceAccountName", "value": "admin"}]"#, true),
            (r#"{"service\u0041ccountName": "admin"}"#, true),
            ("volumes: [{name: x, hostPath: {path: /}}]", true),
            ("volumes: [{projected: {sources: [{serviceAccountToken: {path: t}}]}}]", true),
            ("containers: [{name: build, securityContext: {privileged: true}}]", true),
            ("hostUsers: true", true),
            ("\u{17f}erviceAccountName: admin", true),
            ("\u{212a}ey: value", false),
            ("!!binary c2VydmljZUFjY291bnROYW1l: admin", true),
            ("tolerations: [{key: ci, operator: Exists}]", false),
        ] {
            let Value::Object(table) = json!({"name": "a", "patch": patch}) else { panic!() };
            let mut problems = Vec::new();
            check(&[], &table, &mut problems);
            assert_eq!(!problems.is_empty(), closed, "{patch}");
        }
    }
}
