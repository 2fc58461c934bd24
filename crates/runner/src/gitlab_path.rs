//! GitLab's rules for the full path of a project: `group/subgroup/project`.
//!
//! Sources: `lib/gitlab/path_regex.rb` of GitLab (`PATH_REGEX_STR`, `NO_SUFFIX_REGEX`,
//! `full_namespace_route_regex`, `project_route_regex`; words are compared without regard to case), the
//! page "Reserved project and group names" of its documentation for the words themselves, and
//! `Namespace::URL_MAX_LENGTH` and `NUMBER_OF_ANCESTORS_ALLOWED` of `app/models/namespace.rb`.
//!
//! Two sets of rules exist: what GitLab lets people create today, and what older versions let them
//! create and it still serves. A project that exists must be declarable, so `_tools` and `my--project`
//! pass here, although no new project may be called so. Two dots in a row and a leading dot are refused
//! in spite of that: the path becomes a path of files.

mod reserved;

use std::ops::Range;

/// What is wrong with a project's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The bytes of the text that are meant, on character boundaries.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// The longest component (`Namespace::URL_MAX_LENGTH`).
pub const MAX_COMPONENT: usize = 255;

/// The most components: a group, twenty levels of subgroups, and the project.
pub const MAX_COMPONENTS: usize = 22;

/// Endings that no component may have (`NO_SUFFIX_REGEX`).
const ENDINGS: &[&str] = &[".git", ".atom"];

/// Checks that the text is the full path of a project as GitLab has it.
///
/// # Errors
/// The first thing that is wrong, from the left.
pub fn project_path(text: &str) -> Result<(), PathError> {
    if let Some(error) = pasted(text) {
        return Err(error);
    }
    let components = components(text);
    for (at, component) in &components {
        check_component(text, *at, component)?;
    }
    if components.len() < 2 {
        return Err(PathError {
            range: 0..text.len(),
            message: format!("`{text}` names no group: a project's full path has one at least"),
            help: Some(format!("write the group in front: `my-group/{text}`")),
        });
    }
    if let Some((at, _)) = components.get(MAX_COMPONENTS) {
        return Err(PathError {
            range: *at..text.len(),
            message: "GitLab nests subgroups twenty levels deep at most".to_owned(),
            help: None,
        });
    }
    reserved::check(&components)
}

/// The components with the byte at which each starts.
fn components(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    text.split('/')
        .map(|component| {
            let start = at;
            at += component.len() + 1;
            (start, component)
        })
        .collect()
}

/// What people paste: a URL, a clone address, slashes around, an ending, blanks.
fn pasted(text: &str) -> Option<PathError> {
    let whole = |message: &str, rest: &str| {
        let path = tidy(rest);
        PathError {
            range: 0..text.len(),
            message: message.to_owned(),
            help: (project_path_is_plain(&path)).then(|| format!("write `{path}`")),
        }
    };
    if text.trim().is_empty() {
        return Some(PathError {
            range: 0..text.len(),
            message: "the project's path is empty".to_owned(),
            help: Some("write it like `my-group/my-project`".to_owned()),
        });
    }
    if let Some((_, rest)) = text.split_once("://") {
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        return Some(whole("this is a URL, not a project's path", path));
    }
    if let Some((host, path)) = text.split_once(':')
        && host.contains('@')
    {
        return Some(whole("this is an address to clone from, not a project's path", path));
    }
    if text.trim() != text {
        return Some(whole("there are blanks around the project's path", text));
    }
    if text.starts_with('/') || text.ends_with('/') {
        return Some(whole("a project's path neither starts nor ends with a slash", text));
    }
    if text.to_ascii_lowercase().ends_with(".git") && text.contains('/') {
        let start = text.len() - ".git".len();
        return Some(PathError {
            range: start..text.len(),
            ..whole("`.git` belongs to the address to clone from, not to the project's path", text)
        });
    }
    None
}

/// The path inside what was pasted: without blanks, query, page, slashes and `.git`.
fn tidy(rest: &str) -> String {
    let rest = rest.split(['?', '#']).next().unwrap_or_default().trim();
    let rest = rest.split("/-/").next().unwrap_or_default().trim_matches('/');
    let rest = rest.strip_suffix("/-").unwrap_or(rest);
    let rest = rest.strip_suffix(".git").unwrap_or(rest);
    rest.to_owned()
}

/// Whether the tidied text passes, so that no help proposes what is refused next.
fn project_path_is_plain(path: &str) -> bool {
    pasted(path).is_none() && project_path(path).is_ok()
}

