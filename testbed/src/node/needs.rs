//! What a node needs of the machine.

use std::process::Command;

use anyhow::{Result, bail};
use camino::{Utf8Path, Utf8PathBuf};

/// Where Debian's package puts the plugins that give pods their network.
pub(super) const CNI: &str = "/usr/lib/cni";

const PLUGINS: [&str; 3] = ["bridge", "host-local", "loopback"];

/// Programs, and the Debian packages that have them.
const PROGRAMS: [(&str, &str); 9] = [
    ("bash", "bash"),
    ("busybox", "busybox-static"),
    ("git", "git"),
    ("ip", "iproute2"),
    ("ldd", "libc-bin"),
    ("mount", "mount"),
    ("openssl", "openssl"),
    ("runc", "runc"),
    ("unshare", "util-linux"),
];

/// Folders that a node covers with its own: nothing that it uses may lie there.
const COVERED: [&str; 3] = ["/run", "/var/lib", "/var/log"];

/// An error that says all that is missing, how to get it, and how to leave these tests out.
pub(super) fn check() -> Result<()> {
    let temporary = Utf8PathBuf::from_path_buf(std::env::temp_dir()).unwrap_or_default();
    let machine = Machine {
        is_root: is_root(),
        has_program: &|program| find(program).is_some(),
        plugins: Utf8Path::new(CNI),
        places: &[script(""), temporary],
    };
    let missing = machine.missing();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "this machine can't have a node of its own:\n{}help: `cargo xtask e2e --without-node` leaves out the tests that need one",
        missing.iter().map(|line| format!("- {line}\n")).collect::<String>()
    )
}

struct Machine<'a> {
    is_root: bool,
    has_program: &'a dyn Fn(&str) -> bool,
    plugins: &'a Utf8Path,
    /// Where programs and state of a node lie.
    places: &'a [Utf8PathBuf],
}

impl Machine<'_> {
    fn missing(&self) -> Vec<String> {
        if !cfg!(target_os = "linux") {
            return vec!["namespaces are Linux's: run the tests there".into()];
        }
        let mut missing = Vec::new();
        if !self.is_root {
            missing.push("namespaces, mounts and control groups are root's: run the tests as root".into());
        }
        let (mut what, mut packages) = (Vec::new(), Vec::new());
        for (program, package) in PROGRAMS {
            if !(self.has_program)(program) {
                what.push(program);
                packages.push(package);
            }
        }
        if !PLUGINS.iter().all(|name| self.plugins.join(name).is_file()) {
            what.push(CNI);
            packages.push("containernetworking-plugins");
        }
        if !packages.is_empty() {
            let (what, packages) = (what.join(", "), packages.join(" "));
            missing.push(format!("it lacks {what}: apt-get install {packages}"));
        }
        for place in self.places {
            if COVERED.iter().any(|covered| place.starts_with(covered)) {
                let covered = COVERED.join(", ");
                missing.push(format!("{place} is out of sight for a node, which has {covered} for itself: take another folder (TMPDIR says where temporary ones are)"));
            }
        }
        missing
    }
}

/// A program on PATH or where an administrator's programs are.
pub(super) fn find(program: &str) -> Option<Utf8PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    path.split(':')
        .chain(["/usr/sbin", "/sbin", "/usr/bin", "/bin"])
        .filter(|folder| !folder.is_empty())
        .map(|folder| Utf8Path::new(folder).join(program))
        .find(|path| path.is_file())
}

/// A script of `testbed/node`.
pub(super) fn script(name: &str) -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("node").join(name)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_missing_is_told_at_once() {
        let machine = Machine {
            is_root: false,
            has_program: &|program| program != "runc",
            plugins: Utf8Path::new("/nonexistent"),
            places: &["/home/me/tegata".into(), "/run/user/0".into()],
        };
        let missing = machine.missing();
        assert_eq!(missing.len(), 3, "{missing:#?}");
        assert!(missing[0].contains("run the tests as root"), "{missing:#?}");
        assert_eq!(
            missing[1],
            "it lacks runc, /usr/lib/cni: apt-get install runc containernetworking-plugins"
        );
        assert!(missing[2].starts_with("/run/user/0 is out of sight"), "{missing:#?}");
    }
}
