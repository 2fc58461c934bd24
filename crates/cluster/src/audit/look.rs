//! Lists what an audit is about. What Secrets hold stays where it is.

use serde_json::Value;
use tegata::resolve::objects::MANAGED_BY;

use super::{Seen, jobs, runners};
use crate::connect::{Server, Trouble};
use crate::fault::Fault;
use crate::kinds::{Kind, encoded};
use crate::standing::{Account, Standing};

/// Looks at a cluster.
///
/// # Errors
/// If there is no answer at all, or none to this user. What is forbidden is noted, and the rest looked at.
pub async fn look(server: &Server) -> Result<Seen, Fault> {
    let (standing, unseen) = Standing::look(server).await;
    let mut seen = Seen { standing, ..Seen::default() };
    for (kind, trouble) in unseen {
        note(&mut seen, &format!("objects of kind {kind}"), trouble)?;
    }
    match server.list(Kind::ServiceAccount, &format!("{}={}", MANAGED_BY.0, MANAGED_BY.1)).await {
        Ok(accounts) => {
            let accounts = accounts.into_iter();
            let accounts =
                accounts.map(|live| Account::new(live.id.namespace.unwrap_or_default(), live.id.name));
            seen.accounts = accounts.collect();
        }
        Err(trouble) => note(&mut seen, "ServiceAccounts", trouble)?,
    }
    match server.list_those("/api/v1/pods", "", &jobs::is_job).await {
        Ok(pods) => seen.pods = pods,
        Err(trouble) => note(&mut seen, "pods", trouble)?,
    }
    let query = format!("fieldSelector={}", encoded("type=kubernetes.io/service-account-token"));
    match server.list_metadata_at("/api/v1/secrets", &query).await {
        Ok(secrets) => seen.token_secrets = secrets,
        Err(trouble) => note(&mut seen, "Secrets (their names alone are asked for)", trouble)?,
    }
    let is_of_a_runner = |map: &Value| runners::texts(map).next().is_some();
    match server.list_those("/api/v1/configmaps", "", &is_of_a_runner).await {
        Ok(maps) => seen.config_maps = maps,
        Err(trouble) => note(&mut seen, "ConfigMaps", trouble)?,
    }
    Ok(seen)
}

fn note(seen: &mut Seen, what: &str, trouble: Trouble) -> Result<(), Fault> {
    if trouble.code() != Some(403) {
        return Err(Fault::new("no-answer", format!("can't list {what}: {trouble}"), trouble.help()));
    }
    seen.unseen.push((what.to_owned(), trouble));
    Ok(())
}