fn check_component(text: &str, at: usize, component: &str) -> Result<(), PathError> {
    let fail = |from: usize, to: usize, message: String, help: &str| {
        Err(PathError {
            range: at + from..at + to,
            message,
            help: (!help.is_empty()).then(|| help.to_owned()),
        })
    };
    let length = component.len();
    if component.is_empty() {
        // The range covers the two slashes: an empty range can't be shown.
        return Err(PathError {
            range: at.saturating_sub(1)..(at + 1).min(text.len()),
            message: "two slashes follow one another".to_owned(),
            help: Some("write one slash between two names".to_owned()),
        });
    }
    if matches!(component, "." | "..") {
        return fail(
            0,
            length,
            format!("`{component}` is no name"),
            "write the full path from the top-level group on",
        );
    }
    if let Some((index, c)) =
        component.char_indices().find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
    {
        let shown = if c == ' ' {
            "a blank".to_owned()
        } else if c.is_control() || c.is_whitespace() {
            format!("the character {}", c.escape_default())
        } else {
            format!("`{c}`")
        };
        return fail(
            index,
            index + c.len_utf8(),
            format!("{shown} can't stand in a GitLab path: letters (a to z), digits, `_`, `-` and `.` can"),
            "copy the path from the project's address in the browser, not its display name",
        );
    }
    if component.starts_with(['-', '.']) {
        let first = component.get(..1).unwrap_or_default();
        return fail(
            0,
            1,
            format!("a name in a GitLab path can't start with `{first}`"),
            "start it with a letter, a digit or `_`",
        );
    }
    if component.ends_with('.') {
        return fail(
            length - 1,
            length,
            "a name in a GitLab path can't end with a dot".to_owned(),
            "remove the dot",
        );
    }
    if let Some(index) = component.find("..") {
        return fail(
            index,
            index + 2,
            "two dots can't follow one another in a GitLab path".to_owned(),
            "write one dot",
        );
    }
    let lower = component.to_ascii_lowercase();
    if let Some(ending) = ENDINGS.iter().find(|ending| lower.ends_with(**ending)) {
        return fail(
            length - ending.len(),
            length,
            format!("a name in a GitLab path can't end with `{ending}`"),
            "remove the ending",
        );
    }
    if length > MAX_COMPONENT {
        return fail(
            0,
            length,
            format!("this name has {length} characters, and GitLab takes {MAX_COMPONENT} at most"),
            "",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_that_exist() {
        for path in [
            "platform/cicd",
            "a/b",
            "Platform/CICD",
            "group/sub/sub-2/project.name",
            "_old/my--project",
            "group/project-",
            "group/project_",
            "1/2",
            "edit/help",
            "group/admin",
            "group/environments",
            "environments/folders",
            "group/gitlab",
            "group/digit",
        ] {
            assert_eq!(project_path(path), Ok(()), "{path}");
        }
    }

    #[track_caller]
    fn check(path: &str, marked: &str, message: &str, help: Option<&str>) {
        let error = project_path(path).unwrap_err();
        assert_eq!(path.get(error.range.clone()), Some(marked), "{path}: {error:?}");
        assert!(error.message.contains(message), "{path}: {error:?}");
        assert_eq!(error.help.as_deref(), help, "{path}");
    }

    #[test]
    fn what_people_paste() {
        let write = Some("write `platform/cicd`");
        for path in [
            "https://gitlab.example.com/platform/cicd",
            "https://gitlab.example.com/platform/cicd/-/tree/main?ref_type=heads",
            "http://gitlab.example.com/platform/cicd.git",
            "ssh://git@gitlab.example.com:2222/platform/cicd.git",
        ] {
            check(path, path, "URL", write);
        }
        check(
            "git@gitlab.example.com:platform/cicd.git",
            "git@gitlab.example.com:platform/cicd.git",
            "clone",
            write,
        );
        check("/platform/cicd", "/platform/cicd", "slash", write);
        check("platform/cicd/", "platform/cicd/", "slash", write);
        check(" platform/cicd", " platform/cicd", "blanks", write);
        check("platform/cicd.git", ".git", "clone", write);
        check("https://gitlab.example.com/", "https://gitlab.example.com/", "URL", None);
        check("/", "/", "slash", None);
    }

    #[test]
    fn what_gitlab_refuses() {
        let start = Some("start it with a letter, a digit or `_`");
        check("cicd", "cicd", "names no group", Some("write the group in front: `my-group/cicd`"));
        check("", "", "empty", Some("write it like `my-group/my-project`"));
        check("a//b", "//", "two slashes", Some("write one slash between two names"));
        let name = Some("copy the path from the project's address in the browser, not its display name");
        check("a/my project", " ", "can't stand", name);
        check("a/b\n", "a/b\n", "blanks", Some("write `a/b`"));
        check("a/b\0c", "\0", "\\u{0}", name);
        check("gruppe/größe", "ö", "can't stand", name);
        check("a/b:c", ":", "can't stand", name);
        check("a/-b", "-", "can't start", start);
        check("a/.b", ".", "can't start", start);
        check("a./b", ".", "end with a dot", Some("remove the dot"));
        check("a/..", "..", "no name", Some("write the full path from the top-level group on"));
        check("../a", "..", "no name", Some("write the full path from the top-level group on"));
        check("a/b..c", "..", "two dots", Some("write one dot"));
        check("a/b.ATOM", ".ATOM", "can't end", Some("remove the ending"));
        check("a.git/b", ".git", "can't end", Some("remove the ending"));
    }

    #[test]
    fn reserved_words() {
        let help = Some("check the path: GitLab has no group or project of this name");
        check("admin/a", "admin", "reserved", help);
        check("API/a", "API", "reserved", help);
        check("a/tree", "tree", "no project", help);
        check("a/Blob/c", "Blob", "no subgroup", help);
        check("a/environments/folders", "folders", "environments/folders", help);
    }

    #[test]
    fn lengths() {
        let long = "a".repeat(255);
        assert_eq!(project_path(&format!("{long}/{long}")), Ok(()));
        assert!(project_path(&format!("{long}a/b")).unwrap_err().message.contains("256"));
        let deep = vec!["a"; 22].join("/");
        assert_eq!(project_path(&deep), Ok(()));
        assert_eq!(project_path(&format!("{deep}/a")).unwrap_err().range, 44..45);
    }

    proptest! {
        #[test]
        fn never_panics_and_marks_characters(text in ".{0,20}") {
            if let Err(error) = project_path(&text) {
                prop_assert!(text.get(error.range).is_some());
            }
        }

        #[test]
        fn what_passes_stays_inside_a_folder(text in r"[a-c./_ ~\\:-]{0,12}") {
            if project_path(&text).is_ok() {
                prop_assert!(!text.contains(".."));
                prop_assert!(text.split('/').all(|part| !part.is_empty() && !part.starts_with('.')));
                prop_assert!(!text.contains(['\\', ':', ' ', '~']));
            }
        }
    }
}
