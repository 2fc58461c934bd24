//! The table of all resources that a server serves, as `crates/rbac` keeps it.
//!
//! It comes from discovery, so from the server itself: what can be granted, and whether it is namespaced, is not
//! retyped by anyone. A line per resource makes the difference between two releases a readable diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context, Result, bail};
use camino::Utf8PathBuf;
use fs_err as fs;
use serde_json::Value;

use crate::parts::repository;
use crate::server::ApiServer;

/// The names of the columns, as the header has them.
const COLUMNS: [&str; 8] = ["group", "resource", "scope", "verbs", "kind", "singular", "short", "versions"];

/// What a list, or an empty name, is written as: no column is ever empty.
const NONE: &str = "-";

/// The table as text: header lines that begin with `#`, then a line per resource and subresource, sorted by group and
/// name, with tabs between the columns.
pub fn generate(server: &ApiServer) -> Result<String> {
    let mut resources = BTreeMap::new();
    let core = server.get("/api")?;
    for version in strings(core.get("versions")) {
        add(&mut resources, "", version, &server.get(&format!("/api/{version}"))?)?;
    }
    let groups = server.get("/apis")?;
    for group in list(groups.get("groups")) {
        let name = text(group.get("name")).context("/apis has a group without a name")?;
        // In the order of the server's preference.
        for version in list(group.get("versions")) {
            let version = text(version.get("version"))
                .with_context(|| format!("{name} has a version without a name"))?;
            add(&mut resources, name, version, &server.get(&format!("/apis/{name}/{version}"))?)?;
        }
    }
    let source = "without special settings serves, from its own discovery";
    Ok(table(source, "", &server.version()?, &resources))
}

/// The same table for a release that no server is at hand for, such as `v1.34.4`: from the discovery files that
/// Kubernetes keeps in its sources, which Go fetches as a module.
///
/// Those are recorded with every feature and every API on. What a server serves by default are the stable versions,
/// so the others are left out here; the few exceptions to that rule are listed beside it. For the release that the tests
/// start, the two tables are compared by a test.
pub fn of_release(version: &str) -> Result<String> {
    let minor = minor_of(version)?;
    let folder = go_module(&format!("k8s.io/kubernetes@{version}"))?.join("api/discovery");
    let mut answers = Vec::new();
    for entry in folder.read_dir_utf8().with_context(|| format!("cannot list {folder}"))? {
        let path = entry.with_context(|| format!("cannot list {folder}"))?.into_path();
        if path.extension() == Some("json") {
            let answer: Value = serde_json::from_str(&fs::read_to_string(&path)?)
                .with_context(|| format!("{path} is no JSON"))?;
            answers.push(answer);
        }
    }
    let resources = served_by_default(&minor, &answers)?;
    let source = "serves by default: the stable versions in the discovery files of its sources";
    Ok(table(source, &format!(" --release {version}"), version, &resources))
}

/// The committed table for the minor version of a release such as `v1.37.2`.
pub fn path(version: &str) -> Result<Utf8PathBuf> {
    Ok(repository().join(format!("crates/rbac/catalogue/{}.tsv", minor_of(version)?)))
}

/// Where the rule of [`of_release`] and a default server differ.
struct Exception {
    minors: &'static [&'static str],
    group: &'static str,
    resource: &'static str,
    version: &'static str,
    served: bool,
}

const EXCEPTIONS: [Exception; 5] = [
    // Behind the feature InPlacePodVerticalScaling, which is off before 1.33.
    Exception { minors: &["1.32"], group: "", resource: "pods/resize", version: "v1", served: false },
    // The last beta APIs that were on by default; served beside v1 until 1.32.
    flow_control("flowschemas"),
    flow_control("flowschemas/status"),
    flow_control("prioritylevelconfigurations"),
    flow_control("prioritylevelconfigurations/status"),
];

const fn flow_control(resource: &'static str) -> Exception {
    Exception {
        minors: &["1.29", "1.30", "1.31"],
        group: "flowcontrol.apiserver.k8s.io",
        resource,
        version: "v1beta3",
        served: true,
    }
}

fn served_by_default(minor: &str, answers: &[Value]) -> Result<BTreeMap<(String, String), Resource>> {
    let mut lists = Vec::new();
    for answer in answers.iter().filter(|answer| text(answer.get("kind")) == Some("APIResourceList")) {
        let name = text(answer.get("groupVersion")).context("a list of resources without its group")?;
        let (group, version) = name.rsplit_once('/').unwrap_or(("", name));
        lists.push((group, version, answer));
    }
    // In the order of preference: the newest stable version first, those that are not stable last.
    lists.sort_by_key(|(group, version, _)| (*group, std::cmp::Reverse(stable(version)), *version));
    let mut resources = BTreeMap::new();
    for (group, version, answer) in lists {
        add_if(&mut resources, group, version, answer, |name| {
            let exception = EXCEPTIONS.iter().find(|exception| {
                exception.minors.contains(&minor)
                    && (exception.group, exception.resource, exception.version) == (group, name, version)
            });
            exception.map_or(stable(version).is_some(), |exception| exception.served)
        })?;
    }
    Ok(resources)
}

