//! Words that GitLab keeps for its own pages.
//!
//! Source: `TOP_LEVEL_ROUTES`, `PROJECT_WILDCARD_ROUTES` and `GROUP_ROUTES` of `lib/gitlab/path_regex.rb`, as
//! listed on the page "Reserved project and group names". Letters' case makes no difference.

use super::PathError;

/// Words that no top-level group may have (`TOP_LEVEL_ROUTES`).
const TOP_LEVEL: &[&str] = &[
    "-",
    ".well-known",
    "404.html",
    "422.html",
    "500.html",
    "502.html",
    "503.html",
    "admin",
    "api",
    "apple-touch-icon.png",
    "assets",
    "dashboard",
    "deploy.html",
    "explore",
    "favicon.ico",
    "favicon.png",
    "files",
    "groups",
    "health_check",
    "help",
    "import",
    "jwt",
    "login",
    "oauth",
    "profile",
    "projects",
    "public",
    "robots.txt",
    "s",
    "search",
    "sitemap",
    "sitemap.xml",
    "sitemap.xml.gz",
    "slash-command-logo.png",
    "snippets",
    "unsubscribes",
    "uploads",
    "users",
    "v2",
];

/// Words that no subgroup and no project may have (`PROJECT_WILDCARD_ROUTES`).
const BELOW: &[&str] = &[
    "-",
    "badges",
    "blame",
    "blob",
    "builds",
    "commits",
    "create",
    "create_dir",
    "edit",
    "files",
    "find_file",
    "new",
    "preview",
    "raw",
    "refs",
    "tree",
    "update",
    "wikis",
];

/// Pairs of the same list: neither may follow the other below a group.
const BELOW_PAIRS: &[(&str, &str)] = &[("environments", "folders"), ("gitlab-lfs", "objects")];

/// Checks the components, each with the byte at which it starts.
pub(super) fn check(components: &[(usize, &str)]) -> Result<(), PathError> {
    let is = |words: &[&str], name: &str| words.iter().any(|w| w.eq_ignore_ascii_case(name));
    let last = components.len().saturating_sub(1);
    let mut above: Option<&str> = None;
    for (index, &(at, name)) in components.iter().enumerate() {
        let range = at..at + name.len();
        let help = Some("check the path: GitLab has no group or project of this name".to_owned());
        if index == 0 && is(TOP_LEVEL, name) {
            return Err(PathError {
                range,
                message: format!("`{name}` is reserved: GitLab uses it for a page of its own"),
                help,
            });
        }
        if index > 0 && is(BELOW, name) {
            let what = if index == last { "project" } else { "subgroup" };
            return Err(PathError {
                range,
                message: format!("`{name}` is reserved: no {what} in GitLab can have this name"),
                help,
            });
        }
        if index > 1
            && let Some(above) = above
            && let Some((first, second)) = BELOW_PAIRS.iter().find(|(first, second)| {
                first.eq_ignore_ascii_case(above) && second.eq_ignore_ascii_case(name)
            })
        {
            return Err(PathError {
                range,
                message: format!("`{first}/{second}` is reserved for a page of GitLab's own"),
                help,
            });
        }
        above = Some(name);
    }
    Ok(())
}
