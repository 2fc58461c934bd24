//! What the chart does with tegata's own settings, beyond YAML.

use super::ReleaseSettings;
use super::rules::{BOUNDARY, TEXT, TOKEN};
use crate::problem::KeyProblem;

/// What is wrong with the settings of a release. The paths are the keys of the chart's values.
///
/// `runners.name` stands in a shell script, between double quotes, and `runners.secret` goes through
/// Helm's `tpl` (`templates/configmap.yaml` and `_helpers.tpl` of the chart).
#[must_use]
pub fn check_settings(settings: &ReleaseSettings) -> Vec<KeyProblem> {
    let mut problems = Vec::new();
    let mut tell = |path: &[&str], id, message: &str, help: &str| {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        problems.push(KeyProblem::new(&path, id, message, help));
    };

    let url = settings.gitlab_url.as_str();
    let host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    match host {
        _ if url.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            tell(&["gitlabUrl"], TEXT, "GitLab's address has blanks in it", "remove them");
        }
        None | Some("" | "/") => tell(
            &["gitlabUrl"],
            TEXT,
            "GitLab's address must be a URL with a host",
            "write it like `https://gitlab.example.com/`",
        ),
        Some(host) if host.split('/').next().unwrap_or_default().contains('@') => tell(
            &["gitlabUrl"],
            TOKEN,
            "GitLab's address holds a user name or password, which must never stand in the repository",
            "write it like `https://gitlab.example.com/`",
        ),
        Some(host) if host.contains(['?', '#']) => tell(
            &["gitlabUrl"],
            TEXT,
            "GitLab's address can't have a query or a fragment",
            "write it like `https://gitlab.example.com/`",
        ),
        Some(_) => {}
    }

    let name = settings.runner_name.as_str();
    if name.is_empty() || name.contains(['"', '$', '`', '\\', '!']) || name.contains(char::is_control) {
        tell(
            &["runners", "name"],
            TEXT,
            "the chart writes the runner's name into a shell script, where this text would run as code",
            "use letters, digits, blanks and punctuation other than quotes, `$`, `` ` ``, `!` and `\\`",
        );
    }
    for (path, text) in [
        (["runners", "secret"].as_slice(), &settings.token_secret),
        (["runners", "config"].as_slice(), &settings.config),
    ] {
        if text.contains("{{") {
            tell(
                path,
                TEXT,
                "`{{` can't stand here: the chart takes it for a Helm template",
                "remove it, or write the two braces apart",
            );
        }
    }
    if settings.manager_service_account.is_empty() || settings.manager_service_account == "default" {
        tell(
            &["serviceAccount", "name"],
            BOUNDARY,
            "without an account of its own the manager shares its permissions with every pod of its \
             namespace",
            "name an account that nothing else uses",
        );
    }
    if settings.concurrent == 0 {
        tell(&["concurrent"], TEXT, "a runner with no job at once never runs one", "write 1 or more");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> ReleaseSettings {
        ReleaseSettings {
            gitlab_url: "https://gitlab.example.com/git".to_owned(),
            runner_name: "shared (main)".to_owned(),
            token_secret: "gitlab-runner-token".to_owned(),
            manager_service_account: "gitlab-runner".to_owned(),
            concurrent: 1,
            config: "[[runners]]\n".to_owned(),
        }
    }

    #[test]
    fn settings() {
        assert_eq!(check_settings(&good()), []);
        let url = |url: &str| ReleaseSettings { gitlab_url: url.to_owned(), ..good() };
        let name = |name: &str| ReleaseSettings { runner_name: name.to_owned(), ..good() };
        for (settings, path, id) in [
            (url("gitlab.example.com"), "gitlabUrl", TEXT),
            (url("https://"), "gitlabUrl", TEXT),
            (url("https://git lab/"), "gitlabUrl", TEXT),
            (url("https://root:secret@gitlab/"), "gitlabUrl", TOKEN),
            (url("https://gitlab/?a=b"), "gitlabUrl", TEXT),
            (name("$(id)"), "runners.name", TEXT),
            (name("a\"b"), "runners.name", TEXT),
            (name("a\nb"), "runners.name", TEXT),
            (ReleaseSettings { token_secret: "{{ x }}".to_owned(), ..good() }, "runners.secret", TEXT),
            (ReleaseSettings { concurrent: 0, ..good() }, "concurrent", TEXT),
            (
                ReleaseSettings { manager_service_account: "default".to_owned(), ..good() },
                "serviceAccount.name",
                BOUNDARY,
            ),
        ] {
            let problems = check_settings(&settings);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert_eq!((problems[0].dotted_path().as_str(), problems[0].id), (path, id));
        }
    }
}
