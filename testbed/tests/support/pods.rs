//! All pods that were ever made: a job's end deletes its own.

use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testbed::ApiServer;

/// Waits until something is there.
pub fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A watch of all pods.
pub struct Watcher {
    kubectl: Child,
    thread: Option<JoinHandle<()>>,
    pods: Arc<Mutex<Vec<Value>>>,
}

impl Watcher {
    /// Begins, and has begun when this returns.
    pub fn start(server: &ApiServer) -> Watcher {
        let watch = ["get", "pods", "--all-namespaces", "--watch", "--output-watch-events", "-o", "json"];
        let mut kubectl = server.kubectl_command().args(watch).stdout(Stdio::piped()).spawn().unwrap();
        let pods = Arc::new(Mutex::new(Vec::new()));
        let output = kubectl.stdout.take().unwrap();
        let thread = std::thread::spawn({
            let pods = Arc::clone(&pods);
            move || {
                let events = serde_json::Deserializer::from_reader(output).into_iter::<Value>();
                for event in events.map_while(Result::ok).filter(|event| event["type"] == "ADDED") {
                    pods.lock().unwrap().push(event["object"].clone());
                }
            }
        });
        let watcher = Watcher { kubectl, thread: Some(thread), pods };
        watcher.catch_up(server);
        watcher
    }

    /// The pods of a job, by the annotation that the runner writes.
    pub fn pods_of_job(&self, id: u32) -> Vec<Value> {
        let pods = self.pods.lock().unwrap();
        let is_it = |pod: &&Value| {
            pod["metadata"]["annotations"]["job.runner.gitlab.com/id"] == json!(id.to_string())
        };
        pods.iter().filter(is_it).cloned().collect()
    }

    /// Waits until all pods that were made before have been seen. They come in the order in which they were made.
    pub fn catch_up(&self, server: &ApiServer) {
        // No controller makes `default` accounts here. The second time, this one is there.
        let account = ["create", "serviceaccount", "watched", "-n", "default"];
        let _ = server.kubectl_output(&account, "").unwrap();
        let last = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "generateName": "watched-", "namespace": "default" },
            "spec": { "serviceAccountName": "watched", "containers": [{ "name": "x", "image": "x" }] },
        });
        let name = ["create", "-f", "-", "-o", "jsonpath={.metadata.name}"];
        let name = server.kubectl_with_input(&name, &last.to_string()).unwrap();
        wait("the watch of pods catches up", || {
            let pods = self.pods.lock().unwrap();
            pods.iter().any(|pod| pod["metadata"]["name"] == name.as_str()).then_some(())
        });
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.kubectl.kill();
        let _ = self.kubectl.wait();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
