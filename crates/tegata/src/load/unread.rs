//! Files and folders that are not read and look meant: left out in silence, what they say would be removed from `out/`.

use camino::{Utf8Path, Utf8PathBuf};
use tegata_rbac::suggest::closest;
use walkdir::{DirEntry, WalkDir};

use super::files::{FOLDERS, MAX_BYTES, ROOT_FILE};
use crate::diagnostic::Diagnostic;
use crate::shape::{Record, files as forms};

/// What lies beside `tegata.yaml`, is not read, and looks meant: folders whose names are nearly those that are, and
/// projects.
pub fn beside(root: &Utf8Path, diagnostics: &mut Vec<Diagnostic>) {
    let Ok(entries) = root.read_dir_utf8() else { return };
    let mut names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_owned()).collect();
    names.sort();
    for name in names {
        if let Some(folder) = nearly_named(&name) {
            diagnostics.extend(misnamed_folder(root, &name, folder));
        } else if name.ends_with(".yaml") && name != ROOT_FILE && is_project(&root.join(&name)) {
            let message = format!("{name} looks like a project, and is not read: projects lie in projects/");
            diagnostics.push(
                Diagnostic::file_error("misnamed-folder", name.as_str(), message)
                    .warning()
                    .help(format!("move it to projects/{name}")),
            );
        }
    }
}

/// The folder that is read, of which this is nearly the name.
pub fn nearly_named(name: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let is_near = |folder: &str| name != folder && (lower == folder || lower == folder.trim_end_matches('s'));
    FOLDERS.into_iter().map(|(folder, _)| folder).find(|folder| is_near(folder))
}

/// Where the folder itself is missing, all that it rendered would be removed: an error. Beside it, the other may be
/// anything's.
fn misnamed_folder(root: &Utf8Path, name: &str, folder: &str) -> Option<Diagnostic> {
    let meant = if folder == "templates" { "j2" } else { "yaml" };
    let looks_meant = |entry: DirEntry| entry.path().extension().is_some_and(|ending| ending == meant);
    let mut walk = WalkDir::new(root.join(name)).min_depth(1).max_depth(4).into_iter().filter_map(Result::ok);
    walk.any(looks_meant).then(|| {
        let message =
            format!("{name}/ is not read, and has files that look meant: the folder is called {folder}/");
        let found = Diagnostic::file_error("misnamed-folder", name, message);
        if root.join(folder).is_dir() {
            found.warning().help(format!("move its files to {folder}/; rename it if it is something else's"))
        } else {
            found.help(format!("rename it to {folder}/, or to another name if it is something else's"))
        }
    })
}

/// Whether a file says what a project's does.
fn is_project(path: &Utf8Path) -> bool {
    let text = text_of(path);
    has_key(&text, "project") && has_key(&text, "serviceAccounts")
}

/// What editors leave behind.
pub fn is_leftover(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".orig") || name.ends_with(".bak")
}

/// Whether a file's name ends as those do that are read.
pub fn ends_right(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    name.ends_with(".yaml") && name.len() > ".yaml".len()
}

/// What to say of a file that is not read for its ending, where its name or what it says looks meant.
pub fn wrong_ending(root: &Utf8Path, folder: &str, path: &Utf8Path) -> Option<Diagnostic> {
    let looks_meant = || {
        let form = form_of(folder).filter(|_| !says_to_be_else(path));
        form.is_some_and(|form| has_most(&root.join(path), form))
    };
    (nearly_ending(path).is_some() || looks_meant()).then(|| {
        let message = "only files that end in `.yaml` are read, and this one looks meant";
        Diagnostic::file_error("wrong-ending", path, message).help(format!("rename it to {}", renamed(path)))
    })
}

/// The name of what a file of a wrong ending describes.
pub fn name_of(path: &Utf8Path) -> Option<String> {
    renamed(path).file_stem().map(str::to_owned)
}

fn renamed(path: &Utf8Path) -> Utf8PathBuf {
    nearly_ending(path).unwrap_or_else(|| with_ending(path))
}

/// The right name of a file whose ending is another one of YAML's.
fn nearly_ending(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let name = path.file_name().unwrap_or_default();
    let lower = name.to_lowercase();
    // Some editors put an ending of their own behind it.
    let meant = lower.strip_suffix(".txt").unwrap_or(&lower);
    (meant.ends_with(".yml") || meant.ends_with(".yaml")).then(|| {
        let stem = path.with_file_name(name.get(..meant.len()).unwrap_or(name));
        stem.with_extension("yaml")
    })
}

/// The name with the ending: in place of one that is a slip of it, or behind the whole.
fn with_ending(path: &Utf8Path) -> Utf8PathBuf {
    let name = path.file_name().unwrap_or_default().trim_end_matches('.');
    let is_slip = |ending: &str| closest(ending, ["yaml", "yml"]).is_some();
    match name.rsplit_once('.') {
        Some((stem, ending)) if is_slip(ending) => path.with_file_name(format!("{stem}.yaml")),
        _ => path.with_file_name(format!("{name}.yaml")),
    }
}

/// Whether a name says that the file is something else: a text for people, a copy, or a file that was switched off.
fn says_to_be_else(path: &Utf8Path) -> bool {
    const ENDINGS: [&str; 14] = [
        "adoc", "disabled", "dist", "example", "html", "j2", "markdown", "md", "off", "old", "rst", "sample",
        "tmpl", "txt",
    ];
    let name = path.file_name().unwrap_or_default().to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    name.starts_with("readme") || ENDINGS.contains(&ending) || is_leftover(path)
}

fn form_of(folder: &str) -> Option<&'static Record> {
    match folder {
        "clusters" => Some(&forms::CLUSTER),
        "runners" => Some(&forms::RUNNER),
        "roles" => Some(&forms::ROLE),
        "projects" => Some(&forms::PROJECT),
        _ => None,
    }
}

/// Whether a file has most of the keys that a form must have: one of them may be misspelt.
fn has_most(path: &Utf8Path, form: &Record) -> bool {
    let required = || form.fields.iter().filter(|field| field.required).map(|field| field.name);
    let text = text_of(path);
    required().filter(|key| has_key(&text, key)).count() * 2 > required().count()
}

/// What a file says. Of what is no regular file, or larger than any that is read, nobody asks.
fn text_of(path: &Utf8Path) -> String {
    let is_file =
        path.symlink_metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES);
    if is_file { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

/// Whether a text has a key at its margin.
fn has_key(text: &str, key: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    lines.any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}
