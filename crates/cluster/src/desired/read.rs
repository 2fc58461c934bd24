//! From the files of a cluster to objects.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tegata::resolve::objects::{APPLY_LABEL, MANAGED_BY, WORKSPACE_LABEL};
use tegata::resolve::output::OUT;
use walkdir::WalkDir;

use super::Declared;
use crate::fault::Fault;
use crate::object::ObjectId;

/// The objects of a cluster's files, in their order; the hash takes what the files hold.
pub(super) fn objects(root: &Utf8Path, cluster: &str, hash: &mut Sha256) -> Result<Vec<Declared>, Fault> {
    let mut objects: Vec<Declared> = Vec::new();
    for file in files(root, cluster)? {
        let text = fs::read_to_string(root.join(&file)).map_err(|error| unreadable(&file, &error))?;
        for part in [file.as_str(), text.as_str()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        for (line, document) in documents(&text) {
            let read = serde_yaml::from_str::<Value>(&document);
            let manifest = read.map_err(|error| unreadable(&file, &error))?;
            if manifest.is_null() {
                continue;
            }
            // No account applies what it is itself.
            if manifest.pointer("/metadata/labels").is_some_and(|labels| labels.get(APPLY_LABEL).is_some()) {
                continue;
            }
            let id = ObjectId::of(&manifest).map_err(|problem| unreadable(&file, &problem))?;
            objects.push(Declared { id, manifest, file: file.clone(), line });
        }
    }
    well_formed(&objects)?;
    Ok(objects)
}

fn files(root: &Utf8Path, cluster: &str) -> Result<Vec<Utf8PathBuf>, Fault> {
    let below = Utf8Path::new(OUT).join("kubernetes").join(cluster);
    let mut files = Vec::new();
    if !root.join(&below).is_dir() {
        return Ok(files);
    }
    for entry in WalkDir::new(root.join(&below)) {
        let entry = entry.map_err(|error| unreadable(&below, &error))?;
        let path = Utf8Path::from_path(entry.path()).and_then(|path| path.strip_prefix(root).ok());
        if let (Some(path), true) = (path, entry.file_type().is_file()) {
            files.push(path.to_owned());
        }
    }
    files.sort();
    Ok(files)
}

/// The documents of a file, each with the line on which it begins. A line `---` cannot be a part of one: within a text
/// it would be indented.
fn documents(text: &str) -> Vec<(usize, String)> {
    let mut documents = vec![(1, String::new())];
    for (number, line) in text.lines().enumerate() {
        if line == "---" {
            documents.push((number + 2, String::new()));
        } else if let Some((_, document)) = documents.last_mut() {
            document.push_str(line);
            document.push('\n');
        }
    }
    documents
}

/// What is rendered has one owner for each object, and its labels; another tool may have written the file.
fn well_formed(objects: &[Declared]) -> Result<(), Fault> {
    let mut seen: BTreeMap<&ObjectId, &Utf8Path> = BTreeMap::new();
    for object in objects {
        if let Some(other) = seen.insert(&object.id, &object.file) {
            let message = format!("{} stands in {other} too", object.id);
            return Err(unreadable(&object.file, &message));
        }
        let labels = object.manifest.pointer("/metadata/labels");
        let label = |name| labels.and_then(|labels| labels.get(name)?.as_str());
        if label(MANAGED_BY.0) != Some(MANAGED_BY.1) || label(WORKSPACE_LABEL).is_none() {
            return Err(unreadable(&object.file, &format!("{} lacks tegata's labels", object.id)));
        }
    }
    Ok(())
}

fn unreadable(file: &Utf8Path, problem: &dyn std::fmt::Display) -> Fault {
    Fault::new(
        "not-rendered",
        format!("can't read {file}: {problem}"),
        "run `cargo xtask render`, review the change and commit it",
    )
}
