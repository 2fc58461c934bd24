//! A node runs pods, and leaves nothing behind, however it ends.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and one of them is read by another"
)]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::{Image, Node};

/// What the rest of the machine sees: interfaces, mounts, control groups.
fn seen() -> BTreeSet<String> {
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let mut seen = BTreeSet::new();
    for line in run("ip", &["-oneline", "link"]).lines() {
        let name = line.split(": ").nth(1).unwrap();
        seen.insert(format!("interface {}", name.split('@').next().unwrap()));
    }
    for line in std::fs::read_to_string("/proc/self/mountinfo").unwrap().lines() {
        seen.insert(format!("mount {}", line.split(' ').nth(4).unwrap()));
    }
    for line in run("find", &["/sys/fs/cgroup", "-type", "d"]).lines() {
        seen.insert(format!("control group {line}"));
    }
    seen
}

/// A node's name in a text.
fn names_a_node(text: &str) -> bool {
    text.split("tegata").skip(1).any(|rest| rest.chars().take_while(char::is_ascii_hexdigit).count() >= 8)
}

/// Waits until the machine is as before: another program's control groups may come and go meanwhile, and other nodes
/// may run.
#[track_caller]
fn nothing_is_left(before: &BTreeSet<String>, name: &str, folder: &str) {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        let mut left: Vec<_> = seen().difference(before).cloned().collect();
        left.retain(|line| line.contains(name) || !names_a_node(line));
        if std::path::Path::new(folder).exists() {
            left.push(folder.to_owned());
        }
        left.extend(processes_of(folder));
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < patience, "left behind: {left:#?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The commands of processes that name the folder.
fn processes_of(folder: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let command = std::fs::read(entry.ok()?.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&command).replace('\0', " "))
    });
    processes.filter(|command| command.contains(folder)).collect()
}

fn run_a_pod(node: &Node) -> String {
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "hello" },
        "spec": {
            "restartPolicy": "Never",
            "containers": [{
                "name": "hello",
                "image": Image::Job.reference(),
                "command": ["sh", "-c", "kubectl auth whoami -o jsonpath={.status.userInfo.username}"],
            }],
        },
    });
    node.kubectl_with_input(&["apply", "-f", "-"], &pod.to_string()).unwrap();
    node.kubectl(&["wait", "pod/hello", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s"])
        .unwrap();
    node.kubectl(&["logs", "hello"]).unwrap()
}

/// One after the other: each looks at the whole machine.
#[test]
fn a_node_runs_a_pod_and_leaves_nothing_behind() {
    let before = seen();
    let node = Node::start().unwrap();
    let (name, folder) = (node.name().to_owned(), node.folder().unwrap().to_string());
    assert!(seen().contains(&format!("interface {name}")));
    assert_eq!(run_a_pod(&node), "system:serviceaccount:default:default");
    let asked = node.audit().unwrap();
    assert!(
        asked.iter().any(|request| request["user"]["username"] == "system:serviceaccount:default:default"
            && request["objectRef"]["resource"] == "selfsubjectreviews"),
        "{asked:#?}"
    );
    // A second one, while the first runs, whose owner is killed.
    let (mut owner, other, other_folder) = owner_of_a_node();
    assert_ne!(name, other);
    owner.kill().unwrap();
    owner.wait().unwrap();
    nothing_is_left(&seen_with(&before, &name), &other, &other_folder);
    assert!(node.kubectl(&["get", "node"]).is_ok(), "a node ended with another one");
    drop(node);
    nothing_is_left(&before, &name, &folder);
}

/// What was there before, and what there is of a node that still runs.
fn seen_with(before: &BTreeSet<String>, name: &str) -> BTreeSet<String> {
    before.iter().cloned().chain(seen().into_iter().filter(|line| line.contains(name))).collect()
}

/// Another process that has a node, the node's name, and its folder.
fn owner_of_a_node() -> (std::process::Child, String, String) {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "holds_a_node", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(owner.stdout.take().unwrap());
    let line = output.lines().map(Result::unwrap).find(|line| line.contains("holds ")).unwrap();
    let mut words = line.split(' ').skip_while(|word| !word.ends_with("holds")).skip(1).map(str::to_owned);
    (owner, words.next().unwrap(), words.next().unwrap())
}

#[test]
#[ignore = "`a_node_runs_a_pod_and_leaves_nothing_behind` runs it, and kills it"]
fn holds_a_node() {
    let node = Node::start().unwrap();
    println!("holds {} {}", node.name(), node.folder().unwrap());
    loop {
        std::thread::park();
    }
}
