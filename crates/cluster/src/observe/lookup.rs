//! Objects by name that are not among ours.

use std::collections::BTreeSet;

use super::{failed, stopped};
use crate::connect::Server;
use crate::fault::Fault;
use crate::kinds::Kind;
use crate::object::{Live, ObjectId};

/// Up to so many objects of a kind are asked for one by one; of more, all names of the kind are listed.
const ONE_BY_ONE: usize = 20;
/// How many questions are under way at once.
const AT_ONCE: usize = 16;

/// Those of these objects that exist. Of the ones in `names_only` it is enough to know that they do.
pub(super) async fn find(
    server: &Server,
    kind: Kind,
    wanted: BTreeSet<ObjectId>,
    names_only: &BTreeSet<ObjectId>,
) -> Result<Vec<Live>, Fault> {
    let mut found = Vec::new();
    let mut asked: Vec<ObjectId> = wanted.iter().cloned().collect();
    if wanted.len() > ONE_BY_ONE {
        let all = server.list_metadata(kind).await;
        let all = all.map_err(|trouble| failed(&format!("list the names of kind {kind}"), &trouble))?;
        let there: Vec<Live> = all.into_iter().filter(|live| wanted.contains(&live.id)).collect();
        let (enough, more): (Vec<Live>, Vec<Live>) =
            there.into_iter().partition(|live| names_only.contains(&live.id));
        found.extend(enough);
        asked = more.into_iter().map(|live| live.id).collect();
    }
    let mut questions = tokio::task::JoinSet::new();
    let mut asked = asked.into_iter();
    loop {
        while questions.len() < AT_ONCE {
            let Some(id) = asked.next() else { break };
            let server = server.clone();
            questions.spawn(async move {
                let answer = server.get(&id).await;
                (id, answer)
            });
        }
        let Some(answer) = questions.join_next().await else { return Ok(found) };
        let (id, answer) = answer.map_err(|error| stopped(&error))?;
        found.extend(answer.map_err(|trouble| failed(&format!("look at {id}"), &trouble))?);
    }
}
