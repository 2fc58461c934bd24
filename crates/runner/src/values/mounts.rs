//! Files and volumes of the manager's pod.

use serde_json::{Map, Value};

use super::path;
use super::rules::BOUNDARY;
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
    const CERTIFICATES: &str = "/home/gitlab-runner/.gitlab-runner/certs";
    if let Some(Value::Array(volumes)) = extra.get("volumes") {
        for (index, volume) in volumes.iter().enumerate() {
            if volume.get("hostPath").is_some() {
                problems.push(KeyProblem::new(
                    &path(&["volumes", &index.to_string(), "hostPath"]),
                    BOUNDARY,
                    "a folder of the node in the manager's pod may hold the node's secrets",
                    "use a PersistentVolumeClaim, a Secret or a ConfigMap",
                ));
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
        let ours = OURS.iter().any(|folder| inside(folder, &at) || inside(&at, folder));
        if ours && !inside(CERTIFICATES, &at) {
            problems.push(KeyProblem::new(
                &path(&["volumeMounts", &index.to_string(), "mountPath"]),
                BOUNDARY,
                "the mount would cover the configuration, the scripts or the token of the manager",
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
