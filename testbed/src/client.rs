//! kubectl, and who asks by it: the same for a server alone and for a whole node.

use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{output_with_input, stdout_of};
use crate::executor::Access;
use crate::keys;

/// How many runs of kubectl ask access reviews at once, and how many questions make a run worth its start.
const REVIEWERS: usize = 4;
const REVIEWS_AT_LEAST: usize = 300;

/// A cluster as its administrator sees it.
#[derive(Debug)]
pub struct Client {
    folder: TempDir,
    kubectl: Utf8PathBuf,
    kubeconfig: Utf8PathBuf,
    address: Address,
}

impl Client {
    /// The folder is removed with the value.
    pub(crate) fn new(
        folder: TempDir,
        kubectl: &Utf8Path,
        kubeconfig: Utf8PathBuf,
        address: Address,
    ) -> Self {
        Self { folder, kubectl: kubectl.to_owned(), kubeconfig, address }
    }

    /// The server's address, such as `https://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.address.url
    }

    /// The administrator's kubeconfig; it needs no other file.
    pub fn kubeconfig(&self) -> &Utf8Path {
        &self.kubeconfig
    }

    /// A folder for the test's own files, removed with the server.
    pub fn folder(&self) -> Result<&Utf8Path> {
        Utf8Path::from_path(self.folder.path()).context("the folder for temporary files is not UTF-8")
    }

    /// A command of kubectl's, ready to run as administrator: its caller may add arguments and variables.
    pub fn kubectl_command(&self) -> Command {
        kubectl(&self.kubectl, &self.kubeconfig)
    }

    /// What kubectl prints, run as administrator. A failure is an error with what kubectl said.
    pub fn kubectl<A: AsRef<str>>(&self, arguments: &[A]) -> Result<String> {
        self.kubectl_with_input(arguments, "")
    }

    /// The same with a text as standard input, for `apply -f -` and its like.
    pub fn kubectl_with_input<A: AsRef<str>>(&self, arguments: &[A], input: &str) -> Result<String> {
        let mut command = self.kubectl_command();
        command.args(arguments.iter().map(AsRef::as_ref));
        let output = output_with_input(&mut command, input)?;
        stdout_of(&command, output)
    }

    /// Runs kubectl where a refusal is as good as a success: exit code, standard output and error.
    pub fn kubectl_output<A: AsRef<str>>(&self, arguments: &[A], input: &str) -> Result<Output> {
        let mut command = self.kubectl_command();
        command.args(arguments.iter().map(AsRef::as_ref));
        output_with_input(&mut command, input)
    }

    /// The JSON behind a path of the API, such as `/apis/apps/v1`.
    pub fn get(&self, path: &str) -> Result<Value> {
        let text = self.kubectl(&["get", "--raw", path])?;
        serde_json::from_str(&text).with_context(|| format!("the server answers no JSON at {path}"))
    }

    /// The server's version, such as `v1.37.2`.
    pub fn version(&self) -> Result<String> {
        let version = self.get("/version")?;
        let version =
            version.get("gitVersion").and_then(Value::as_str).context("/version has no gitVersion")?;
        Ok(version.to_owned())
    }

    /// Creates a namespace.
    pub fn create_namespace(&self, name: &str) -> Result<()> {
        self.kubectl(&["create", "namespace", name])?;
        Ok(())
    }

    /// A token of an existing service account, signed by the server.
    pub fn service_account_token(&self, namespace: &str, name: &str) -> Result<String> {
        let token = self.kubectl(&["create", "token", "--namespace", namespace, name])?;
        Ok(token.trim().to_owned())
    }

    /// How a service account comes to the server, for whoever needs it in pieces.
    pub fn service_account_access(&self, namespace: &str, name: &str) -> Result<Access> {
        Ok(Access {
            url: self.address.url.clone(),
            authority: self.address.authority.clone(),
            token: self.service_account_token(namespace, name)?,
        })
    }

    /// A kubeconfig for an existing service account, with a token that the server signed: the account itself, not an
    /// impersonation of it.
    pub fn service_account_kubeconfig(&self, namespace: &str, name: &str) -> Result<Utf8PathBuf> {
        let token = self.service_account_token(namespace, name)?;
        let path = self.folder()?.join(format!("{namespace}.{name}.kubeconfig"));
        self.address.write_kubeconfig(&path, name, &token, namespace)?;
        Ok(path)
    }

    /// Asks the server's authorizer. Each value is the `spec` of a `SubjectAccessReview`: `user`, `groups`, and
    /// `resourceAttributes` or `nonResourceAttributes`. The answers come in the order of the questions.
    ///
    /// The groups are asked as they stand: an account's three (`system:serviceaccounts`,
    /// `system:serviceaccounts:<namespace>`, `system:authenticated`) are not added here.
    pub fn access_reviews(&self, specs: &[Value]) -> Result<Vec<bool>> {
        // Several at once: kubectl asks one question after the other.
        let answers: Result<Vec<Vec<bool>>> = std::thread::scope(|scope| {
            let runs: Vec<_> = specs
                .chunks(specs.len().div_ceil(REVIEWERS).max(REVIEWS_AT_LEAST))
                .map(|chunk| scope.spawn(|| self.access_reviews_of_one_run(chunk)))
                .collect();
            runs.into_iter()
                .map(|run| match run.join() {
                    Ok(answers) => answers,
                    Err(_) => bail!("the thread that asks kubectl panicked"),
                })
                .collect()
        });
        Ok(answers?.concat())
    }

    fn access_reviews_of_one_run(&self, specs: &[Value]) -> Result<Vec<bool>> {
        let mut input = String::new();
        for spec in specs {
            let review = json!({
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": spec,
            });
            input.push_str("---\n");
            input.push_str(&review.to_string());
            input.push('\n');
        }
        // kubectl's own validation of the questions takes longer than the server's answers.
        let arguments =
            ["create", "--validate=false", "-f", "-", "-o", r#"jsonpath={.status.allowed}{"\n"}"#];
        let text = self.kubectl_with_input(&arguments, &input)?;
        let allowed: Vec<bool> = text
            .lines()
            .map(|line| line.parse().with_context(|| format!("kubectl printed {line} for an access review")))
            .collect::<Result<_>>()?;
        if allowed.len() != specs.len() {
            bail!("{} access reviews were asked and {} answered", specs.len(), allowed.len());
        }
        Ok(allowed)
    }
}

