//! A render that is killed leaves every file whole, old or new, and a mark; the next one finishes it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on fails, and that is its report"
)]

mod support;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use support::{Workspace, project};

type Files = BTreeMap<PathBuf, Vec<u8>>;

const PROJECTS: usize = 80;
const KILLS: u64 = 200;

/// Two states of the input: every manifest differs, some projects are in one of them only, and where one has a
/// project's file the other has a group's folder.
fn set(workspace: &Workspace, state: u64) {
    let name = if state == 0 { "first" } else { "second" };
    workspace.write("tegata.yaml", &format!("version: 1\nworkspace: {name}\n"));
    let moved = if state == 0 { "project: group-0/moved.yaml/inner" } else { "project: group-0/moved" };
    workspace.write(
        "projects/moved.yaml",
        &project(PROJECTS).replacen(&format!("project: group-{}/project-{PROJECTS}", PROJECTS % 7), moved, 1),
    );
    for number in PROJECTS + 1..PROJECTS + 20 {
        let path = format!("projects/p{number}.yaml");
        if state == 0 {
            workspace.write(&path, &project(number));
        } else {
            let _ = std::fs::remove_file(workspace.file(&path));
        }
    }
}

fn render(workspace: &Workspace) {
    let output = workspace.run(&["render"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Numbers that look random, the same in every run (a linear congruential generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

fn assert_whole(found: &Files, old: &Files, new: &Files, kill: u64) {
    for (path, text) in found {
        if path.components().any(|part| part.as_os_str() == ".tegata") {
            continue;
        }
        let whole = old.get(path) == Some(text) || new.get(path) == Some(text);
        assert!(whole, "kill {kill}: {} is neither the old file nor the new one", path.display());
    }
}

#[test]
fn every_file_is_whole_whenever_it_is_killed() {
    let workspace = Workspace::with_projects(PROJECTS);
    let mut states: Vec<Files> = Vec::new();
    let mut longest = Duration::ZERO;
    for state in [0, 1] {
        set(&workspace, state);
        let begin = Instant::now();
        render(&workspace);
        longest = longest.max(begin.elapsed());
        states.push(workspace.out());
    }
    assert_ne!(states[0], states[1]);
    let mut numbers = Numbers(2026);
    let mut unfinished = 0;
    for kill in 0..KILLS {
        let (old, new) = (&states[((kill + 1) % 2) as usize], &states[(kill % 2) as usize]);
        set(&workspace, kill % 2);
        let mut child =
            workspace.command(&["render"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_micros(numbers.below(u64::try_from(longest.as_micros()).unwrap())));
        child.kill().unwrap();
        child.wait().unwrap();

        let found = workspace.out();
        assert_whole(&found, old, new, kill);
        let check = workspace.run(&["render", "--check"]);
        if workspace.file("out/.tegata").exists() {
            unfinished += 1;
            let said = String::from_utf8_lossy(&check.stderr).into_owned();
            assert_eq!(check.status.code(), Some(1), "kill {kill}: {said}");
            assert!(said.contains("an earlier render was broken off"), "kill {kill}: {said}");
        } else {
            assert!(&found == old || &found == new, "kill {kill}: half-written, and no mark says so");
        }
        render(&workspace);
        assert_eq!(&workspace.out(), new, "kill {kill}: the next render did not finish it, or left litter");
    }
    // Kills that all came too early or too late would prove nothing.
    assert!(unfinished > 10, "only {unfinished} of {KILLS} kills met a write");
}
