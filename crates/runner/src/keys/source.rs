//! The keys that tegata knows are those that the runner reads, at every depth.

use std::collections::{BTreeMap, BTreeSet};

use super::{KUBERNETES, Key, Kind};

/// A field a line, `Struct.key type`; the file says how it is made.
const FIELDS: &str = include_str!("../../data/kubernetes-config.txt");

/// The fields of each struct, with their types.
fn structs() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let mut structs: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for line in FIELDS.lines().filter(|line| !line.starts_with('#')) {
        let (path, kind) = line.split_once(' ').expect(line);
        let (name, field) = path.split_once('.').expect(line);
        structs.entry(name).or_default().insert(field, kind);
    }
    structs
}

#[test]
fn every_key_of_the_runner_is_known_and_no_other() {
    let structs = structs();
    let mut seen = BTreeSet::new();
    walk("KubernetesConfig", KUBERNETES, &structs, &mut seen);
    // Those of keys that are closed as a whole.
    seen.extend(["KubernetesAutoscalerConfig", "AutoscalerPolicyConfig", "KubernetesHostPath"]);
    let all: BTreeSet<&str> = structs.keys().copied().collect();
    assert_eq!(seen, all, "the file has structs that nothing leads to");
}

fn walk(
    name: &'static str,
    keys: &[Key],
    structs: &BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>,
    seen: &mut BTreeSet<&'static str>,
) {
    let fields = structs.get(name).expect(name);
    seen.insert(name);
    let known: BTreeSet<&str> = keys.iter().map(|key| key.name).collect();
    let read: BTreeSet<&str> = fields.keys().copied().collect();
    assert_eq!(known, read, "the keys of {name}");
    for key in keys {
        let inner = fields[key.name].trim_start_matches(['*', '[', ']']).trim_end_matches("Flag");
        match key.kind {
            Kind::Table([]) | Kind::Tables([]) => assert!(key.boundary.is_some(), "{name}.{}", key.name),
            Kind::Table(keys) | Kind::Tables(keys) | Kind::PodSpec(keys) => {
                let (inner, _) = structs.get_key_value(inner).expect(inner);
                walk(inner, keys, structs, seen);
            }
            _ => assert!(!structs.contains_key(inner), "{name}.{} is a table", key.name),
        }
    }
}

/// Every key that isn't free, with the values that are refused: whoever opens one has to say so here.
#[test]
fn what_is_not_free() {
    let mut found = Vec::new();
    closed("", KUBERNETES, &mut found);
    found.sort_unstable();
    assert_eq!(found.join("\n"), include_str!("../../data/closed-keys.txt").trim_end());
}

fn closed(path: &str, keys: &[Key], found: &mut Vec<String>) {
    for key in keys {
        let here = format!("{path}{}", key.name);
        if let Some(boundary) = &key.boundary {
            found.push(format!("{here}: {:?}", boundary.when));
        }
        match key.kind {
            Kind::Pattern(_) => found.push(format!("{here}: all but checked patterns")),
            Kind::Metadata(_) => found.push(format!("{here}: some names")),
            Kind::PodSpec(_) => found.push(format!("{here}: some words of a patch")),
            _ => {}
        }
        if let Kind::Table(keys) | Kind::Tables(keys) | Kind::PodSpec(keys) = key.kind {
            closed(&format!("{here}."), keys, found);
        }
    }
}
