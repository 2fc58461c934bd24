//! What two files claim at once: a project, an id, an account, a namespace, an object, a path below `out/`.
//!
//! Mostly nothing is: so all claims are hashed first ([`super::hashes`]), and looked at one by one only where two hashes are
//! the same.

mod claims;
mod objects;
mod paths;
mod reserved;
mod runners;

use std::collections::hash_map::Entry;
use std::hash::Hash;

use foldhash::HashMap;

use super::output::Output;
use super::{Resolved, apply};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Reports what two files claim at once, and names that are nobody's to claim. Whether there is anything of the kind.
pub fn report(resolved: &Resolved<'_>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let before = diagnostics.len();
    let claimed = claims::report(resolved, diagnostics);
    reserved::report(resolved, &claimed.copies, diagnostics);
    runners::report(resolved, diagnostics);
    apply::check_places(resolved, diagnostics);
    claimed.at_manager || diagnostics.len() > before
}

/// Reports objects and paths that meet in what is rendered, unless the files that they come from collide already.
pub fn report_outputs(resolved: &Resolved<'_>, outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    if !resolved.collides {
        objects::report(resolved, outputs, diagnostics);
        paths::report(outputs, diagnostics);
    }
}

/// The span that claimed `key` first, where this is not the first claim.
fn claimed<K: Eq + Hash>(claims: &mut HashMap<K, Span>, key: K, span: Span) -> Option<Span> {
    match claims.entry(key) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(free) => {
            free.insert(span);
            None
        }
    }
}
