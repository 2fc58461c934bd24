//! One step: one object applied or deleted.

use std::time::Duration;

use serde_json::Value;

use crate::connect::{Expect, Server, Trouble};
use crate::fault::Fault;
use crate::fields::compare;
use crate::inventory::Inventory;
use crate::object::{Live, ObjectId};
use crate::plan::{Step, Work};

/// What a step did.
pub(super) enum Done {
    /// The server has this now.
    Applied(Box<Live>),
    /// It is gone, or going.
    Deleted,
}

/// Does what a step says, if the object is still what was looked at.
pub(super) async fn carry_out(
    server: &Server,
    inventory: &Inventory,
    step: &Step,
    patient: bool,
) -> Result<Done, Fault> {
    match &step.work {
        Work::Apply { manifest, expect, take } => {
            let mut expect = expect.clone();
            if let Some(managers) = take {
                expect = take_over(server, &step.id, &expect, managers).await?;
            }
            let applied = apply(server, &step.id, manifest, &expect, take.is_some()).await;
            applied.map(|live| Done::Applied(Box::new(live)))
        }
        Work::Delete { live, member } => {
            delete(server, inventory, live, *member, patient).await.map(|()| Done::Deleted)
        }
    }
}

async fn take_over(
    server: &Server,
    id: &ObjectId,
    expect: &Expect,
    managers: &Value,
) -> Result<Expect, Fault> {
    let version = match expect {
        Expect::Version { version, .. } => version.clone(),
        // What the server counts up is taken as it is now.
        _ => server
            .get(id)
            .await
            .map_err(|trouble| failed("take over", id, &trouble))?
            .map_or_else(String::new, |live| live.version().to_owned()),
    };
    let taken = server.set_managers(id, &version, managers).await;
    let live = taken.map_err(|trouble| failed("take over", id, &trouble))?;
    Ok(Expect::Version { uid: live.uid().to_owned(), version: live.version().to_owned() })
}

/// Applies an object. An answer that got lost is looked for.
pub(super) async fn apply(
    server: &Server,
    id: &ObjectId,
    manifest: &Value,
    expect: &Expect,
    force: bool,
) -> Result<Live, Fault> {
    let (trouble, uncertain) = match server.apply(id, manifest, expect, force).await {
        Ok(live) => return Ok(live),
        Err(error) => error,
    };
    // An earlier attempt may have been carried out; then its own result is what stands in the way.
    if uncertain
        && trouble.code() == Some(409)
        && let Ok(Some(live)) = server.get(id).await
    {
        let comparison = compare(manifest, &live);
        let is_done = comparison.differences.is_empty()
            && comparison.unmanaged.is_empty()
            && !comparison.enters_inventory;
        if is_done {
            return Ok(live);
        }
    }
    Err(failed("apply", id, &trouble))
}

/// How often, and how long between, a deletion is tried that a policy refuses whose binding was just deleted: the
/// server's own copies of policies lag a little behind.
const TRIES: usize = 40;
const PAUSE: Duration = Duration::from_millis(250);

async fn delete(
    server: &Server,
    inventory: &Inventory,
    planned: &Live,
    member: bool,
    patient: bool,
) -> Result<(), Fault> {
    let id = &planned.id;
    let mut tries = 1;
    loop {
        let now = server.get(id).await.map_err(|trouble| failed("look at", id, &trouble))?;
        let Some(now) = now.filter(|now| !now.is_going()) else { return Ok(()) };
        still_meant(inventory, planned, &now, member)?;
        match server.delete(&now).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Refused { message, .. })
                if patient && tries < TRIES && message.contains("ValidatingAdmissionPolicy") =>
            {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(trouble) => return Err(failed("delete", id, &trouble)),
        }
    }
}

/// An object that goes is the one that was looked at. One that goes for good is still ours, and a member.
fn still_meant(inventory: &Inventory, planned: &Live, now: &Live, member: bool) -> Result<(), Fault> {
    let meant = if member {
        now.uid() == planned.uid() && inventory.has(now) && inventory.is_ours(now)
    } else {
        now.uid() == planned.uid() && now.version() == planned.version()
    };
    if meant {
        return Ok(());
    }
    Err(Fault::new(
        "changed-meanwhile",
        format!("{} was changed since it was looked at, and is not deleted", planned.id),
        "run the command again: it looks at the cluster anew",
    ))
}

fn failed(doing: &str, id: &ObjectId, trouble: &Trouble) -> Fault {
    Fault::new("refused", format!("can't {doing} {id}: {trouble}"), trouble.help_of_change())
}
