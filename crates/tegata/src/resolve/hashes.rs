//! Many names at once.

use std::hash::{BuildHasher, Hash};

use foldhash::quality::RandomState;
use rayon::prelude::*;

/// The hashes of many names, in their order. Those of a hundred thousand are soon compared, and take no table: only where
/// two are the same, the names themselves have to be looked at.
pub struct Hashes {
    hasher: RandomState,
    sorted: Vec<u64>,
}

impl Hashes {
    /// Of hashes that this hasher has made.
    pub fn new(hasher: &RandomState, mut hashes: Vec<u64>) -> Hashes {
        hashes.par_sort_unstable();
        Hashes { hasher: hasher.clone(), sorted: hashes }
    }

    /// Whether no name is there twice. `false` says that one may be.
    pub fn are_distinct(&self) -> bool {
        self.sorted.windows(2).all(|two| two.first() != two.last())
    }

    /// Whether a name may be among them.
    pub fn may_have(&self, name: impl Hash) -> bool {
        self.sorted.binary_search(&self.hasher.hash_one(name)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Hashes {
        let hasher = RandomState::default();
        let hashes = names.iter().map(|name| hasher.hash_one(*name)).collect();
        Hashes::new(&hasher, hashes)
    }

    #[test]
    fn names_that_are_there_once_and_twice() {
        assert!(of(&[]).are_distinct());
        assert!(of(&["a", "b"]).are_distinct());
        assert!(!of(&["a", "b", "a"]).are_distinct());
        assert!(of(&["a", "b"]).may_have("b"));
        assert!(!of(&["a", "b"]).may_have("c"));
    }
}
