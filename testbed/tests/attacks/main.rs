//! Attacks on the boundary between projects, run for each of the three modes of isolation, and the table of what
//! came of them: `docs/attacks.md`.
//!
//! A job is run by GitLab Runner's own executor with the rendered configuration; a call is made with a token of the
//! account; both against a real API server with the rendered manifests. *Escapes* means that a pod was made with an
//! account that the project did not declare, or that the server let somebody act as, or into, somebody else.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod attack;
mod calls;
mod jobs;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use attack::{AsJob, Row, rows};
use jobs::Cell;
use support::pods::wait;
use testbed::{Job, Knobs};
use world::{Mode, Project, World};

/// How many jobs run at once, in each mode.
const WORKERS: usize = 6;

/// The victim's job has a number that no attack has.
const VICTIM: u32 = 999;

/// The cells of a mode, one for each row that is an attack.
fn column(mode: Mode, rows: &[Row]) -> Vec<Option<Cell>> {
    let world = World::new(mode);
    let mut cells = of_jobs(&world, rows);
    with_victim(&world, |victim| {
        for (row, cell) in rows.iter().zip(&mut cells) {
            if let Some(call) = &row.call {
                *cell = Some(calls::call(&world, victim, call));
            }
        }
    });
    for (row, cell) in rows.iter().zip(&mut cells) {
        if let Some(attack) = &row.impersonate {
            *cell = Some(calls::impersonate(&world, attack));
        }
    }
    cells
}

fn of_jobs(world: &World, rows: &[Row]) -> Vec<Option<Cell>> {
    let attacks: Vec<(u32, &AsJob)> =
        (1..).zip(rows).filter_map(|(id, row)| Some((id, row.job.as_ref()?))).collect();
    let outcomes = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((id, attack)) = attacks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = jobs::run(world, *id, attack);
                    outcomes.lock().unwrap().insert(*id, outcome);
                }
            });
        }
    });
    world.watcher.catch_up(&world.server);
    assert!(world.orphaned_secrets().is_empty(), "{:#?}", world.orphaned_secrets());
    let outcomes = outcomes.into_inner().unwrap();
    let judge = |(id, row): (u32, &Row)| {
        row.job.as_ref().map(|attack| jobs::judge(world, id, attack, &outcomes[&id]))
    };
    (1..).zip(rows).map(judge).collect()
}

/// Runs a job of alpha's as `deploy` meanwhile. It waits for its pod to start, which nothing does here.
fn with_victim(world: &World, attacks: impl FnOnce(&str)) {
    let alpha = Project::named("alpha");
    let knobs = Knobs { poll_timeout: 120, ..Knobs::PENDING };
    let mut job = Job::new(alpha.id, &alpha.path()).id(VICTIM);
    let account = if world.mode == Mode::Dedicated { "build" } else { "deploy" };
    job = job
        .variable("KUBERNETES_NAMESPACE_OVERWRITE", "alpha")
        .variable("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE", account);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| world.executor(alpha).run(&job, &knobs).unwrap());
        let pods = wait("the victim's pod is there", || {
            let pods = world.watcher.pods_of_job(VICTIM);
            (!pods.is_empty()).then_some(pods)
        });
        let victim = Victim { world, pod: pods[0]["metadata"]["name"].as_str().unwrap() };
        attacks(victim.pod);
        drop(victim);
        running.join().unwrap();
    });
}

/// A running job. It ends when its pod is gone: also when what is tried on it panics.
struct Victim<'a> {
    world: &'a World,
    pod: &'a str,
}

impl Drop for Victim<'_> {
    fn drop(&mut self) {
        let deleted = ["delete", "pod", "--now", "--wait=false", "-n", "alpha", self.pod];
        let _ = self.world.server.kubectl_output(&deleted, "");
    }
}

#[test]
fn attacks() {
    let rows = rows();
    let columns: Vec<Vec<Option<Cell>>> = std::thread::scope(|scope| {
        let rows = &rows;
        let runs = Mode::ALL.map(|mode| scope.spawn(move || column(mode, rows)));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    table::compare(&rows, &columns);
    for (mode, cells) in Mode::ALL.iter().zip(&columns) {
        let escapes: Vec<&str> = rows
            .iter()
            .zip(cells)
            .filter(|(_, cell)| cell.as_ref().is_some_and(|cell| cell.contains("ESCAPES")))
            .filter_map(|(row, _)| row.what.as_deref())
            .collect();
        let expected: &[&str] = if *mode == Mode::Overwrite { &OVERWRITE_ESCAPES } else { &[] };
        assert_eq!(escapes, expected, "{}", mode.name());
    }
}

/// What README says of `overwrite`: projects of the same runner take each other's accounts, and so does whoever has
/// rights in a namespace that projects share.
const OVERWRITE_ESCAPES: [&str; 40] = [
    "a neighbour's namespace, and an account that both have there",
    "a neighbour's namespace and the account that only the neighbour has",
    "its own namespace with the account of another project in it",
    "the other way round: the second project in the namespace wants the first one's",
    "a neighbour's namespace, and no account",
    "its own namespace, and no account",
    "its own namespace, and an account of nothing",
    "a variable of GitLab's in the value, which expands to the neighbour's name",
    "a variable of the job's own in a variable in the value",
    "an allowed value first, then the same key again with the neighbour's",
    "`CI_PROJECT_ID` of the neighbour, with the neighbour's account",
    "the neighbour's project id as a label, with the neighbour's account",
    "the neighbour's project id as an annotation, with the neighbour's account",
    "`KUBERNETES_BEARER_TOKEN` of its own, with the neighbour's account",
    "`FF_SUSPENDABLE_ENVIRONMENTS=true`, with the neighbour's account",
    "`FF_USE_ADVANCED_POD_SPEC_CONFIGURATION=true`, with the neighbour's account",
    "`FF_USE_LEGACY_KUBERNETES_EXECUTION_STRATEGY=true`, with the neighbour's account",
    "a new project at the old path of a moved one asks for the moved one's account",
    "a project whose file was deleted asks for a neighbour's account",
    "a project that nobody declared gets its job to the runner, and asks for its account",
    "the same, with an id that ends like the neighbour's",
    "the same, with an id that is the end of the neighbour's",
    "a neighbour gets its job to the runner (unlocked, or its token leaked), and asks for its account",
    "with another project's account",
    "with another project's account, and the labels and the name of a job of that project",
    "with another project's account, by the older field `serviceAccount`",
    "by a Deployment with another project's account, whose controller makes the pod",
    "`pods/exec`: runs a command in its pod",
    "`pods/exec` by GET, as a browser's socket asks",
    "`pods/attach`: attaches to its pod",
    "`pods/portforward`: reaches its ports",
    "`pods/proxy`: asks its web server",
    "`pods/ephemeralcontainers`: a container of its own joins the pod",
    "`patch` on pods: another image for the running pod",
    "`serviceaccounts/token`: asks for one",
    "`secrets`: makes a token Secret for it",
    "`secrets`: changes a token Secret of `app`, no account of jobs, so that it is for the other one",
    "`impersonate` on serviceaccounts in the namespace",
    "`bind` on clusterroles, for a role that may",
    "`bind` on clusterroles, in a role with `scope: split`",
];
