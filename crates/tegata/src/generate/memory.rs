//! What earlier writes have verified, for workspaces so large that verifying it again takes time.
//!
//! An entry says: of these inputs, by this program, this text was rendered, and it was verified. The inputs are the
//! files of the projects that the text tells of and every file that is no project's; the program is known by its file's
//! size and time. Two SHA-256 digests make an entry, so that no other inputs and no other text pass for it.
//!
//! **Invariant:** it lies outside of every workspace, so nobody can propose an entry in a merge request; and
//! `render --check`, which decides about one, makes no use of it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::declared::Project;
use crate::load::Loaded;
use crate::resolve::{Content, Output};
use crate::write::Existing;

const DIGEST: usize = 32;

type Hash = [u8; DIGEST];
type Entry = (Hash, Hash);

/// The entries of a workspace, and what its files hold now.
pub struct Memory {
    path: Utf8PathBuf,
    /// The program, and every input that is no project's.
    common: Hash,
    /// The files of the input, in the order of [`crate::source::Sources::files`].
    inputs: Vec<Hash>,
    /// The files of `out/`, in the order of [`Existing::files`]; none for one that can't be read.
    existing: Vec<Option<Hash>>,
    known: HashSet<Entry>,
    met: Mutex<Vec<Entry>>,
    /// Whether some of what was met was not known.
    learned: AtomicBool,
}

impl Memory {
    /// The memory of the workspace at `root`, whose `out/` is the folder `out`; empty where there is none, or none
    /// that can be read.
    pub fn open(
        folder: &Utf8Path,
        root: &Utf8Path,
        out: &Utf8Path,
        loaded: &Loaded,
        existing: &Existing,
    ) -> Memory {
        let path = folder.join(format!("verified-{}", hexadecimal(&Sha256::digest(root.as_str()))));
        let bytes = std::fs::read(&path).unwrap_or_default();
        let (chunks, rest) = bytes.as_chunks::<{ 2 * DIGEST }>();
        let entries = if rest.is_empty() { chunks } else { &[] };
        let existing = existing.files.par_iter().map(|path| of_file(&out.join(path)).ok());
        let inputs = loaded.sources.files().par_iter();
        let inputs: Vec<Hash> =
            inputs.map(|source| of_parts(&[source.path.as_str(), &source.text])).collect();
        Memory {
            path,
            common: common(loaded, &inputs),
            inputs,
            existing: existing.collect(),
            known: entries.iter().filter_map(entry).collect(),
            met: Mutex::default(),
            learned: AtomicBool::new(false),
        }
    }

    /// The inputs of a file; `None` for the few that depend on all projects, or on none.
    pub fn key(&self, output: &Output<'_>) -> Option<Hash> {
        let mut hash = Sha256::new();
        hash.update(self.common);
        add(&mut hash, output.path.as_str());
        match &output.content {
            Content::Project(project, _) | Content::Include(project) => {
                hash.update(self.of_project(project.declared)?);
            }
            Content::Runner(runner) | Content::Admission(runner) | Content::Values(runner) => {
                for project in runner.projects.values() {
                    hash.update(self.of_project(project)?);
                }
            }
            Content::Role(_) | Content::Quarantine { .. } | Content::Apply(_) => return None,
        }
        Some(hash.finalize().into())
    }

    fn of_project(&self, project: &Project) -> Option<&Hash> {
        self.inputs.get(project.file.index())
    }

    /// Whether what the file at this place of [`Existing::files`] holds was rendered of these inputs, and verified.
    pub fn knows(&self, key: Hash, place: Option<usize>) -> bool {
        let text = place.and_then(|place| *self.existing.get(place)?);
        let Some(text) = text else { return false };
        let entry = (key, text);
        let known = self.known.contains(&entry);
        if known {
            self.meet(entry);
        }
        known
    }

    /// Takes note of a text that has been verified.
    pub fn remember(&self, key: Hash, text: &[u8]) {
        self.learned.store(true, Ordering::Relaxed);
        self.meet((key, Sha256::digest(text).into()));
    }

    fn meet(&self, entry: Entry) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Keeps what this run has met, and forgets the rest. A memory that can't be kept is no error.
    pub fn save(self) {
        let met = self.met.into_inner().unwrap_or_else(PoisonError::into_inner);
        if met.len() == self.known.len() && !self.learned.into_inner() {
            return;
        }
        let bytes: Vec<u8> = met.iter().flat_map(|(key, text)| key.iter().chain(text)).copied().collect();
        let unfinished = self.path.with_extension(std::process::id().to_string());
        let folder = self.path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let saved = folder
            .and_then(|()| std::fs::write(&unfinished, bytes))
            .and_then(|()| std::fs::rename(&unfinished, &self.path));
        if saved.is_err() {
            let _ = std::fs::remove_file(&unfinished);
        }
    }
}

fn entry(bytes: &[u8; 2 * DIGEST]) -> Option<Entry> {
    let (key, text) = bytes.split_at(DIGEST);
    Some((key.try_into().ok()?, text.try_into().ok()?))
}

/// Adds a text such that two texts one after the other can't be taken for two others.
fn add(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

/// In pieces: what lies in `out/` may be anything, of any size.
fn of_file(path: &Utf8Path) -> std::io::Result<Hash> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = [0; 16 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(length) => hash.update(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn of_parts(parts: &[&str]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        add(&mut hash, part);
    }
    hash.finalize().into()
}

fn common(loaded: &Loaded, inputs: &[Hash]) -> Hash {
    let mut hash = Sha256::new();
    add(&mut hash, &program());
    let files = loaded.sources.files().iter().zip(inputs);
    for (_, digest) in files.filter(|(source, _)| !source.path.starts_with("projects")) {
        hash.update(digest);
    }
    hash.finalize().into()
}

/// What tells this program from another build of it.
fn program() -> String {
    let file = std::env::current_exe().ok();
    let metadata = file.as_ref().and_then(|file| file.metadata().ok());
    let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
    format!("{} {file:?} {:?} {time:?}", env!("CARGO_PKG_VERSION"), metadata.map(|metadata| metadata.len()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
