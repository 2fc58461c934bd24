//! A real API server on loopback, for one test or for many.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::command::{output_with_input, stdout_of};
use crate::executor::Access;
use crate::keys;
use crate::parts::{Options, Part, Parts, build};
use crate::process::{Process, end_of};

/// A ready server takes two or three seconds; a machine that builds beside the tests may take many more.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// How many runs of kubectl ask access reviews at once, and how many questions make a run worth its start.
const REVIEWERS: usize = 4;
const REVIEWS_AT_LEAST: usize = 300;

/// Between choosing a free port and listening on it another program may take it; then others are chosen.
const ATTEMPTS: usize = 3;

/// A running kube-apiserver with its etcd. Dropping it stops both and removes their folder; should this process be
/// killed before that, the two stop as well.
///
/// There is nothing else of a cluster: no kubelet, scheduler or controller manager. So pods stay Pending, namespaces
/// get no `default` account and stay Terminating when deleted, and aggregated roles (`view`, `edit`, `admin`) are
/// empty.
#[derive(Debug)]
pub struct ApiServer {
    // Dropped from first to last: the server before its store, the folder when nobody writes to it any more.
    _apiserver: Process,
    _etcd: Process,
    folder: TempDir,
    kubectl: Utf8PathBuf,
    kubeconfig: Utf8PathBuf,
    address: Address,
}

impl ApiServer {
    /// Builds what is missing, as the environment says, and starts a server.
    pub fn start() -> Result<Self> {
        Self::start_with(&build(&Options::from_env()?.with_parts(&Part::SERVER))?)
    }