/// The number of a stable version: 2 of `v2`, none of `v2beta1`.
fn stable(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

/// The folder of a module's sources, fetched if need be.
fn go_module(module: &str) -> Result<Utf8PathBuf> {
    let mut command = Command::new("go");
    command.args(["mod", "download", "-json", module]).current_dir(repository());
    let output = match command.output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("cannot fetch {module}: Go is not on PATH. Install Go 1.26 or newer")
        }
        Err(error) => return Err(error).context("cannot run go"),
    };
    // A failure is told in the JSON too, and more shortly than on standard error.
    let answer: Value = match serde_json::from_slice(&output.stdout) {
        Ok(answer) => answer,
        Err(_) => bail!("cannot fetch {module}:\n{}", String::from_utf8_lossy(&output.stderr).trim_end()),
    };
    if let Some(error) = text(answer.get("Error")) {
        bail!("cannot fetch {module}: {error}");
    }
    Ok(text(answer.get("Dir")).with_context(|| format!("Go names no folder for {module}"))?.into())
}

/// What differs between two tables: lines that only the first has after `-`, and only the second after `+`; `None` if
/// they have the same resources. Headers are passed over: a server of another patch release says the same.
pub fn difference(committed: &str, served: &str) -> Option<String> {
    let rows = |table: &str| -> BTreeSet<String> {
        table.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    };
    let (committed, served) = (rows(committed), rows(served));
    let mut lines: Vec<(&String, char)> = committed.difference(&served).map(|line| (line, '-')).collect();
    lines.extend(served.difference(&committed).map(|line| (line, '+')));
    // The old and the new line of one resource stand together.
    lines.sort_by_key(|(line, sign)| (line.split('\t').take(2).collect::<Vec<_>>(), *sign == '+'));
    let text: String = lines.iter().map(|(line, sign)| format!("{sign}{line}\n")).collect();
    (!text.is_empty()).then_some(text)
}

fn minor_of(version: &str) -> Result<String> {
    minor(version).with_context(|| format!("{version} is not a version of Kubernetes such as v1.37.2"))
}

/// `1.37` of `v1.37.2`.
fn minor(version: &str) -> Option<String> {
    let mut numbers = version.strip_prefix('v')?.split('.');
    let (major, minor) = (numbers.next()?, numbers.next()?);
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (number(major) && number(minor)).then(|| format!("{major}.{minor}"))
}

/// A resource over all versions of its group.
struct Resource {
    namespaced: bool,
    verbs: BTreeSet<String>,
    kind: String,
    singular: String,
    short: BTreeSet<String>,
    versions: Vec<String>,
}

/// Adds what a version of a group serves. The first version that has a resource decides on its kind, scope and names.
fn add(
    resources: &mut BTreeMap<(String, String), Resource>,
    group: &str,
    version: &str,
    answer: &Value,
) -> Result<()> {
    add_if(resources, group, version, answer, |_| true)
}

fn add_if(
    resources: &mut BTreeMap<(String, String), Resource>,
    group: &str,
    version: &str,
    answer: &Value,
    served: impl Fn(&str) -> bool,
) -> Result<()> {
    for entry in list(answer.get("resources")) {
        let incomplete = || format!("{group}/{version} has an incomplete resource: {entry}");
        let name = text(entry.get("name")).with_context(incomplete)?;
        if !served(name) {
            continue;
        }
        let namespaced = entry.get("namespaced").and_then(Value::as_bool).with_context(incomplete)?;
        let kind = text(entry.get("kind")).with_context(incomplete)?;
        let resource = resources.entry((group.to_owned(), name.to_owned())).or_insert_with(|| Resource {
            namespaced,
            verbs: BTreeSet::new(),
            kind: kind.to_owned(),
            singular: text(entry.get("singularName")).unwrap_or_default().to_owned(),
            short: BTreeSet::new(),
            versions: Vec::new(),
        });
        resource.verbs.extend(strings(entry.get("verbs")).map(str::to_owned));
        resource.short.extend(strings(entry.get("shortNames")).map(str::to_owned));
        resource.versions.push(version.to_owned());
    }
    Ok(())
}

fn table(
    source: &str,
    arguments: &str,
    version: &str,
    resources: &BTreeMap<(String, String), Resource>,
) -> String {
    let mut out = String::new();
    // Writing to a string doesn't fail.
    let _ = writeln!(out, "# What a kube-apiserver {source}.");
    let _ = writeln!(out, "# Kubernetes {version}");
    let _ = writeln!(out, "# Made by `cargo xtask catalogue{arguments}`; not edited by hand.");
    let _ = writeln!(out, "# {}", COLUMNS.join("\t"));
    for ((group, name), resource) in resources {
        let columns = [
            or_none(group),
            name.clone(),
            if resource.namespaced { "namespaced" } else { "cluster" }.to_owned(),
            joined(&resource.verbs),
            resource.kind.clone(),
            or_none(&resource.singular),
            joined(&resource.short),
            joined(&resource.versions),
        ];
        let _ = writeln!(out, "{}", columns.join("\t"));
    }
    out
}

