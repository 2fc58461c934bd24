//! A folder as a value: path and bytes of each file.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

/// The files below a folder, by path from there, with `/`.
pub type Tree = BTreeMap<Utf8PathBuf, Vec<u8>>;

/// The ending of a file that says: the file of the name before it is not there.
const REMOVED: &str = ".remove";

/// Reads a folder; one that does not exist is empty.
pub fn read(folder: &Utf8Path) -> Tree {
    let mut tree = Tree::new();
    if !folder.exists() {
        return tree;
    }
    for entry in WalkDir::new(folder) {
        let entry = entry.unwrap();
        let path = Utf8Path::from_path(entry.path()).unwrap();
        if entry.file_type().is_file() {
            tree.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(path).unwrap());
        }
    }
    tree
}

/// Writes the files into a folder.
pub fn write(tree: &Tree, folder: &Utf8Path) {
    std::fs::create_dir_all(folder).unwrap();
    for (path, bytes) in tree {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// `base` with the files of `changes` in place of its own.
pub fn overlay(mut base: Tree, changes: Tree) -> Tree {
    for (path, bytes) in changes {
        match path.as_str().strip_suffix(REMOVED) {
            Some(removed) => assert!(base.remove(Utf8Path::new(removed)).is_some(), "{path} removes nothing"),
            None => drop(base.insert(path, bytes)),
        }
    }
    base
}

/// The folders right below a folder, sorted.
pub fn folders(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut folders: Vec<Utf8PathBuf> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// A new folder that goes when the value goes.
pub struct Scratch {
    _folder: tempfile::TempDir,
    /// Its path, without symbolic links.
    pub path: Utf8PathBuf,
}

impl Scratch {
    /// Makes one that holds these files.
    pub fn with(tree: &Tree) -> Scratch {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().canonicalize_utf8().unwrap().join("workspace");
        write(tree, &path);
        Scratch { _folder: folder, path }
    }
}
