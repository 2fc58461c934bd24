//! A proxy between a command and the API server, which answers as a server in trouble does.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio::net::TcpListener;

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is answered by the server.
    None,
    /// The server wants to be left alone for a second.
    TooMany,
    /// It never arrives, and the answer is an error.
    Error,
    /// It arrives, and the answer is an error.
    ErrorAfter,
    /// It never arrives, and the connection breaks.
    Reset,
    /// It arrives, and the connection breaks.
    ResetAfter,
    /// It takes its time.
    Slow,
    /// The answer is cut off, and looks whole to HTTP.
    Cut,
    /// The list that is being read is forgotten.
    Expired,
    /// An admission policy refuses it.
    Denied,
}

/// Decides by the method, the path, and how often this very request has come.
pub type Decide = Box<dyn FnMut(&Method, &str, usize) -> Fault + Send>;

/// What the proxy saw.
#[derive(Default)]
pub struct Seen {
    /// How often each request came.
    pub requests: BTreeMap<String, usize>,
    /// The form in which each answer was asked for.
    pub forms: BTreeMap<String, String>,
    /// Faults that were made.
    pub faults: Vec<Fault>,
    /// Requests that came again before the server wanted to hear them.
    pub impatient: Vec<String>,
    quiet_until: BTreeMap<String, Instant>,
}

/// A running proxy. It ends with the test's process.
pub struct Proxy {
    pub kubeconfig: Utf8PathBuf,
    pub seen: Arc<Mutex<Seen>>,
}

struct Inner {
    client: Client,
    decide: Mutex<Decide>,
    seen: Arc<Mutex<Seen>>,
}

impl Proxy {
    /// Starts a proxy to the server of a kubeconfig; its own lies in the folder, and needs no token.
    pub fn start(kubeconfig: &Utf8Path, folder: &Utf8Path, decide: Decide) -> Proxy {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let (tell, told) = std::sync::mpsc::channel();
        let (kubeconfig, inner_seen) = (kubeconfig.to_owned(), Arc::clone(&seen));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let config = kube::config::Kubeconfig::read_from(&kubeconfig).unwrap();
                let config = kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap();
                let client = Client::try_from(config).unwrap();
                let inner = Arc::new(Inner { client, decide: Mutex::new(decide), seen: inner_seen });
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let inner = Arc::clone(&inner);
                    tokio::spawn(async move {
                        let service =
                            hyper::service::service_fn(|request| answer(Arc::clone(&inner), request));
                        // A connection that breaks is what this is for.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    });
                }
            });
        });
        let address = told.recv().unwrap();
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{ "name": "proxy", "cluster": { "server": format!("http://{address}") } }],
            "contexts": [{ "name": "proxy", "context": { "cluster": "proxy", "user": "nobody" } }],
            "users": [{ "name": "nobody", "user": {} }],
            "current-context": "proxy",
        });
        let path = folder.join("proxy.kubeconfig");
        std::fs::write(&path, config.to_string()).unwrap();
        Proxy { kubeconfig: path, seen }
    }
}

async fn answer(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| broken())?.to_bytes();
    let path = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let form = parts.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default();
    inner.seen.lock().unwrap().forms.insert(path.clone(), form.to_owned());
    let fault = inner.decide(&parts.method, &path);
    match fault {
        Fault::TooMany => {
            let answer = Response::builder().status(429).header("retry-after", "1");
            return Ok(answer.body(Full::from("Too many requests, please try again later.\n")).unwrap());
        }
        Fault::Error => return Ok(status(500, "InternalError", "etcd is not well")),
        Fault::Expired => return Ok(status(410, "Expired", "the provided continue parameter is too old")),
        Fault::Denied => {
            let message = "x is forbidden: ValidatingAdmissionPolicy 'a' with binding 'a' denied request: no";
            return Ok(status(403, "Forbidden", message));
        }
        Fault::Reset => return Err(broken()),
        Fault::Slow => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    let mut forwarded = Request::builder().method(parts.method).uri(path);
    for name in ["accept", "content-type"] {
        if let Some(value) = parts.headers.get(name) {
            forwarded = forwarded.header(name, value);
        }
    }
    let forwarded = forwarded.body(Body::from(body.to_vec())).unwrap();
    let (parts, body) = inner.client.send(forwarded).await.map_err(|_| broken())?.into_parts();
    let mut body = body.collect_bytes().await.map_err(|_| broken())?;
    match fault {
        Fault::ErrorAfter => return Ok(status(500, "InternalError", "etcd is not well")),
        Fault::ResetAfter => return Err(broken()),
        Fault::Cut => body.truncate(body.len() / 2),
        _ => {}
    }
    let answer = Response::builder().status(parts.status).header("content-type", "application/json");
    Ok(answer.body(Full::from(body)).unwrap())
}

impl Inner {
    fn decide(&self, method: &Method, path: &str) -> Fault {
        let mut seen = self.seen.lock().unwrap();
        let name = format!("{method} {path}");
        if seen.quiet_until.remove(&name).is_some_and(|until| Instant::now() < until) {
            seen.impatient.push(name.clone());
        }
        let times = seen.requests.entry(name.clone()).or_default();
        *times += 1;
        let times = *times;
        let fault = (self.decide.lock().unwrap())(method, path, times);
        if fault == Fault::TooMany {
            seen.quiet_until.insert(name, Instant::now() + Duration::from_secs(1));
        }
        if fault != Fault::None {
            seen.faults.push(fault);
        }
        fault
    }
}

fn status(code: u16, reason: &str, message: &str) -> Response<Full<Bytes>> {
    let status = json!({
        "apiVersion": "v1", "kind": "Status", "status": "Failure",
        "code": code, "reason": reason, "message": message,
    });
    let answer = Response::builder().status(code).header("content-type", "application/json");
    answer.body(Full::from(status.to_string())).unwrap()
}

fn broken() -> Error {
    Error::from(ErrorKind::ConnectionReset)
}

/// Faults of all kinds, two times in a row at most: enough of the same request goes through.
pub fn storm(seed: u64) -> Decide {
    let mut state = seed;
    let mut row: BTreeMap<String, usize> = BTreeMap::new();
    Box::new(move |method, path, _| {
        // A step of splitmix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^= mixed >> 27;
        let faults = [
            Fault::TooMany,
            Fault::Error,
            Fault::ErrorAfter,
            Fault::Reset,
            Fault::ResetAfter,
            Fault::Slow,
            Fault::Cut,
        ];
        let faults_in_a_row = row.entry(format!("{method} {path}")).or_default();
        if !mixed.is_multiple_of(2) || *faults_in_a_row >= 2 {
            *faults_in_a_row = 0;
            return Fault::None;
        }
        *faults_in_a_row += 1;
        faults.get(usize::try_from((mixed >> 8) % 7).unwrap_or_default()).copied().unwrap_or(Fault::None)
    })
}
