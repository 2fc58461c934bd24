//! What a project's CI include says about an account.
//!
//! Source: `executors/kubernetes/overwrites.go` of GitLab Runner, and "Use `extends` to reuse
//! configuration sections" in GitLab's CI/CD YAML reference.

/// The job variable that asks for another namespace than the runner's default.
pub const KUBERNETES_NAMESPACE_OVERWRITE: &str = "KUBERNETES_NAMESPACE_OVERWRITE";

/// The job variable that asks for another service account than the runner's default.
pub const KUBERNETES_SERVICE_ACCOUNT_OVERWRITE: &str = "KUBERNETES_SERVICE_ACCOUNT_OVERWRITE";

/// The variables by which a job takes an account, in the order in which they are written.
#[must_use]
pub fn account_variables<'a>(namespace: &'a str, account: &'a str) -> [(&'static str, &'a str); 2] {
    [(KUBERNETES_NAMESPACE_OVERWRITE, namespace), (KUBERNETES_SERVICE_ACCOUNT_OVERWRITE, account)]
}

/// The hidden job of an account, which other jobs name in `extends`.
///
/// GitLab never runs a job whose name starts with a dot. An account's name is a DNS subdomain, so the
/// name needs no quotes in YAML and can't collide with another account's.
#[must_use]
pub fn hidden_job(account: &str) -> String {
    format!(".tegata-{account}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_takes_an_account_by_two_variables() {
        assert_eq!(
            account_variables("cicd", "kp-account"),
            [
                ("KUBERNETES_NAMESPACE_OVERWRITE", "cicd"),
                ("KUBERNETES_SERVICE_ACCOUNT_OVERWRITE", "kp-account"),
            ]
        );
        assert_eq!(hidden_job("kp-account"), ".tegata-kp-account");
    }
}
