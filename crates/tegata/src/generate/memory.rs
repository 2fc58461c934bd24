//! What earlier writes have verified, for workspaces so large that verifying it again takes time.
//!
//! An entry says: of these inputs, by this program, this text was rendered, and it was verified. The inputs are the
//! files of the projects that the text tells of and every file that is no project's; the program is known by its file's
//! size and time. Two SHA-256 digests make an entry, so that no other inputs and no other text pass for it.
//!
//! **Invariant:** it lies outside of every workspace, so nobody can propose an entry in a merge request; and
//! `render --check`, which decides about one, makes no use of it.

use std::io::{ErrorKind, Read};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashSet;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::declared::Project;
use crate::disk::{Folder, InTurn};
use crate::load::Loaded;
use crate::resolve::{Content, Output};
use crate::write::Existing;

const DIGEST: usize = 32;
const ENTRY: usize = 2 * DIGEST;

type Hash = [u8; DIGEST];
/// The digest of the inputs, and that of the text.
type Entry = [u8; ENTRY];

/// Stands for a file of which nothing is remembered.
const NOTHING: Entry = [0; ENTRY];

/// The entries of a workspace, and what its files hold now.
pub struct Memory {
    path: Utf8PathBuf,
    /// The program, and every input that is no project's.
    common: Hash,
    /// The files of the input, in the order of [`crate::source::Sources::files`].
    inputs: Vec<Hash>,
    /// The files of `out/`, in the order of [`Existing::files`]; none for one that can't be read.
    existing: Vec<Option<Hash>>,
    /// Entries, one after the other: those of the files of `out/`, in the order of what was rendered.
    known: Vec<u8>,
    /// The same, to be found wherever they stand: a new file moves all that come after it.
    anywhere: OnceLock<HashSet<Entry>>,
    /// What this run has met, in the order of what is rendered.
    met: Vec<OnceLock<Entry>>,
    /// Whether some of that does not stand in the same place of `known`.
    differs: AtomicBool,
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
        let name = format!("verified-{}", hexadecimal(&Sha256::digest(root.as_str())));
        let (remembered, path) = (Folder::at(folder), folder.join(&name));
        let out = Folder::at(out);
        let existing = existing
            .files
            .par_iter()
            .map_init(|| out.in_turn(), |folder, path| of_file(folder, Utf8Path::new(path)).ok());
        let inputs = loaded.sources.files().par_iter();
        let inputs: Vec<Hash> =
            inputs.map(|source| of_parts(&[source.path.as_str(), &source.text])).collect();
        Memory {
            known: remembered.in_turn().read(Utf8Path::new(&name)).unwrap_or_default(),
            path,
            common: common(loaded, &inputs),
            inputs,
            existing: existing.collect(),
            anywhere: OnceLock::new(),
            met: Vec::new(),
            differs: AtomicBool::new(false),
        }
    }

    /// Makes room for so many files.
    pub fn expect(&mut self, files: usize) {
        self.met.resize_with(files, OnceLock::new);
    }

    fn known(&self) -> &[Entry] {
        match self.known.as_chunks() {
            (entries, []) => entries,
            // Not what `save` wrote.
            _ => &[],
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
                for project in &runner.projects {
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
    /// `index`: which of the files that are rendered it is.
    pub fn knows(&self, index: usize, key: Hash, place: Option<usize>) -> bool {
        let text = place.and_then(|place| *self.existing.get(place)?);
        let Some(text) = text else { return false };
        let entry = entry(key, text);
        let anywhere = || self.anywhere.get_or_init(|| self.known().iter().copied().collect());
        let known = self.known().get(index) == Some(&entry) || anywhere().contains(&entry);
        if known {
            self.meet(index, entry);
        }
        known
    }

    /// Takes note of a text that has been verified.
    pub fn remember(&self, index: usize, key: Hash, text: &[u8]) {
        self.meet(index, entry(key, Sha256::digest(text).into()));
    }

    fn meet(&self, index: usize, entry: Entry) {
        if self.known().get(index) != Some(&entry) {
            self.differs.store(true, Ordering::Relaxed);
        }
        if let Some(place) = self.met.get(index) {
            // Each file is met once.
            let _ = place.set(entry);
        }
    }

    /// Keeps what this run has met, and forgets the rest. A memory that can't be kept is no error.
    pub fn save(self) {
        if self.known().len() == self.met.len() && !self.differs.load(Ordering::Relaxed) {
            return;
        }
        let bytes: Vec<u8> = self.met.iter().flat_map(|entry| *entry.get().unwrap_or(&NOTHING)).collect();
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

fn entry(key: Hash, text: Hash) -> Entry {
    let mut entry = NOTHING;
    let (inputs, rendered) = entry.split_at_mut(DIGEST);
    inputs.copy_from_slice(&key);
    rendered.copy_from_slice(&text);
    entry
}

/// Adds a text such that two texts one after the other can't be taken for two others.
fn add(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

/// In pieces: what lies in `out/` may be anything, of any size.
fn of_file(folder: &mut InTurn<'_>, path: &Utf8Path) -> std::io::Result<Hash> {
    let mut file = folder.open(path)?;
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
