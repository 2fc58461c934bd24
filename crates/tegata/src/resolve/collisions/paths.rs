//! Paths below `out/` that meet, or that no file system takes.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use foldhash::{HashMap, HashMapExt};
use rayon::prelude::*;

use super::super::hashes::Hashes;
use super::super::output::Output;
use super::claimed;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The most bytes of a file's name that every common file system takes.
const MAX_COMPONENT: usize = 255;
/// The most bytes of a path below `out/`, so that with the workspace's own it stays below what systems take.
const MAX_PATH: usize = 2048;

/// Two files of one path, a file where another needs a folder, and names that no file system takes. Case
/// doesn't tell files apart everywhere, so it doesn't here.
pub fn report(outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    long_paths(outputs, diagnostics);
    if paths_may_meet(outputs) {
        meeting_paths(outputs, diagnostics);
    }
}

fn long_paths(outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut too_long: BTreeMap<Span, (usize, usize)> = BTreeMap::new();
    for output in outputs {
        let path = output.path.as_str();
        let longest = path.split('/').map(str::len).max().unwrap_or_default();
        if longest > MAX_COMPONENT || path.len() > MAX_PATH {
            let (length, most) =
                if longest > MAX_COMPONENT { (longest, MAX_COMPONENT) } else { (path.len(), MAX_PATH) };
            let worst = too_long.entry(output.origin).or_insert((length, most));
            *worst = (*worst).max((length, most));
        }
    }
    for (origin, (length, most)) in too_long {
        let message = format!(
            "file systems take {most} bytes, and a name below out/ would have {length}, its ending counted in"
        );
        diagnostics.push(
            Diagnostic::error("path-too-long", origin, message)
                .help(format!("shorten it by {} bytes", length.saturating_sub(most))),
        );
    }
}

/// Whether [`meeting_paths`] could find something.
fn paths_may_meet(outputs: &[Output<'_>]) -> bool {
    let hasher = RandomState::default();
    let hashes = outputs.par_iter().map(|output| hasher.hash_one(output.path.as_str().to_lowercase()));
    let files = Hashes::new(&hasher, hashes.collect());
    let mut meet = !files.are_distinct();
    each_folder(outputs, |folder, _| meet |= files.may_have(folder));
    meet
}

/// The folders that files need, in lower case; those of a file that lies where the one before lies are left out.
fn each_folder(outputs: &[Output<'_>], mut look: impl FnMut(&str, Span)) {
    let mut looked_at = "";
    for output in outputs {
        let folder = output.path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder == looked_at {
            continue;
        }
        looked_at = folder;
        let lower = folder.to_lowercase();
        for folder in lower.match_indices('/').filter_map(|(at, _)| lower.get(..at)).chain([lower.as_str()]) {
            look(folder, output.origin);
        }
    }
}

fn meeting_paths(outputs: &[Output<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let mut claims = HashMap::new();
    for output in outputs {
        let path = output.path.as_str();
        if let Some(first) = claimed(&mut claims, path.to_lowercase(), output.origin) {
            diagnostics.push(
                Diagnostic::error(
                    "duplicate-path",
                    output.origin,
                    format!("out/{path} is written twice (case doesn't tell files apart everywhere)"),
                )
                .help("rename one of the two")
                .related(first, "first here"),
            );
        }
    }
    each_folder(outputs, |folder, origin| {
        if let Some(first) = claims.get(folder) {
            let message = format!("out/{folder} would be a file and a folder at once");
            diagnostics.push(
                Diagnostic::error("duplicate-path", origin, message)
                    .help("rename one of the two")
                    .related(*first, "the file"),
            );
        }
    });
}