fn or_none(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.to_owned() }
}

fn joined<'a>(words: impl IntoIterator<Item = &'a String>) -> String {
    let words: Vec<&str> = words.into_iter().map(String::as_str).collect();
    or_none(&words.join(","))
}

/// The items of a JSON array; none for anything else, since discovery leaves empty lists out.
fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_of_a_group_are_merged_and_the_first_decides() -> Result<()> {
        let mut resources = BTreeMap::new();
        let entry = |verbs: &[&str], kind: &str| {
            json!({ "resources": [{
                "name": "gadgets", "singularName": "gadget", "namespaced": true, "kind": kind,
                "verbs": verbs, "shortNames": ["gd"],
            }] })
        };
        add(&mut resources, "example.com", "v1", &entry(&["list", "get"], "Gadget"))?;
        add(&mut resources, "example.com", "v1beta1", &entry(&["create"], "OldGadget"))?;
        let table = table("serves", "", "v1.2.3", &resources);
        let rows: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            rows,
            ["example.com\tgadgets\tnamespaced\tcreate,get,list\tGadget\tgadget\tgd\tv1,v1beta1"]
        );
        assert!(table.contains("v1.2.3") && table.contains("cargo xtask catalogue"));
        Ok(())
    }

    #[test]
    fn nothing_is_written_as_a_dash() -> Result<()> {
        let mut resources = BTreeMap::new();
        let answer = json!({ "resources": [
            { "name": "pods/log", "singularName": "", "namespaced": true, "kind": "Pod", "verbs": ["get"] },
        ] });
        add(&mut resources, "", "v1", &answer)?;
        assert!(
            table("serves", "", "v1.2.3", &resources)
                .ends_with("\n-\tpods/log\tnamespaced\tget\tPod\t-\t-\tv1\n")
        );
        Ok(())
    }

    #[test]
    fn a_resource_without_a_kind_is_an_error() {
        let answer = json!({ "resources": [{ "name": "pods", "namespaced": true }] });
        assert!(add(&mut BTreeMap::new(), "", "v1", &answer).is_err());
    }

    #[test]
    fn of_the_recorded_versions_the_stable_ones_are_served() -> Result<()> {
        let list = |version: &str, names: &[&str]| {
            let resources: Vec<Value> = names
                .iter()
                .map(|name| json!({ "name": name, "namespaced": true, "kind": "K", "verbs": ["get"] }))
                .collect();
            json!({ "kind": "APIResourceList", "groupVersion": version, "resources": resources })
        };
        let answers = [
            list("autoscaling/v1", &["a"]),
            list("autoscaling/v2", &["a"]),
            list("autoscaling/v3beta1", &["a", "b"]),
            list("v1", &["pods/resize"]),
            list("flowcontrol.apiserver.k8s.io/v1beta3", &["flowschemas"]),
            list("flowcontrol.apiserver.k8s.io/v1", &["flowschemas"]),
            json!({ "kind": "APIGroup", "name": "autoscaling" }),
        ];
        let rows = |minor: &str| -> Result<Vec<String>> {
            let resources = served_by_default(minor, &answers)?;
            Ok(resources
                .iter()
                .map(|((_, name), resource)| format!("{name} {}", joined(&resource.versions)))
                .collect())
        };
        assert_eq!(rows("1.31")?, ["pods/resize v1", "a v2,v1", "flowschemas v1,v1beta3"]);
        assert_eq!(rows("1.32")?, ["a v2,v1", "flowschemas v1"]);
        assert_eq!(rows("1.37")?, ["pods/resize v1", "a v2,v1", "flowschemas v1"]);
        Ok(())
    }

    #[track_caller]
    fn check_difference(committed: &str, served: &str, expected: Option<&str>) {
        assert_eq!(difference(committed, served).as_deref(), expected);
    }

    #[test]
    fn differences_stand_together_and_headers_do_not_count() {
        check_difference("# one\na\tb\n", "# two\na\tb\n", None);
        check_difference("a\tb\tx\nc\td\n", "a\tb\ty\ne\tf\n", Some("-a\tb\tx\n+a\tb\ty\n-c\td\n+e\tf\n"));
    }

    #[test]
    fn the_minor_version_names_the_file() {
        assert_eq!(minor("v1.37.2").as_deref(), Some("1.37"));
        assert_eq!(minor("v1.37.2-gke.1").as_deref(), Some("1.37"));
        assert_eq!(minor("1.37"), None);
        assert_eq!(minor("v1.37+").as_deref(), None);
    }
}