/// A command of kubectl's for a kubeconfig, free from what the person's own environment says.
pub(crate) fn kubectl(program: &Utf8Path, kubeconfig: &Utf8Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg(format!("--kubeconfig={kubeconfig}"))
        .env_remove("KUBECONFIG")
        // A person's aliases and defaults (kuberc) would change what the tests see.
        .env("KUBERC", "off")
        // A proxy is for the world outside, and a node's address does not look like this machine's own.
        .env("NO_PROXY", "*")
        .env("no_proxy", "*")
        .stdin(Stdio::null());
    if let Some(folder) = kubeconfig.parent() {
        // Discovery is cached by address, and a port may soon be another server's.
        command.arg(format!("--cache-dir={folder}/kubectl-cache"));
    }
    command
}

/// What everyone needs to reach the server, but for a token.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) url: String,
    /// The certificates to trust, in PEM.
    pub(crate) authority: String,
}

impl Address {
    /// In JSON, which every reader of YAML reads, so that nothing here has to write YAML.
    pub(crate) fn write_kubeconfig(
        &self,
        path: &Utf8Path,
        user: &str,
        token: &str,
        namespace: &str,
    ) -> Result<()> {
        let authority = keys::base64(self.authority.as_bytes());
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{
                "name": "testbed",
                "cluster": { "server": self.url, "certificate-authority-data": authority },
            }],
            "users": [{ "name": user, "user": { "token": token } }],
            "contexts": [{
                "name": "testbed",
                "context": { "cluster": "testbed", "user": user, "namespace": namespace },
            }],
            "current-context": "testbed",
        });
        Ok(fs::write(path, config.to_string())?)
    }
}
