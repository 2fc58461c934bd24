//! A plan, carried out: stage by stage, many steps of a stage at once, until the first error.
//!
//! Whatever happens in the middle, what was done is known, and the next run looks at the cluster anew and goes on from
//! there.

mod step;

use std::collections::{BTreeMap, VecDeque};

use crate::connect::{Expect, Server};
use crate::fault::Fault;
use crate::inventory::{Contents, Inventory};
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};
use crate::observe::Observed;
use crate::plan::{Action, Plan, Stage, Step, Work, stages};
use step::Done;

/// How many requests are under way at once.
const AT_ONCE: usize = 32;

/// How far a run has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Steps that are done.
    pub done: usize,
    /// All steps.
    pub all: usize,
}

/// What became of a plan.
#[derive(Debug, Default)]
pub struct Report {
    /// What was done, in order, each with a word.
    pub done: Vec<(ObjectId, &'static str)>,
    /// What failed.
    pub failed: Vec<(ObjectId, Fault)>,
    /// What was not begun.
    pub not_done: Vec<(ObjectId, &'static str)>,
}

/// Carries a plan out. It must have no refusals.
pub async fn execute(
    server: &Server,
    plan: &Plan,
    observed: &Observed,
    inventory: &Inventory,
    progress: &dyn Fn(Progress),
) -> Report {
    let stages = stages(plan);
    let mut run = Run {
        server,
        workspace: inventory,
        loosens_policies: plan.of(Action::Delete).any(|change| change.id.kind == Kind::PolicyBinding),
        versions: BTreeMap::new(),
        report: Report::default(),
        all: stages.iter().map(|stage| stage.steps.len()).sum(),
    };
    let mut parent = Parent::new(inventory, observed);
    // From here on the inventory names what was and what will be.
    let during = parent.contents.with(&plan.contents);
    if let Err(fault) = parent.write(server, &during).await {
        run.report.failed.push((inventory.parent.clone(), fault));
    }
    for stage in stages {
        if run.report.failed.is_empty() {
            run.stage(stage, progress).await;
        } else {
            run.report.not_done.extend(stage.steps.iter().map(|step| (step.id.clone(), word(step))));
        }
    }
    if run.report.failed.is_empty()
        && let Err(fault) = parent.write(server, &plan.contents).await
    {
        run.report.failed.push((inventory.parent.clone(), fault));
    }
    run.report
}

fn word(step: &Step) -> &'static str {
    match &step.work {
        Work::Delete { .. } => "delete",
        Work::Apply { .. } => "apply",
    }
}

struct Run<'a> {
    server: &'a Server,
    workspace: &'a Inventory,
    /// Whether the tables of policies become free in the course of this run.
    loosens_policies: bool,
    /// The versions that earlier steps of this run made.
    versions: BTreeMap<ObjectId, String>,
    report: Report,
    all: usize,
}

impl Run<'_> {
    async fn stage(&mut self, stage: Stage, progress: &dyn Fn(Progress)) {
        let mut waiting: VecDeque<Step> = stage.steps.into();
        let mut under_way = tokio::task::JoinSet::new();
        loop {
            progress(Progress { stage: stage.title, done: self.report.done.len(), all: self.all });
            while under_way.len() < AT_ONCE && self.report.failed.is_empty() {
                let Some(step) = waiting.pop_front() else { break };
                let step = self.up_to_date(step);
                let (server, inventory) = (self.server.clone(), self.workspace.clone());
                let patient = self.loosens_policies && step.id.kind == Kind::ConfigMap;
                under_way.spawn(async move {
                    let result = step::carry_out(&server, &inventory, &step, patient).await;
                    (step.id, result)
                });
            }
            match under_way.join_next().await {
                None => break,
                Some(Ok((id, Ok(done)))) => self.note(id, done),
                Some(Ok((id, Err(fault)))) => self.report.failed.push((id, fault)),
                Some(Err(error)) => {
                    let fault = Fault::new("stopped", error.to_string(), "run the command again");
                    self.report.failed.push((self.workspace.parent.clone(), fault));
                }
            }
        }
        self.report.not_done.extend(waiting.iter().map(|step| (step.id.clone(), word(step))));
    }

    fn note(&mut self, id: ObjectId, done: Done) {
        let word = match done {
            Done::Applied(live) => {
                self.versions.insert(id.clone(), live.version().to_owned());
                "applied"
            }
            Done::Deleted => "deleted",
        };
        self.report.done.push((id, word));
    }

    /// An object that an earlier step changed has the version that the step made.
    fn up_to_date(&self, mut step: Step) -> Step {
        if let (Work::Apply { expect: Expect::Version { version, .. }, .. }, Some(newer)) =
            (&mut step.work, self.versions.get(&step.id))
        {
            version.clone_from(newer);
        }
        step
    }
}

/// The parent of the inventory.
struct Parent<'a> {
    inventory: &'a Inventory,
    live: Option<Live>,
    contents: Contents,
}

impl Parent<'_> {
    fn new<'a>(inventory: &'a Inventory, observed: &Observed) -> Parent<'a> {
        let live = observed.parent.clone();
        let said = live.as_ref().and_then(|parent| inventory.read(parent).ok());
        // Members that a lost parent doesn't name are members still.
        let members = observed.ours.values().filter(|live| inventory.has(live)).map(|live| &live.id);
        let contents = said.unwrap_or_default().with(&Contents::of(members));
        Parent { inventory, live, contents }
    }

    async fn write(&mut self, server: &Server, contents: &Contents) -> Result<(), Fault> {
        let contents = &contents.fitting();
        let said = self.live.as_ref().and_then(|parent| self.inventory.read(parent).ok());
        if said.as_ref() == Some(contents) {
            return Ok(());
        }
        let expect = match &self.live {
            Some(live) => Expect::Version { uid: live.uid().to_owned(), version: live.version().to_owned() },
            None => Expect::Absent,
        };
        let manifest = self.inventory.manifest(contents);
        let written = step::apply(server, &self.inventory.parent, &manifest, &expect, false).await?;
        self.live = Some(written);
        Ok(())
    }
}
