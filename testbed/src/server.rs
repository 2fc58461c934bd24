//! A real API server on loopback, for one test or for many.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use tempfile::TempDir;

use crate::client::{Address, Client, kubectl};
use crate::keys;
use crate::parts::{Options, Part, Parts, build};
use crate::process::{Process, end_of};

/// A ready server takes two or three seconds; a machine that builds beside the tests may take many more.
const READY_WITHIN: Duration = Duration::from_secs(120);

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
    client: Client,
}

impl Deref for ApiServer {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
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
        let (folder, path) = temporary_folder()?;
        let plan = Plan::write(&path)?;

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
            client: Client::new(folder, parts.path(Part::Kubectl)?, plan.kubeconfig(), address),
        })
    }
}

/// A folder that only its owner may read, removed with the value.
pub(crate) fn temporary_folder() -> Result<(TempDir, Utf8PathBuf)> {
    let folder = tempfile::Builder::new()
        .prefix("tegata-testbed-")
        .tempdir()
        .context("cannot create a folder for temporary files")?;
    let path = Utf8Path::from_path(folder.path()).context("the folder for temporary files is not UTF-8")?;
    let path = path.to_owned();
    Ok((folder, path))
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
