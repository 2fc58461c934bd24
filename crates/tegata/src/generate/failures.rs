//! The files that a template fails for: the same ones in whatever order, and on however many threads, they turn up.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;

use super::problem::TemplateProblem;

/// Behind so many files that a template failed for, the rest is not looked at.
const MAX_FAILURES: usize = 50;

/// What has failed so far.
pub struct Failures<'a> {
    /// The last file that still matters: once there are enough, the last of those that are kept.
    limit: AtomicUsize,
    /// The first of the files whose template came to no end.
    endless: AtomicUsize,
    /// The first files that failed, by their numbers among all files.
    found: Mutex<BTreeMap<usize, Failed<'a>>>,
}

/// A file that could not be made.
struct Failed<'a> {
    path: &'a Utf8Path,
    problem: TemplateProblem,
}

impl<'a> Failures<'a> {
    pub fn none() -> Failures<'a> {
        Failures {
            limit: AtomicUsize::new(usize::MAX),
            endless: AtomicUsize::new(usize::MAX),
            found: Mutex::new(BTreeMap::new()),
        }
    }

    /// Whether a file need not be tried: a template that fails for many files fails for all. One that comes to no end
    /// takes so long to fail that the first file is enough. What is before the last file that matters is always tried,
    /// so that no run tells of other files than the next.
    pub fn are_enough(&self, index: usize) -> bool {
        index > self.limit.load(Ordering::Relaxed) || index > self.endless.load(Ordering::Relaxed)
    }

    pub fn add(&self, index: usize, path: &'a Utf8Path, problem: TemplateProblem) {
        if problem.is_endless {
            self.endless.fetch_min(index, Ordering::Relaxed);
        }
        // A poisoned lock still holds what was found.
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(index, Failed { path, problem });
        if found.len() > MAX_FAILURES {
            found.pop_last();
        }
        if let (MAX_FAILURES, Some((last, _))) = (found.len(), found.last_key_value()) {
            self.limit.store(*last, Ordering::Relaxed);
        }
    }

    /// All that matter, in the order of the input that they come from.
    pub fn in_order(self) -> Vec<TemplateProblem> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Which ones behind it were tried all the same is chance.
        let last = self.endless.into_inner();
        found.retain(|index, _| *index <= last);
        let may_be_more = found.len() >= MAX_FAILURES || found.contains_key(&last);
        let mut found: Vec<Failed<'a>> = found.into_values().collect();
        // Several files may come from one place of the input.
        found.sort_by(|a, b| (a.problem.origin, a.path).cmp(&(b.problem.origin, b.path)));
        found.into_iter().map(|failed| TemplateProblem { may_be_more, ..failed.problem }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn problem(index: usize, is_endless: bool) -> TemplateProblem {
        TemplateProblem {
            template: String::new(),
            range: None,
            line: None,
            message: index.to_string(),
            within: None,
            note: None,
            origin: Span::new(FileId::at(0), index..index),
            id: "template-error",
            help: "".into(),
            is_failure: true,
            is_endless,
            may_be_more: false,
        }
    }

    /// What is told where these files fail, of 1000 that are tried in an order that `step` makes.
    fn told(failing: fn(usize) -> bool, endless: &[usize], step: usize) -> (Vec<String>, bool) {
        let failures = Failures::none();
        for at in 0..1000 {
            let index = at * step % 1000;
            if failing(index) && !failures.are_enough(index) {
                failures.add(index, Utf8Path::new("a"), problem(index, endless.contains(&index)));
            }
        }
        let found = failures.in_order();
        let may_be_more = found.iter().all(|problem| problem.may_be_more);
        (found.into_iter().map(|problem| problem.message).collect(), may_be_more)
    }

    fn numbers(numbers: impl Iterator<Item = usize>) -> Vec<String> {
        numbers.map(|number| number.to_string()).collect()
    }

    /// What goes through all files in another order each.
    const STEPS: [usize; 5] = [1, 3, 7, 501, 999];

    #[test]
    fn the_first_ones_are_kept_in_whatever_order_they_turn_up() {
        for step in STEPS {
            assert_eq!(
                told(|index| index % 3 == 0, &[], step),
                (numbers((0..150).step_by(3)), true),
                "{step}"
            );
            assert_eq!(told(|index| index % 100 == 0, &[], step).0.len(), 10, "{step}");
            assert!(!told(|index| index % 100 == 0, &[], step).1, "{step}");
        }
    }

    #[test]
    fn nothing_behind_an_endless_one_is_told() {
        for step in STEPS {
            let expected = (numbers((0..=30).step_by(3)), true);
            assert_eq!(told(|index| index % 3 == 0, &[30, 60, 900], step), expected, "{step}");
            let expected = (numbers((0..150).step_by(3)), true);
            assert_eq!(told(|index| index % 3 == 0, &[300], step), expected, "{step}");
        }
    }
}
