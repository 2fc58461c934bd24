//! Files and volumes of the manager's pod.

use serde_json::{Map, Value};

use super::path;
use super::rules::{BOUNDARY, TEXT};
use crate::keys::kind_of;
use crate::problem::KeyProblem;

/// Files that the chart mounts beside its own, under `/configmaps`.
pub(super) fn check_config_maps(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    const RESERVED: &[&str] = &[
        "entrypoint",
        "config.toml",
        "config.template.toml",
        "register-the-runner",
        "check-live",
        "set-session-server-address",
        "set-session-server-port",
        "pre-entrypoint-script",
    ];
    let Some(Value::Object(map)) = extra.get("configMaps") else { return };
    for (name, value) in map {
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        let here = path(&["configMaps", name]);
        if !plain || name.is_empty() || name == "." || name.starts_with("..") {
            problems.push(KeyProblem::new(
                &here,
                TEXT,
                "this is no name of a file in a ConfigMap",
                "use letters, digits, `-`, `_` and `.`, no two dots first",
            ));
        } else if !value.is_string() {
            let message = format!("a file's content must be a text, not {}", kind_of(value));
            problems.push(KeyProblem::new(&here, TEXT, message, "write `name: |` and the text below it"));
        }
    }
    for name in map.keys().filter(|name| RESERVED.contains(&name.as_str())) {
        problems.push(KeyProblem::new(
            &path(&["configMaps", name]),
            BOUNDARY,
            format!("the chart has a file `{name}` of its own, which this would replace"),
            "use another name",
        ));
    }
}

/// Volumes of the manager's pod.
pub(super) fn check_mounts(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    // Where the configuration, the scripts and the token lie (`templates/deployment.yaml`).
    const OURS: &[&str] = &[
        "/configmaps",
        "/secrets",
        "/init-secrets",
        "/etc/gitlab-runner",
        "/home/gitlab-runner/.gitlab-runner",
        "/var/run/secrets",
        "/run/secrets",
    ];
    // Where the programs lie that the manager runs.
    const PROGRAMS: &[&str] = &[
        "/entrypoint",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/usr/bin",
        "/usr/sbin",
        "/usr/lib",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/usr/local/lib",
    ];
    const CERTIFICATES: &str = "/home/gitlab-runner/.gitlab-runner/certs";
    if let Some(Value::Array(volumes)) = extra.get("volumes") {
        for (index, volume) in volumes.iter().enumerate() {
            for (kind, reason) in [
                ("hostPath", "a folder of the node in the manager's pod may hold the node's secrets"),
                ("flexVolume", "it runs a program of the node's, with what is written here"),
                ("gitRepo", "its checkout runs on the node, and can run code from the repository there"),
            ] {
                if volume.get(kind).is_some() {
                    problems.push(KeyProblem::new(
                        &path(&["volumes", &index.to_string(), kind]),
                        BOUNDARY,
                        reason,
                        "use a PersistentVolumeClaim, a Secret or a ConfigMap",
                    ));
                }
            }
        }
    }
    let Some(Value::Array(mounts)) = extra.get("volumeMounts") else { return };
    for (index, mount) in mounts.iter().enumerate() {
        let Some(at) = mount.get("mountPath").and_then(Value::as_str) else { continue };
        let at = normal(at);
        let inside = |folder: &str, place: &str| {
            place.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // Above counts as well: a mount on /home hides what lies below it.
        let covers =
            |folders: &[&str]| folders.iter().any(|folder| inside(folder, &at) || inside(&at, folder));
        if (covers(OURS) || covers(PROGRAMS)) && !inside(CERTIFICATES, &at) {
            problems.push(KeyProblem::new(
                &path(&["volumeMounts", &index.to_string(), "mountPath"]),
                BOUNDARY,
                "the mount would cover the programs, the configuration or the token of the manager",
                "mount it elsewhere; certificates go to /home/gitlab-runner/.gitlab-runner/certs",
            ));
        }
    }
}

/// A path without `.`, `..` and doubled slashes; the root is the empty text.
fn normal(text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| ["/", part]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_what_means_nothing() {
        for (text, plain) in [("/a/b/", "/a/b"), ("//a/./b/../c", "/a/c"), ("/", ""), ("/../..", "")] {
            assert_eq!(normal(text), plain, "{text}");
        }
    }
}
