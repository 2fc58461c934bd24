//! The most that a job may ask for.
//!
//! A job asks by `KUBERNETES_CPU_LIMIT` and its like, and gets at most `cpu_limit_overwrite_max_allowed`; without a maximum the
//! runner ignores the variable (`evaluateMaxResourceOverwrite` in `executors/kubernetes/overwrites.go`).

use serde_json::{Map, Value};

use super::{MAXIMUM, form};
use crate::problem::KeyProblem;

/// How the key of a maximum ends, after the key of what it bounds.
pub(super) const SUFFIX: &str = "_overwrite_max_allowed";

/// A job that asks for nothing would get more than one that asks for the most: one of the two is not what was meant.
pub(super) fn check(extra: &Map<String, Value>, problems: &mut Vec<KeyProblem>) {
    let text = |name: &str| extra.get(name).and_then(Value::as_str);
    for (name, value) in extra {
        let Some(bounded) = name.strip_suffix(SUFFIX) else { continue };
        let (Some(maximum), Some(default)) = (value.as_str(), text(bounded)) else { continue };
        if let (Some(most), Some(given)) = (form::nanos(maximum), form::nanos(default))
            && most < given
        {
            problems.push(KeyProblem::new(
                std::slice::from_ref(name),
                MAXIMUM,
                format!(
                    "jobs get a `{bounded}` of {default} without asking, and could ask for {maximum} at most"
                ),
                format!("write {default} or more, or a smaller `{bounded}`"),
            ));
        }
    }
}
