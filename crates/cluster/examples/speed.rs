//! How fast `diff` and `apply` are beside kubectl, on one server, in one run, and how much they ask and hold.
//!
//! `cargo run --release -p tegata-cluster --example speed [PROJECTS]`: each project has eight objects, and 500 of them
//! are 4,000 objects.

#![allow(clippy::print_stdout, reason = "what is printed is what was asked for")]

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use camino::{Utf8Path, Utf8PathBuf};
use tegata::{Mode, generate};
use testbed::{ApiServer, repository};

const ROUNDS: usize = 3;

/// What is measured, and at most how much of kubectl's time it may take.
const BOUNDS: [(&str, f64); 3] = [
    ("`apply` to an empty cluster", 0.5),
    ("`apply`, nothing changed", 0.1),
    ("`diff`, nothing changed", 0.1),
];

const MOST_MEGABYTES: u64 = 150;

fn main() -> Result<()> {
    let projects = std::env::args().nth(1).map_or(Ok(500), |number| number.parse())?;
    let program = program()?;
    let folder = tempfile::tempdir()?;
    let root = Utf8Path::from_path(folder.path()).context("the folder for temporary files is not UTF-8")?;
    write(root, projects)?;
    let report = generate(root, Mode::Write, &|_, _| {});
    if report.failed() {
        bail!("the workspace does not render: {:?}", report.diagnostics);
    }
    let out = root.join("out/kubernetes/main");
    let runs = Runs { program, root: root.to_owned(), out };
    println!(
        "{projects} projects, {} objects; medians of {ROUNDS} rounds, kubectl with --server-side.\n",
        projects * 8 + 5
    );
    let mut kubectl: [Vec<Duration>; 3] = Default::default();
    let mut tegata: [Vec<Duration>; 3] = Default::default();
    let mut memory = 0;
    for _ in 0..ROUNDS {
        let server = ApiServer::start()?;
        kubectl[0].push(runs.kubectl(&server, "apply", 0)?);
        kubectl[1].push(runs.kubectl(&server, "apply", 0)?);
        kubectl[2].push(runs.kubectl(&server, "diff", 0)?);
        drop(server);
        let server = ApiServer::start()?;
        for (times, (arguments, code)) in
            tegata.iter_mut().zip([(&["apply", "--yes"][..], 0), (&["apply", "--yes"], 0), (&["diff"], 0)])
        {
            let (time, peak) = runs.tegata(&server, arguments, code)?;
            times.push(time);
            memory = memory.max(peak);
        }
    }
    println!("| what | kubectl | tegata | ratio or size | bound | |\n|---|---|---|---|---|---|");
    let mut missed = false;
    let mut row = |what: &str, times: &str, size: &str, bound: &str, kept: bool| {
        missed |= !kept;
        println!("| {what} | {times} | {size} | {bound} | {} |", if kept { "kept" } else { "**MISSED**" });
    };
    for ((what, bound), (ours, theirs)) in BOUNDS.iter().zip(tegata.iter_mut().zip(&mut kubectl)) {
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let times = format!("{theirs:.2?} | {ours:.2?}");
        row(what, &times, &format!("{ratio:.2} x"), &format!("at most {bound} x"), ratio <= *bound);
    }
    let (megabytes, most) = (memory / 1000, MOST_MEGABYTES);
    row("peak memory", "| ", &format!("{megabytes} MB"), &format!("at most {most} MB"), megabytes <= most);
    if missed {
        bail!("a bound is missed");
    }
    Ok(())
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

struct Runs {
    program: Utf8PathBuf,
    root: Utf8PathBuf,
    out: Utf8PathBuf,
}

impl Runs {
    fn kubectl(&self, server: &ApiServer, verb: &str, code: i32) -> Result<Duration> {
        let mut command = server.kubectl_command();
        command.args([verb, "--server-side", "-R", "-f", self.out.as_str()]);
        Ok(timed(command, code)?.0)
    }

    fn tegata(&self, server: &ApiServer, arguments: &[&str], code: i32) -> Result<(Duration, u64)> {
        let mut command = Command::new(&self.program);
        command.args(arguments).args([
            "-C",
            self.root.as_str(),
            "--kubeconfig",
            server.kubeconfig().as_str(),
        ]);
        timed(command, code)
    }
}

/// How long a command takes, and how much memory it holds at most, in kilobytes.
fn timed(mut command: Command, code: i32) -> Result<(Duration, u64)> {
    let output = tempfile::tempfile()?;
    let begin = Instant::now();
    let mut child =
        command.stdin(std::process::Stdio::null()).stdout(output.try_clone()?).stderr(output).spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let status = std::fs::read_to_string(&status_file).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(held.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    };
    let time = begin.elapsed();
    if status.code() != Some(code) {
        bail!("{command:?} ended with {status}");
    }
    Ok((time, peak))
}

/// The command, built as this example is.
fn program() -> Result<Utf8PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "tegata-cluster"]).current_dir(repository());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if !build.status()?.success() {
        bail!("tegata-cluster does not build");
    }
    let example = Utf8PathBuf::from_path_buf(std::env::current_exe()?)
        .map_err(|path| anyhow::anyhow!("{} is not UTF-8", path.display()))?;
    let folder = example.parent().and_then(Utf8Path::parent).context("the example lies nowhere")?;
    Ok(folder.join("tegata-cluster"))
}

fn write(root: &Utf8Path, projects: usize) -> Result<()> {
    let file = |path: &str, text: &str| -> Result<()> {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().context("no folder")?)?;
        Ok(std::fs::write(path, text)?)
    };
    file("tegata.yaml", "version: 1\nworkspace: speed\n")?;
    file("clusters/main.yaml", "kubernetes: \"1.37\"\n")?;
    file(
        "runners/shared.yaml",
        "cluster: main\nrelease: gitlab-runner\nnamespace: {name: gitlab-runner, create: true}\n\
         gitlabUrl: https://gitlab.example.com/\ntokenSecret: token\nisolation: overwrite\n\
         jobs: {namespace: ci-quarantine, image: \"ubuntu:24.04\"}\n",
    )?;
    for number in 0..projects {
        let mut text = format!(
            "project: group/project-{number}\nrunner: shared\nnamespace: {{name: ns-{number}, create: true}}\n\
             serviceAccounts:\n"
        );
        for (name, default) in [("build", true), ("deploy", false)] {
            let _ = write!(
                text,
                "  - name: {name}\n    default: {default}\n    rules:\n\
                 \x20     - {{apiGroups: [\"\"], resources: [pods, pods/log], verbs: [get, list, watch]}}\n\
                 \x20     - {{apiGroups: [apps], resources: [deployments], verbs: [get, patch]}}\n"
            );
        }
        file(&format!("projects/project-{number}.yaml"), &text)?;
    }
    Ok(())
}
