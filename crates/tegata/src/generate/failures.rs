//! The files that a template fails for, as they turn up in any order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::Utf8Path;

use super::problem::TemplateProblem;

/// After so many files that a template failed for, the rest is not looked at.
const MAX_FAILURES: usize = 50;

/// What has failed so far.
pub struct Failures<'a> {
    count: AtomicUsize,
    /// The first of the files whose template came to no end.
    endless: AtomicUsize,
    found: Mutex<Vec<Failed<'a>>>,
}

/// A file that could not be made, by its number among all files.
struct Failed<'a> {
    index: usize,
    path: &'a Utf8Path,
    problem: TemplateProblem,
}

impl<'a> Failures<'a> {
    pub fn none() -> Failures<'a> {
        Failures {
            count: AtomicUsize::new(0),
            endless: AtomicUsize::new(usize::MAX),
            found: Mutex::new(Vec::new()),
        }
    }

    /// Whether a file need not be tried: a template that fails for many files fails for all. One that comes to no end
    /// takes so long to fail that the first file is enough.
    pub fn are_enough(&self, index: usize) -> bool {
        self.count.load(Ordering::Relaxed) >= MAX_FAILURES || self.endless.load(Ordering::Relaxed) < index
    }

    pub fn add(&self, index: usize, path: &'a Utf8Path, problem: TemplateProblem) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if problem.is_endless {
            self.endless.fetch_min(index, Ordering::Relaxed);
        }
        // A poisoned lock still holds what was found.
        self.found.lock().unwrap_or_else(PoisonError::into_inner).push(Failed { index, path, problem });
    }

    /// All of them, in the order of the input that they come from.
    pub fn in_order(self) -> Vec<TemplateProblem> {
        let mut found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Which ones behind it were tried all the same is chance.
        let last = self.endless.into_inner();
        found.retain(|failed| failed.index <= last);
        // Several files may come from one place of the input.
        found.sort_by(|a, b| (a.problem.origin, a.path).cmp(&(b.problem.origin, b.path)));
        found.into_iter().map(|failed| failed.problem).collect()
    }
}
