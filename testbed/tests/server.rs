//! The server does what the other tests build upon.

use serde_json::{Value, json};
use testbed::{ApiServer, Options, down, up};

const GRANT: &str = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "cicd"}},
  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "kp-account", "namespace": "cicd"}},
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "reader", "namespace": "cicd"},
   "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]},
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
   "metadata": {"name": "reader", "namespace": "cicd"},
   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
   "subjects": [{"kind": "ServiceAccount", "name": "kp-account", "namespace": "cicd"}]}
]}"#;

/// One server for what doesn't disturb each other: a start is most of the time.
#[test]
fn accounts_may_what_they_are_granted_and_nothing_else() {
    let server = ApiServer::start().unwrap();
    server.kubectl_with_input(&["apply", "-f", "-"], GRANT).unwrap();

    let config = server.service_account_kubeconfig("cicd", "kp-account").unwrap();
    let as_account = format!("--kubeconfig={config}");
    let pods = server.kubectl(&["get", "pods", &as_account]).unwrap();
    assert_eq!(pods, "");
    let refused = server.kubectl_output(&["get", "deployments", &as_account], "").unwrap();
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(
        message.contains(
            r#"User "system:serviceaccount:cicd:kp-account" cannot list resource "deployments" in API group "apps""#
        ),
        "{message}"
    );

    let review = |verb: &str, group: &str, resource: &str| -> Value {
        json!({
            "user": "system:serviceaccount:cicd:kp-account",
            "groups": ["system:serviceaccounts", "system:serviceaccounts:cicd", "system:authenticated"],
            "resourceAttributes": { "namespace": "cicd", "verb": verb, "group": group, "resource": resource },
        })
    };
    let questions =
        [review("list", "", "pods"), review("list", "apps", "deployments"), review("get", "", "pods")];
    assert_eq!(server.access_reviews(&questions).unwrap(), [true, false, false]);
    assert_eq!(server.access_reviews(&questions[..1]).unwrap(), [true]);
    assert_eq!(server.access_reviews(&[]).unwrap(), [false; 0]);

    let error = server.kubectl(&["get", "nonsense"]).unwrap_err().to_string();
    assert!(error.contains("kubectl") && error.contains("nonsense"), "{error}");
}

#[test]
fn a_stopped_server_leaves_nothing_behind() {
    let server = ApiServer::start().unwrap();
    let folder = server.folder().unwrap().to_owned();
    let address = server.url().strip_prefix("https://").unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(server);
    assert!(std::net::TcpStream::connect(&address).is_err());
    assert!(!folder.exists());
}

#[test]
fn a_server_for_people_stays_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::from_env().unwrap();
    // The parts from the cache, so that the person's own server, which lives there, isn't the one that is stopped.
    let parts = testbed::build(&options.clone().with_parts(&testbed::Part::SERVER)).unwrap();
    let assets = camino::Utf8Path::from_path(folder.path()).unwrap().join("assets");
    fs_err::create_dir(&assets).unwrap();
    for part in testbed::Part::SERVER {
        fs_err::os::unix::fs::symlink(parts.path(part).unwrap(), assets.join(part.name())).unwrap();
    }
    options.cache = assets.with_file_name("cache");
    options.assets = Some(assets);

    assert!(!down(&options).unwrap());
    let kubeconfig = up(&options).unwrap();
    assert!(kubeconfig.exists());
    assert_eq!(up(&options).unwrap(), kubeconfig);
    assert!(down(&options).unwrap());
    assert!(!kubeconfig.exists());
    assert!(!down(&options).unwrap());
}
