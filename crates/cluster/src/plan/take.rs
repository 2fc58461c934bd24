//! `--take-ownership OBJECT`.

use super::Refusal;
use crate::fault::Fault;
use crate::object::ObjectId;

/// The objects that people name, and whether each was met.
pub(super) struct Taking<'a> {
    patterns: Vec<(&'a str, bool)>,
}

impl<'a> Taking<'a> {
    pub(super) fn new(patterns: &'a [String]) -> Taking<'a> {
        Taking { patterns: patterns.iter().map(|pattern| (pattern.as_str(), false)).collect() }
    }

    /// Whether an object may be taken.
    pub(super) fn takes(&mut self, id: &ObjectId) -> bool {
        let name = id.argument();
        let mut takes = false;
        for (pattern, met) in &mut self.patterns {
            if matches(pattern, &name) {
                *met = true;
                takes = true;
            }
        }
        takes
    }

    /// What meets no object that somebody else has is a slip of the pen.
    pub(super) fn unused(&self) -> impl Iterator<Item = Refusal> {
        self.patterns.iter().filter(|(_, met)| !met).map(|(pattern, _)| {
            Refusal::general(Fault::new(
                "nothing-to-take",
                format!("--take-ownership {pattern}: nothing of that name is somebody else's"),
                "name objects as the diff does: KIND/NAME or KIND/NAMESPACE/NAME; `*` stands for any text",
            ))
        })
    }
}

/// `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    (0..=name.len()).filter_map(|at| name.get(at..)).any(|end| matches(rest, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        assert!(matches("Role/web/*", "Role/web/build"));
        assert!(matches("*/build", "Role/web/build"));
        assert!(matches("Role/*/b*d", "Role/web/build"));
        assert!(!matches("Role/web/b", "Role/web/build"));
        assert!(!matches("Role/*/x", "Role/web/build"));
    }
}
