//! Values that become lines of the manager's `config.toml`.

use serde_json::{Map, Value};

use super::rules::TEXT;
use super::{lookup, path};
use crate::keys::kind_of;
use crate::problem::KeyProblem;

/// Values that the chart writes into `config.toml` as they are (`templates/configmap.yaml`).
pub(super) fn check(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    for key in ["checkInterval", "shutdown_timeout"] {
        if let Some(value) = extra.get(key)
            && value.as_u64().is_none()
        {
            problems.push(KeyProblem::new(
                &path(&[key]),
                TEXT,
                format!("`{key}` must be a number of seconds, not {}", kind_of(value)),
                "write it like `30`, without quotes",
            ));
        }
    }
    if let Some(port) = lookup(extra, &path(&["metrics", "port"]))
        && !port.as_u64().is_some_and(|port| (1..=65_535).contains(&port))
    {
        problems.push(KeyProblem::new(
            &path(&["metrics", "port"]),
            TEXT,
            "`metrics.port` must be the number of a port",
            "write it like `9252`, without quotes",
        ));
    }
    for key in ["logLevel", "logFormat", "sentryDsn", "connectionMaxAge"] {
        let Some(value) = extra.get(key).filter(|value| !value.is_null()) else { continue };
        let safe = value
            .as_str()
            .is_some_and(|text| !text.contains(['"', '\\']) && !text.contains(|c: char| c.is_control()));
        if !safe {
            problems.push(KeyProblem::new(
                &path(&[key]),
                TEXT,
                format!("the chart writes `{key}` into the manager's config.toml, and this text would break out of its line"),
                "write one line without quotes and backslashes",
            ));
        }
    }
}
