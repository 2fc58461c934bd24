//! What earlier writes have verified, for workspaces so large that verifying it again takes time.
//!
//! An entry says: of these inputs, by this program, this text was rendered, and it was verified. The inputs are the
//! project's own file and every file that is no project's; the program is known by its file's size and time. Two
//! SHA-256 digests make an entry, so that no other inputs and no other text pass for it.
//!
//! **Invariant:** it lies outside of every workspace, so nobody can propose an entry in a merge request; and
//! `render --check`, which decides about one, makes no use of it.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest, Sha256};

use crate::load::Loaded;
use crate::resolve::{Content, Output};

const DIGEST: usize = 32;

type Hash = [u8; DIGEST];
type Entry = (Hash, Hash);

/// The entries of a workspace.
pub struct Memory {
    path: Utf8PathBuf,
    /// The program, and every input that is no project's.
    common: Hash,
    known: HashSet<Entry>,
    met: Mutex<Vec<Entry>>,
}

impl Memory {
    /// The memory of the workspace at `root`; empty where there is none, or none that can be read.
    pub fn open(folder: &Utf8Path, root: &Utf8Path, loaded: &Loaded) -> Memory {
        let path = folder.join(format!("verified-{}", hexadecimal(&Sha256::digest(root.as_str()))));
        let bytes = std::fs::read(&path).unwrap_or_default();
        let (chunks, rest) = bytes.as_chunks::<{ 2 * DIGEST }>();
        let entries = if rest.is_empty() { chunks } else { &[] };
        Memory {
            path,
            common: common(loaded),
            known: entries.iter().filter_map(entry).collect(),
            met: Mutex::default(),
        }
    }

    /// The inputs of a file; `None` for files that depend on all projects.
    pub fn key(&self, loaded: &Loaded, output: &Output<'_>) -> Option<Hash> {
        let (Content::Project(project, _) | Content::Include(project)) = &output.content else { return None };
        let source = loaded.sources.get(project.declared.file)?;
        let mut hash = Sha256::new();
        hash.update(self.common);
        for part in [output.path.as_str(), source.path.as_str(), source.text.as_str()] {
            add(&mut hash, part);
        }
        Some(hash.finalize().into())
    }

    /// Whether this text was rendered of these inputs, and verified.
    pub fn knows(&self, key: Hash, text: &[u8]) -> bool {
        let entry = (key, Sha256::digest(text).into());
        let known = self.known.contains(&entry);
        if known {
            self.meet(entry);
        }
        known
    }

    /// Takes note of a text that has been verified.
    pub fn remember(&self, key: Hash, text: &[u8]) {
        self.meet((key, Sha256::digest(text).into()));
    }

    fn meet(&self, entry: Entry) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    /// Keeps what this run has met, and forgets the rest. A memory that can't be kept is no error.
    pub fn save(self) {
        let met = self.met.into_inner().unwrap_or_else(PoisonError::into_inner);
        if met.len() == self.known.len() && met.iter().all(|entry| self.known.contains(entry)) {
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

fn common(loaded: &Loaded) -> Hash {
    let mut hash = Sha256::new();
    add(&mut hash, &program());
    for (_, source) in loaded.sources.iter().filter(|(_, source)| !source.path.starts_with("projects")) {
        add(&mut hash, source.path.as_str());
        add(&mut hash, &source.text);
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
