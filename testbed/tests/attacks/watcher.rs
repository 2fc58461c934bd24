//! All pods that were ever made: a job's end deletes its own.

use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use testbed::ApiServer;

pub struct Watcher {
    kubectl: Child,
    thread: Option<JoinHandle<()>>,
    pods: Arc<Mutex<Vec<Value>>>,
}

impl Watcher {
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
        Watcher { kubectl, thread: Some(thread), pods }
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
        let last = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "last", "namespace": "default" },
            "spec": { "containers": [{ "name": "x", "image": "x" }] },
        });
        server.kubectl_with_input(&["create", "-f", "-"], &last.to_string()).unwrap();
        crate::wait("the watch of pods catches up", || {
            let pods = self.pods.lock().unwrap();
            pods.iter().any(|pod| pod["metadata"]["name"] == "last").then_some(())
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
