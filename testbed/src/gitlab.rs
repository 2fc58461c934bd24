//! A GitLab that has one job to give.
//!
//! It answers what a runner asks from taking a job to its end: `POST jobs/request`, `PUT jobs/:id` and
//! `PATCH jobs/:id/trace` (`lib/api/ci/runner.rb` in GitLab, `network/gitlab.go` in GitLab Runner).

mod job;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow};
use serde_json::Value;
use tiny_http::{Header, Method, Request, Response, Server};

pub use job::Job;

/// What the runner told GitLab about the job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The job's log, without colours.
    pub trace: String,
    /// `success` or `failed`; empty if the runner never said.
    pub state: String,
    /// Why it failed, such as `runner_system_failure`; empty if it did not.
    pub failure_reason: String,
}

#[derive(Debug, Default)]
struct Seen {
    job: Option<Value>,
    trace: Vec<u8>,
    state: String,
    failure_reason: String,
}

/// A GitLab on loopback; dropping it stops it.
pub struct GitLab {
    url: String,
    seen: Arc<Mutex<Seen>>,
    server: Arc<Server>,
    thread: Option<JoinHandle<()>>,
}

impl GitLab {
    /// Starts a GitLab that gives this job to the first runner that asks, and none afterwards.
    pub fn start(job: &Job) -> Result<Self> {
        let server =
            Server::http(("127.0.0.1", 0)).map_err(|error| anyhow!("cannot listen on 127.0.0.1: {error}"))?;
        let address = server.server_addr().to_ip().context("the GitLab of the tests has no port")?;
        let seen = Arc::new(Mutex::new(Seen { job: Some(job.payload()), ..Seen::default() }));
        let server = Arc::new(server);
        let thread = std::thread::spawn({
            let (server, seen) = (Arc::clone(&server), Arc::clone(&seen));
            let path = format!("/api/v4/jobs/{}", job.id);
            move || {
                for mut request in server.incoming_requests() {
                    let response = answer(&mut request, &path, &mut lock(&seen));
                    // A runner that went away hears nothing; its exit code tells the rest.
                    let _ = request.respond(response);
                }
            }
        });
        Ok(Self { url: format!("http://{address}/"), seen, server, thread: Some(thread) })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the runner has told so far.
    pub fn told(&self) -> Told {
        let seen = lock(&self.seen);
        Told {
            trace: plain(&String::from_utf8_lossy(&seen.trace)),
            state: seen.state.clone(),
            failure_reason: seen.failure_reason.clone(),
        }
    }
}

impl Drop for GitLab {
    fn drop(&mut self) {
        self.server.unblock();
        if let Some(thread) = self.thread.take() {
            // A panic there has left its words on standard error.
            let _ = thread.join();
        }
    }
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

type Answer = Response<std::io::Cursor<Vec<u8>>>;

/// `job` is the path of the one job.
fn answer(request: &mut Request, job: &str, seen: &mut Seen) -> Answer {
    let mut body = Vec::new();
    if request.as_reader().read_to_end(&mut body).is_err() {
        return status(400);
    }
    let path = request.url().split('?').next().unwrap_or_default().to_owned();
    match (request.method(), path.as_str()) {
        (Method::Post, "/api/v4/jobs/request") => match seen.job.take() {
            Some(job) => json(201, job.to_string()),
            None => status(204),
        },
        (Method::Put, path) if path == job => update(&body, seen),
        (Method::Patch, path) if path == format!("{job}/trace") => append(request, &body, seen),
        _ => status(404),
    }
}

/// The state of the job: `running` at first, then how it ended.
fn update(body: &[u8], seen: &mut Seen) -> Answer {
    let Ok(update) = serde_json::from_slice::<Value>(body) else { return status(400) };
    let text = |key: &str| update.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    seen.state = text("state");
    seen.failure_reason = text("failure_reason");
    json(200, "{}".to_owned())
}

/// A piece of the log. `Content-Range` says where it begins; the answer, how much is there.
fn append(request: &Request, body: &[u8], seen: &mut Seen) -> Answer {
    let range = request.headers().iter().find(|header| header.field.equiv("Content-Range"));
    let start = range.and_then(|range| range.value.as_str().split('-').next()?.trim().parse::<usize>().ok());
    let fits = start == Some(seen.trace.len());
    if fits {
        seen.trace.extend(body);
    }
    let response = status(if fits { 202 } else { 416 });
    match header("Range", &format!("0-{}", seen.trace.len())) {
        Some(header) => response.with_header(header),
        None => status(500),
    }
}

fn status(code: u16) -> Answer {
    Response::from_data(Vec::new()).with_status_code(code)
}

fn json(code: u16, text: String) -> Answer {
    let response = Response::from_string(text).with_status_code(code);
    match header("Content-Type", "application/json") {
        Some(header) => response.with_header(header),
        None => status(500),
    }
}

fn header(name: &str, value: &str) -> Option<Header> {
    Header::from_bytes(name, value).ok()
}

/// A log as people read it: without the escape sequences for colours and for the folding of sections.
fn plain(log: &str) -> String {
    let mut text = String::new();
    let mut characters = log.chars();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => {
                // `ESC [ … letter`.
                let _ = characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
            }
            '\r' => text.push('\n'),
            other => text.push(other),
        }
    }
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.filter(|line| !line.starts_with("section_")).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_read_without_colours_and_sections() {
        let log = "section_start:1:x\r\u{1b}[0K\u{1b}[0;mRunning\r\n\r\n\u{1b}[31;1mERROR: no\u{1b}[0;m\n";
        assert_eq!(plain(log), "Running\nERROR: no\n");
    }

    #[test]
    fn a_job_is_given_once() {
        let mut seen = Seen { job: Some(Job::new(1, "a/b").payload()), ..Seen::default() };
        assert!(seen.job.take().is_some());
        assert!(seen.job.take().is_none());
    }

    #[test]
    fn a_state_has_a_reason_or_none() {
        let mut seen = Seen::default();
        update(br#"{"state": "failed", "failure_reason": "script_failure"}"#, &mut seen);
        assert_eq!((seen.state.as_str(), seen.failure_reason.as_str()), ("failed", "script_failure"));
        update(br#"{"state": "success"}"#, &mut seen);
        assert_eq!((seen.state.as_str(), seen.failure_reason.as_str()), ("success", ""));
    }
}