    /// Starts a server from parts that are there.
    pub fn start_with(parts: &Parts) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::try_start(parts) {
                Err(error)
                    if attempt < ATTEMPTS && format!("{error:#}").contains("address already in use") =>
                {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    fn try_start(parts: &Parts) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tegata-testbed-")
            .tempdir()
            .context("cannot create a folder for temporary files")?;
        let path =
            Utf8Path::from_path(folder.path()).context("the folder for temporary files is not UTF-8")?;
        let plan = Plan::write(path)?;

        let mut etcd =
            Process::start(parts.path(Part::Etcd)?, &plan.etcd_arguments(), &plan.log(Part::Etcd))?;
        let deadline = deadline();
        plan.wait_for_etcd(deadline, || etcd.check())?;
        let mut apiserver = Process::start(
            parts.path(Part::KubeApiserver)?,
            &plan.apiserver_arguments(),
            &plan.log(Part::KubeApiserver),
        )?;
        let address = plan.wait_until_ready(parts.path(Part::Kubectl)?, deadline, || {
            etcd.check()?;
            apiserver.check()
        })?;
        Ok(Self {
            _apiserver: apiserver,
            _etcd: etcd,
            kubectl: parts.path(Part::Kubectl)?.to_owned(),
            kubeconfig: plan.kubeconfig(),
            address,
            folder,
        })
    }

    /// The server's address, `https://127.0.0.1:PORT`.
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
fn kubectl(program: &Utf8Path, kubeconfig: &Utf8Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg(format!("--kubeconfig={kubeconfig}"))
        .env_remove("KUBECONFIG")
        // A person's aliases and defaults (kuberc) would change what the tests see.
        .env("KUBERC", "off")
        .stdin(Stdio::null());
    if let Some(folder) = kubeconfig.parent() {
        // Discovery is cached by address, and a port may soon be another server's.
        command.arg(format!("--cache-dir={folder}/kubectl-cache"));
    }
    command
}

/// A folder with all that a server needs to start, and the ports that it will have.
pub(crate) struct Plan {
    folder: Utf8PathBuf,
    token: String,
    etcd_port: u16,
    apiserver_port: u16,
}

impl Plan {
    /// Chooses ports and writes keys and tokens into an existing folder that only its owner may read.
    pub(crate) fn write(folder: &Utf8Path) -> Result<Self> {
        let (etcd_port, apiserver_port) = free_ports()?;
        let plan = Self { folder: folder.to_owned(), token: keys::token()?, etcd_port, apiserver_port };
        fs::write(plan.tokens(), format!("{},admin,admin,\"system:masters\"\n", plan.token))?;
        fs::write(plan.key(), keys::service_account_key()?)?;
        Ok(plan)
    }

    pub(crate) fn etcd_arguments(&self) -> Vec<String> {
        let client = format!("http://127.0.0.1:{}", self.etcd_port);
        vec![
            format!("--data-dir={}/etcd", self.folder),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            // Of one member nobody is a peer: any port will do.
            "--listen-peer-urls=http://127.0.0.1:0".into(),
            // The data need not outlive a power cut, and tests are faster without waiting for the disk.
            "--unsafe-no-fsync".into(),
            "--log-level=warn".into(),
        ]
    }

    pub(crate) fn apiserver_arguments(&self) -> Vec<String> {
        vec![
            format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_port),
            "--bind-address=127.0.0.1".into(),
            // Or it looks for the machine's own address, and one without a network has none. It is advertised to
            // nobody, since the server's `kubernetes` service could not have it.
            "--advertise-address=127.0.0.1".into(),
            "--endpoint-reconciler-type=none".into(),
            format!("--secure-port={}", self.apiserver_port),
            // The server makes its own certificate there.
            format!("--cert-dir={}", self.certificates()),
            format!("--token-auth-file={}", self.tokens()),
            "--authorization-mode=RBAC".into(),
            "--service-account-issuer=https://kubernetes.default.svc".into(),
            // The public half is taken from the private key.
            format!("--service-account-key-file={}", self.key()),
            format!("--service-account-signing-key-file={}", self.key()),
            "--service-cluster-ip-range=10.0.0.0/24".into(),
        ]
    }

    pub(crate) fn kubeconfig(&self) -> Utf8PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    pub(crate) fn log(&self, part: Part) -> Utf8PathBuf {
        self.folder.join(format!("{}.log", part.name()))
    }

    fn tokens(&self) -> Utf8PathBuf {
        self.folder.join("tokens.csv")
    }

    fn key(&self) -> Utf8PathBuf {
        self.folder.join("service-accounts.key")
    }

    fn certificates(&self) -> Utf8PathBuf {
        self.folder.join("certificates")
    }

    /// `check` says whether the process is still there.
    pub(crate) fn wait_for_etcd(
        &self,
        deadline: Instant,
        mut check: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        while !listens(self.etcd_port) {
            check()?;
            pause(deadline, "etcd", &self.log(Part::Etcd))?;
        }
        Ok(())
    }

    /// Waits for the server and writes the administrator's kubeconfig. `check` says whether the processes are still
    /// there.
    pub(crate) fn wait_until_ready(
        &self,
        program: &Utf8Path,
        deadline: Instant,
        mut check: impl FnMut() -> Result<()>,
    ) -> Result<Address> {
        let log = self.log(Part::KubeApiserver);
        while !listens(self.apiserver_port) {
            check()?;
            pause(deadline, "kube-apiserver", &log)?;
        }
        let address = Address {
            url: format!("https://127.0.0.1:{}", self.apiserver_port),
            authority: fs::read_to_string(self.certificates().join("apiserver.crt"))?,
        };
        address.write_kubeconfig(&self.kubeconfig(), "admin", &self.token, "default")?;
        // The system's namespaces are made after the server calls itself ready.
        let questions: [&[&str]; 2] =
            [&["get", "--raw=/readyz"], &["get", "namespaces", "default", "kube-system"]];
        for question in questions {
            let mut command = kubectl(program, &self.kubeconfig());
            command.args(question);
            while !command.output().with_context(|| format!("cannot run {program}"))?.status.success() {
                check()?;
                pause(deadline, "kube-apiserver", &log)?;
            }
        }
        // Whoever answered, it must not have been another's etcd on a port that ours lost.
        check()?;
        Ok(address)
    }
}

/// What everyone needs to reach the server, but for a token.
#[derive(Debug)]
pub(crate) struct Address {
    url: String,
    /// The certificates to trust, in PEM.
    authority: String,
}

impl Address {
    /// In JSON, which every reader of YAML reads, so that nothing here has to write YAML.
    fn write_kubeconfig(&self, path: &Utf8Path, user: &str, token: &str, namespace: &str) -> Result<()> {
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

/// Two different ports that are free at this moment.
fn free_ports() -> Result<(u16, u16)> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on 127.0.0.1");
    let (first, second) = (listen()?, listen()?);
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}

fn listens(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

fn pause(deadline: Instant, name: &str, log: &Utf8Path) -> Result<()> {
    if Instant::now() > deadline {
        bail!("{name} is not ready after {} s:\n{}", READY_WITHIN.as_secs(), end_of(log));
    }
    std::thread::sleep(Duration::from_millis(50));
    Ok(())
}

/// The moment by which a server that is started now must be ready.
pub(crate) fn deadline() -> Instant {
    Instant::now() + READY_WITHIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_differ() -> Result<()> {
        let (first, second) = free_ports()?;
        assert_ne!(first, second);
        Ok(())
    }
}
