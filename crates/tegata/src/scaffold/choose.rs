//! What nobody should have to be asked: the runner, the cluster, the namespace and the file of something new.

use camino::{Utf8Path, Utf8PathBuf};
use tegata_rbac::suggest::closest;

use super::{Refusal, refuse};
use crate::declared::{Isolation, Project, Runner};
use crate::load::file_names::unfit;
use crate::load::{Folder, Loaded};
use crate::resolve::names;
use crate::shape::text;

/// The runner of that name, or the one that most projects have, and how it was chosen where there was a choice.
pub fn runner_for<'a>(loaded: &'a Loaded, name: Option<&str>) -> Result<(&'a Runner, &'static str), Refusal> {
    if let Some(name) = name {
        let Some(runner) = loaded.runners.get(name) else {
            return Err(unknown(loaded, Folder::Runners, "runner", name, loaded.runners.keys()));
        };
        let user = served(loaded, name).next().filter(|_| runner.isolation.value == Isolation::Dedicated);
        return match user {
            Some(user) => refuse(
                format!("the runner `{name}` is dedicated to {}", user.path.value),
                "choose another runner, or make one: `cargo xtask new runner NAME`",
            ),
            None => Ok((runner, "")),
        };
    }
    let shared = loaded.runners.values().filter(|runner| runner.isolation.value != Isolation::Dedicated);
    let counted: Vec<(usize, &Runner)> =
        shared.map(|runner| (served(loaded, &runner.name).count(), runner)).collect();
    let most = counted.iter().map(|(count, _)| *count).max();
    let busiest: Vec<&Runner> =
        counted.iter().filter(|(count, _)| Some(*count) == most).map(|(_, runner)| *runner).collect();
    match busiest.as_slice() {
        [] => Err(broken(loaded, Folder::Runners).unwrap_or_else(|| Refusal {
            message: "there is no runner that serves several projects".to_owned(),
            help: "run `cargo xtask new runner shared` first".to_owned(),
        })),
        [runner] if counted.len() == 1 => Ok((runner, "")),
        [runner] => Ok((runner, ", which most projects have")),
        several => Err(tied(several)),
    }
}

/// That nothing speaks for one of several runners: whichever it is decides who shares a runner with whom.
fn tied(runners: &[&Runner]) -> Refusal {
    const SHOWN: usize = 8;
    let options: Vec<String> =
        runners.iter().take(SHOWN).map(|runner| format!("`--runner {}`", runner.name)).collect();
    let more = if runners.len() > SHOWN { ", or another one of runners/" } else { "" };
    Refusal {
        message: "several runners serve equally many projects".to_owned(),
        help: format!("say which: {}{more}", options.join(" or ")),
    }
}

fn unknown<'a>(
    loaded: &Loaded,
    folder: Folder,
    kind: &str,
    name: &str,
    known: impl Iterator<Item = &'a String>,
) -> Refusal {
    broken(loaded, folder).unwrap_or_else(|| Refusal {
        message: format!("there is no {kind} `{}`", text::shown(name)),
        help: match closest(name, known.map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match unfit(folder, name) {
                Some(unfit) => format!("write {}", unfit.rule),
                None => format!("run `cargo xtask new {kind} {}` first", text::shown(name)),
            },
        },
    })
}

/// That a file of the folder could not be read: what is missed may be in it.
fn broken(loaded: &Loaded, folder: Folder) -> Option<Refusal> {
    let (_, name) = loaded.broken.iter().find(|(of, _)| *of == folder)?;
    Some(Refusal {
        message: format!("{}/{name}.yaml is wrong, and may be what is asked for", folder.name()),
        help: "run `cargo xtask render`, and mend what it says".to_owned(),
    })
}

/// The projects that name a runner.
fn served<'a>(loaded: &'a Loaded, runner: &'a str) -> impl Iterator<Item = &'a Project> {
    loaded.projects.iter().filter(move |project| {
        let of_accounts = project.accounts.iter().filter_map(|account| account.runner.as_deref());
        of_accounts.chain([&project.runner]).any(|named| named.value == runner)
    })
}

/// The project that has an id. Each GitLab counts for itself.
pub fn with_id<'a>(loaded: &'a Loaded, id: u64, runner: &Runner) -> Option<&'a Project> {
    let gitlab = runner.gitlab();
    let mut of_id =
        loaded.projects.iter().filter(|project| project.id.as_ref().is_some_and(|known| known.value == id));
    of_id.find(|project| {
        loaded.runners.get(&project.runner.value).is_none_or(|runner| runner.gitlab() == gitlab)
    })
}

/// `projects/<name>.yaml`, or the whole path in its name where that is taken.
pub fn free_file(loaded: &Loaded, path: &str) -> Utf8PathBuf {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let short = Utf8PathBuf::from(format!("projects/{name}.yaml"));
    let taken = |file: &Utf8Path| loaded.sources.iter().any(|(_, source)| source.path == *file);
    if taken(&short) {
        Utf8PathBuf::from(format!("projects/{}.yaml", path.replace('/', "-").to_lowercase()))
    } else {
        short
    }
}

/// A namespace that nobody has yet, named after the project.
pub fn free_namespace(loaded: &Loaded, path: &str) -> String {
    let label = |text: &str| {
        let lower = text.to_lowercase();
        let dashed: String = lower
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
            .collect();
        let short: String = dashed.trim_matches('-').chars().take(60).collect();
        short.trim_end_matches('-').to_owned()
    };
    let taken = |name: &str| {
        let projects = loaded.projects.iter().any(|project| {
            project.namespace.name.value == name
                || project
                    .accounts
                    .iter()
                    .any(|account| account.namespace.as_ref().is_some_and(|own| own.name.value == name))
        });
        let runners = loaded
            .runners
            .values()
            .any(|runner| runner.namespace.name.value == name || runner.jobs_namespace.value == name);
        name.is_empty() || names::closed_to_jobs(name) || projects || runners
    };
    let short = label(path.rsplit('/').next().unwrap_or(path));
    let long = label(path);
    let numbered = (2..).map(|number| format!("{long}-{number}"));
    [short, long.clone()].into_iter().chain(numbered).find(|name| !taken(name)).unwrap_or(long)
}

/// The cluster of that name, or the one that most runners are on; of several, the first by name.
pub fn cluster_for<'a>(loaded: &'a Loaded, name: Option<&str>) -> Result<&'a str, Refusal> {
    let runners = |name: &str| loaded.runners.values().filter(|runner| runner.cluster.value == name).count();
    let clusters = loaded.clusters.keys().filter(|known| name.is_none_or(|name| name == *known));
    let cluster = clusters.min_by_key(|name| std::cmp::Reverse(runners(name)));
    cluster.map(String::as_str).ok_or_else(|| match name {
        Some(name) => unknown(loaded, Folder::Clusters, "cluster", name, loaded.clusters.keys()),
        None => broken(loaded, Folder::Clusters).unwrap_or_else(|| Refusal {
            message: "there is no cluster to run on".to_owned(),
            help: "run `cargo xtask new cluster main` first".to_owned(),
        }),
    })
}
