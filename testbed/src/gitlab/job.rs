//! A job as GitLab hands it to a runner.

use serde_json::{Value, json};

/// A job of a project: what its `.gitlab-ci.yml` says, and what GitLab adds.
#[derive(Clone, Debug)]
pub struct Job {
    pub(super) id: u32,
    project: u64,
    path: String,
    variables: Vec<(String, String)>,
    script: Vec<String>,
    image: String,
    services: Vec<String>,
    credentials: bool,
    timeout: u32,
}

impl Job {
    /// A job of the project with this id and full path.
    pub fn new(project: u64, path: &str) -> Self {
        Self {
            id: 7,
            project,
            path: path.to_owned(),
            variables: Vec::new(),
            script: vec!["true".to_owned()],
            image: "ubuntu:24.04".to_owned(),
            services: Vec::new(),
            credentials: false,
            timeout: 600,
        }
    }

    /// Its number, which its pod is annotated with (`job.runner.gitlab.com/id`).
    #[must_use]
    pub fn id(mut self, id: u32) -> Self {
        self.id = id;
        self
    }

    /// Adds a variable; of a key given twice GitLab sends both.
    #[must_use]
    pub fn variable(mut self, key: &str, value: &str) -> Self {
        self.variables.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The lines of its script.
    #[must_use]
    pub fn script(mut self, lines: &[&str]) -> Self {
        self.script = lines.iter().map(|line| (*line).to_owned()).collect();
        self
    }

    /// Its image.
    #[must_use]
    pub fn image(mut self, image: &str) -> Self {
        image.clone_into(&mut self.image);
        self
    }

    /// Adds a service by its image.
    #[must_use]
    pub fn service(mut self, image: &str) -> Self {
        self.services.push(image.to_owned());
        self
    }

    /// Sends credentials for a registry, as GitLab does wherever it has one. The runner makes a Secret of them.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// After how many seconds it is ended.
    #[must_use]
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.timeout = seconds;
        self
    }

    /// The answer to `jobs/request`. GitLab sends its own variables first, and of a key given twice the last one
    /// counts: so a job's own variable beats GitLab's of the same name, as it does in GitLab.
    pub(super) fn payload(&self) -> Value {
        let (namespace, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let id = self.project.to_string();
        let predefined = [
            ("CI", "true"),
            ("CI_PROJECT_ID", id.as_str()),
            ("CI_PROJECT_NAME", name),
            ("CI_PROJECT_PATH", self.path.as_str()),
            ("CI_PROJECT_NAMESPACE", namespace),
            ("CI_PROJECT_ROOT_NAMESPACE", namespace.split('/').next().unwrap_or_default()),
            ("CI_COMMIT_REF_NAME", "main"),
            // There is no repository to fetch.
            ("GIT_STRATEGY", "none"),
        ];
        let own = self.variables.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let variables: Vec<Value> = predefined
            .into_iter()
            .chain(own)
            .map(|(key, value)| json!({ "key": key, "value": value, "public": true, "masked": false }))
            .collect();
        let services: Vec<Value> = self.services.iter().map(|image| json!({ "name": image })).collect();
        let credentials = match self.credentials {
            true => json!([{
                "type": "registry", "url": "registry.example.com", "username": "ci", "password": "secret",
            }]),
            false => json!([]),
        };
        json!({
            "id": self.id,
            "token": "job-token",
            "allow_git_fetch": false,
            "job_info": {
                "id": self.id, "name": "job", "stage": "test",
                "project_id": self.project, "project_name": name,
            },
            "git_info": {
                "repo_url": format!("http://127.0.0.1/{}.git", self.path), "ref": "main", "ref_type": "branch",
                "sha": "1".repeat(40), "before_sha": "0".repeat(40), "refspecs": [], "depth": 1,
            },
            "runner_info": { "timeout": self.timeout },
            "variables": variables,
            "steps": [{
                "name": "script", "script": self.script, "timeout": self.timeout, "when": "on_success",
                "allow_failure": false,
            }],
            "image": { "name": self.image },
            "services": services,
            "artifacts": [],
            "cache": [],
            "credentials": credentials,
            "dependencies": [],
            // Without these the runner says `unknown_failure`.
            "features": { "failure_reasons": [
                "unknown_failure", "script_failure", "runner_system_failure", "job_execution_timeout",
                "runner_configuration_error", "configuration_error", "image_pull_failure", "job_canceled",
            ] },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_own_variables_come_last() {
        let payload = Job::new(42, "a/b/c").variable("CI_PROJECT_ID", "43").payload();
        let of_key = |key: &str| -> Vec<String> {
            let variables = payload["variables"].as_array().into_iter().flatten();
            variables
                .filter(|variable| variable["key"] == key)
                .map(|variable| variable["value"].to_string())
                .collect()
        };
        assert_eq!(of_key("CI_PROJECT_ID"), [r#""42""#, r#""43""#]);
        assert_eq!(of_key("CI_PROJECT_NAMESPACE"), [r#""a/b""#]);
        assert_eq!(payload["job_info"]["project_id"], 42);
        assert_eq!(payload.get("inputs"), None);
    }
}
