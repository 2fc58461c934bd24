//! A server for people: started, left running, stopped later by another call.

use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use crate::parts::{Options, Part, Parts, build};
use crate::process::end_of;
use crate::server::{Plan, deadline};

/// How long a program may take to stop before it is killed.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// The server stops before its store.
const PROCESSES: [Part; 2] = [Part::KubeApiserver, Part::Etcd];

/// Starts a server that stays until [`down`], and returns its administrator's kubeconfig. If one is up already, it
/// is that one's.
pub fn up(options: &Options) -> Result<Utf8PathBuf> {
    let parts = build(&options.clone().with_parts(&Part::SERVER))?;
    let folder = folder(options);
    let kubeconfig = folder.join("admin.kubeconfig");
    if PROCESSES.iter().all(|part| running(&folder, *part).is_some()) && kubeconfig.exists() {
        return Ok(kubeconfig);
    }
    // What is left of one that did not stop by itself.
    down(options)?;
    fs::create_dir_all(&options.cache)?;
    // Keys and tokens lie in it.
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot create {folder}"))?;
    let plan = Plan::write(&folder)?;
    debug_assert_eq!(plan.kubeconfig(), kubeconfig);
    let mut children = Vec::new();
    if let Err(error) = start_all(&folder, &parts, &plan, &mut children) {
        // The first error is the one to tell.
        for (_, child) in &mut children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = down(options);
        return Err(error);
    }
    Ok(kubeconfig)
}

/// Stops what [`up`] started and removes its folder; `false` if nothing was running.
pub fn down(options: &Options) -> Result<bool> {
    let folder = folder(options);
    let mut stopped = false;
    for part in PROCESSES {
        let Some(process) = running(&folder, part) else {
            continue;
        };
        stopped = true;
        signal(process, "TERM")?;
        let patience = Instant::now() + STOP_WITHIN;
        while running(&folder, part).is_some() {
            if Instant::now() > patience {
                signal(process, "KILL")?;
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(stopped),
    }
}

fn folder(options: &Options) -> Utf8PathBuf {
    options.cache.join("up")
}

fn pid_file(folder: &Utf8Path, part: Part) -> Utf8PathBuf {
    folder.join(format!("{}.pid", part.name()))
}

/// Starts the processes in their order and waits until the server answers. What was started is in `children` even if
/// this fails.
fn start_all(folder: &Utf8Path, parts: &Parts, plan: &Plan, children: &mut Vec<(Part, Child)>) -> Result<()> {
    let deadline = deadline();
    for part in [Part::Etcd, Part::KubeApiserver] {
        let child = start(parts, plan, part)?;
        // At once: what is interrupted half-way can be stopped by its file.
        let written = fs::write(pid_file(folder, part), child.id().to_string());
        children.push((part, child));
        written?;
        if part == Part::Etcd {
            plan.wait_for_etcd(deadline, || check(plan, children))?;
        }
    }
    plan.wait_until_ready(parts.path(Part::Kubectl)?, deadline, || check(plan, children))?;
    Ok(())
}

fn start(parts: &Parts, plan: &Plan, part: Part) -> Result<Child> {
    let program = parts.path(part)?;
    let arguments = if part == Part::Etcd { plan.etcd_arguments() } else { plan.apiserver_arguments() };
    let log: std::fs::File = fs::File::create(plan.log(part))?.into_parts().0;
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(log.try_clone().context("cannot share a log file")?)
        .stderr(log)
        // Out of the terminal's group, so that Ctrl-C there doesn't reach it.
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot run {program}"))
}

fn check(plan: &Plan, children: &mut [(Part, Child)]) -> Result<()> {
    for (part, child) in children {
        if let Some(status) = child.try_wait().with_context(|| format!("cannot wait for {}", part.name()))? {
            bail!("{} ended ({status}):\n{}", part.name(), end_of(&plan.log(*part)));
        }
    }
    Ok(())
}

/// The number in the pid file, if a process of that number has this folder in its arguments: after a restart of the
/// machine the number may be anyone's.
fn running(folder: &Utf8Path, part: Part) -> Option<u32> {
    let process: u32 = fs::read_to_string(pid_file(folder, part)).ok()?.trim().parse().ok()?;
    let arguments = match fs::read(format!("/proc/{process}/cmdline")) {
        Ok(arguments) => arguments,
        Err(_) if Utf8Path::new("/proc/self/cmdline").exists() => return None,
        // A system without /proc.
        Err(_) => Command::new("ps").args(["-o", "args=", "-p", &process.to_string()]).output().ok()?.stdout,
    };
    String::from_utf8_lossy(&arguments).contains(folder.as_str()).then_some(process)
}

fn signal(process: u32, name: &str) -> Result<()> {
    // The shell's own `kill`: not every system has a program of that name. That the process has just gone is fine.
    Command::new("sh")
        .args(["-c", r#"kill -s "$1" "$2" 2>/dev/null || :"#, "sh", name, &process.to_string()])
        .status()
        .context("cannot run sh")?;
    Ok(())
}
