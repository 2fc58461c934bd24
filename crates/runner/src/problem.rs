//! What is wrong with a key that somebody wrote, and what to write instead.

/// A key of `kubernetes:` or `values:` in a runner's file that can't stay as it is.
///
/// The place is symbolic: whoever parsed the file turns [`KeyProblem::path`] into a line and a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyProblem {
    /// The JSON keys that lead to the value; an index of a list is a number in text.
    pub path: Vec<String>,
    /// The stable name of the rule, in kebab-case.
    pub id: &'static str,
    /// What is wrong and why, in plain words.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl KeyProblem {
    pub(crate) fn new(
        path: &[String],
        id: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let help = help.into();
        Self { path: path.to_vec(), id, message: message.into(), help: (!help.is_empty()).then_some(help) }
    }

    /// The path as people write it: `volumes.host_path[0].name`.
    #[must_use]
    pub fn dotted_path(&self) -> String {
        dotted(&self.path)
    }
}

/// Joins keys with dots and puts indexes into brackets.
pub(crate) fn dotted(path: &[String]) -> String {
    let mut out = String::new();
    for part in path {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) && !out.is_empty() {
            out.push('[');
            out.push_str(part);
            out.push(']');
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(part);
        }
    }
    out
}

/// The path with one more step.
pub(crate) fn step(path: &[String], next: impl Into<String>) -> Vec<String> {
    let mut longer = path.to_vec();
    longer.push(next.into());
    longer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_code() {
        let path: Vec<String> = ["volumes", "host_path", "0", "name"].map(String::from).to_vec();
        assert_eq!(dotted(&path), "volumes.host_path[0].name");
        assert_eq!(dotted(&[]), "");
        assert_eq!(dotted(&["0".to_owned()]), "0");
    }
}
