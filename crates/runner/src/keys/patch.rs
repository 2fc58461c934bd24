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

/// Names of fields and values that loosen the boundary, and what they are about.
const WORDS: &[(&str, &str)] = &[
    ("serviceAccount", "the pod's service account or its token, past every check"),
    ("hostPath", "a folder of the node"),
    ("hostNetwork", "the node's network"),
    ("hostPID", "the node's processes"),
    ("hostIPC", "the node's memory"),
    ("hostUsers", "the pod's user namespace"),
    ("hostPort", "a port of the node"),
    ("hostProcess", "a process of the node"),
    ("Bidirectional", "mounts that reach the node"),
    ("privileged", "root on the node"),
    ("allowPrivilegeEscalation", "more privileges than the job started with"),
    ("capabilities", "what the kernel lets the job do"),
    ("procMount", "an unmasked /proc"),
    ("seLinuxOptions", "the SELinux type and level, by which nodes keep containers apart"),
    ("flexVolume", "a program that runs on the node"),
    ("gitRepo", "a checkout that runs on the node"),
    ("Unconfined", "a process without a seccomp or AppArmor profile"),
    ("nodeName", "the node, past the scheduler"),
    ("ephemeralContainers", "containers that nobody declared"),
];

/// Directives of a strategic merge patch (`strategicpatch/patch.go` in apimachinery): they can throw away what they don't
/// name, the pod's service account among it.
const DIRECTIVES: &[&str] = &["$patch", "$retainKeys", "$setElementOrder", "$deleteFromPrimitiveList"];

pub(super) fn check(path: &[String], table: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let Some(text) = table.get("patch").and_then(Value::as_str) else { return };
    let here = step(path, "patch");
    if hides(text) {
        problems.push(KeyProblem::new(
            &here,
            BOUNDARY,
            "a backslash, a YAML tag, an alias or a key after `?` in a patch can hide the name of a field from review",
            "write the patch without them",
        ));
        return;
    }
    // By way of capitals: Go holds the long `ſ` for an `s`, which has no other small letter.
    let plain = text.to_uppercase().to_lowercase();
    if let Some(directive) = DIRECTIVES.iter().find(|directive| plain.contains(&directive.to_lowercase())) {
        problems.push(KeyProblem::new(
            &here,
            BOUNDARY,
            format!("the directive `{directive}` can throw away parts of the pod that it doesn't name, its service account among them"),
            "write what is to be added or changed, without directives",
        ));
        return;
    }
    if replaces_all(&plain) {
        problems.push(KeyProblem::new(
            &here,
            BOUNDARY,
            "a JSON patch whose `path` isn't a plain text that begins with `/` can replace the pod as a whole, its service account with it",
            "write the path of the one field that is to change, like `path: /topologySpreadConstraints`",
        ));
        return;
    }
    if let Some((word, what)) = WORDS.iter().find(|(word, _)| plain.contains(&word.to_lowercase())) {
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

/// Whether a word may stand in the text and not be seen, or be seen elsewhere than it counts.
fn hides(text: &str) -> bool {
    if ["\\", "!!", "!<", "%TAG"].iter().any(|hides| text.contains(hides)) {
        return true;
    }
    let explicit_key = text.match_indices('?').any(|(at, _)| {
        let (before, after) = text.split_at(at);
        let begins = |c: char| matches!(c, '\n' | '{' | '[' | ',' | '-' | '?');
        after.get(1..).is_none_or(|after| after.is_empty() || after.starts_with(char::is_whitespace))
            && before.trim_end_matches([' ', '\t']).chars().next_back().is_none_or(begins)
    });
    // An anchor that nothing refers to hides nothing.
    let alias = text.split('&').skip(1).any(|anchored| {
        let end = anchored.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(anchored.len());
        let name = anchored.get(..end).unwrap_or_default();
        !name.is_empty() && text.contains(&format!("*{name}"))
    });
    explicit_key || alias
}

/// Whether a `path` may be the empty one, which means the whole document (RFC 6901): empty, null, an alias, a block.
///
/// Paths of other things (`httpGet`, items of a ConfigMap) are never empty.
fn replaces_all(text: &str) -> bool {
    text.match_indices("path").any(|(at, word)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + word.len()..).unwrap_or_default();
        if before.ends_with(|c: char| c.is_alphanumeric() || c == '/' || c == '_') {
            return false;
        }
        let after = after.strip_prefix(['"', '\'']).unwrap_or(after).trim_start();
        let Some(value) = after.strip_prefix(':') else { return false };
        let value = value.trim_start_matches([' ', '\t']);
        let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
        let word: String = value.chars().take_while(|c| c.is_alphanumeric()).collect();
        word == "null"
            || !value.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'))
    })
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
            ("securityContext: {seLinuxOptions: {type: spc_t}}", true),
            ("securityContext: {seccompProfile: {type: Unconfined}}", true),
            ("containers: [{name: build, securityContext: {procMount: Unmasked}}]", true),
            ("volumes: [{name: x, flexVolume: {driver: a/b}}]", true),
            ("volumes: [{name: x, gitRepo: {repository: a}}]", true),
            ("{volumes: [{name: x, HOSTPATH: {path: /}}]}", true),
            ("$patch: replace\ncontainers: []", true),
            ("containers: [{name: build, $patch: delete}]", true),
            ("\"$retainKeys\": [containers]", true),
            ("$setElementOrder/containers: [{name: build}]", true),
            ("automountServiceAccountToken: true", true),
            ("serviceAccount: admin", true),
            ("nodeName: node-1", true),
            ("ephemeralContainers: []", true),
            ("[{op: replace, path: \"\", value: {containers: []}}]", true),
            ("[{op: replace, path: '', value: {containers: []}}]", true),
            (r#"[{"op":"replace","path":"","value":{}}]"#, true),
            ("- op: replace\n  path:\n  value: {}", true),
            ("- op: replace\n  path: null\n  value: {}", true),
            ("- {x: &e '', op: replace, path: *e, value: {}}", true),
            ("- op: replace\n  path: >-\n\n  value: {}", true),
            ("- {op: replace, path : \"\", value: {}}", true),
            ("- {op: add, path: /priorityClassName, value: low}", false),
            (r#"[{"op":"add","path":"/schedulerName","value":"other"}]"#, false),
            ("containers: [{name: build, livenessProbe: {httpGet: {path: /health, port: 1}}}]", false),
            ("volumes: [{name: x, configMap: {name: a, items: [{key: a, path: a.txt}]}}]", false),
            ("containers: [{name: build, volumeMounts: [{name: x, mountPath: /x, subPath: ''}]}]", false),
            ("runtimeClassName: gvisor", false),
            ("- op: replace\n  ? path # the pod\n  : \"\"\n  value: {}", true),
            ("- {op: replace, ? path : '', value: {}}", true),
            ("- {x: &k path, op: replace, *k : '', value: {}}", true),
            ("containers: [{name: build, command: [sh, -c, 'test -f /a && ls *.txt; echo what?']}]", false),
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
