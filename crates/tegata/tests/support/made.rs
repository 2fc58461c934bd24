//! Mistakes that git can't hold, or that nobody wants to: links, folders in place of files, a MiB of blanks.

use camino::Utf8Path;

use super::tree::{self, Tree};

/// A case by its name, and what it does to its workspace.
pub type Case = (&'static str, fn(&Utf8Path));

const PROJECT: &str = "projects/app.yaml";

/// All of them.
pub const CASES: &[Case] = &[
    ("admission-tables", |root| {
        let shared = std::fs::read_to_string(root.join("runners/shared.yaml")).unwrap();
        let shared = shared.replace("isolation: overwrite", "isolation: admission");
        put(root, "runners/shared.yaml", shared.as_bytes());
        let small = shared.replace("namespace: gitlab-runner", "namespace: small-runner");
        put(root, "runners/small.yaml", small.as_bytes());
        for (runner, from, to) in [("small", 1, 6), ("shared", 6, 24)] {
            for id in from..to {
                let accounts: String = (0..500).map(|at| format!("{{name: a{at:062}}}, ")).collect();
                let file = format!(
                    "project: many/p{id}\nid: {id}\nrunner: {runner}\nnamespace: p{id}\nserviceAccounts: [{accounts}]\n"
                );
                put(root, &format!("projects/p{id}.yaml"), file.as_bytes());
            }
        }
        for (path, id) in [(PROJECT, 100), ("projects/site.yaml", 101)] {
            let text = std::fs::read_to_string(root.join(path)).unwrap();
            put(root, path, format!("id: {id}\n{text}").as_bytes());
        }
    }),
    ("apply-account-sizes", |root| {
        // Each in a cluster of its own: one policy is too large, another almost.
        for (cluster, projects) in [("large", 20), ("medium", 4)] {
            let account = "kubernetes: \"1.37\"\napplyAccount: { namespace: tegata }\n";
            put(root, &format!("clusters/{cluster}.yaml"), account.as_bytes());
            let runner = std::fs::read_to_string(root.join("runners/shared.yaml")).unwrap();
            let runner = runner.replace("cluster: main", &format!("cluster: {cluster}"));
            put(root, &format!("runners/{cluster}.yaml"), runner.as_bytes());
            for number in 0..projects {
                let accounts: String = (0..500).map(|at| format!("{{name: a{at:062}}}, ")).collect();
                let file = format!(
                    "project: {cluster}/p{number}\nrunner: {cluster}\nnamespace: {}{number}\nserviceAccounts: [{accounts}]\n",
                    "n".repeat(50)
                );
                let default = "default: true, name: a";
                put(
                    root,
                    &format!("projects/{cluster}{number}.yaml"),
                    file.replacen("name: a", default, 1).as_bytes(),
                );
            }
        }
    }),
    ("files-a-folder-in-place-of-a-file", |root| {
        remove(root, PROJECT);
        std::fs::create_dir(root.join("roles/deployer.yaml.d")).unwrap();
        remove(root, "clusters/main.yaml");
        std::fs::create_dir(root.join("clusters/main.yaml")).unwrap();
    }),
    ("files-a-role-in-a-sub-folder", |root| {
        let role = std::fs::read(root.join("roles/deployer.yaml")).unwrap();
        remove(root, "roles/deployer.yaml");
        put(root, "roles/apps/deployer.yaml", &role);
    }),
    ("files-carriage-returns-alone", |root| {
        let text = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        put(root, PROJECT, text.replace("runner: shared", "runner: shred").replace('\n', "\r").as_bytes());
    }),
    ("files-a-socket-in-place-of-a-file", |root| {
        // A socket is no file either, and needs no other program.
        remove(root, "runners/shared.yaml");
        drop(std::os::unix::net::UnixListener::bind(root.join("runners/shared.yaml")).unwrap());
    }),
    ("files-hidden-characters", |root| {
        let project = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        let hidden = "    # Reads \u{202e}sdrawkcab\u{202c}.\n    annotations: {owner: \"a\u{2067}b\"}\n";
        put(root, PROJECT, format!("{project}{hidden}").as_bytes());
    }),
    ("files-link-in-a-circle", |root| link(root, "app.yaml", PROJECT)),
    ("files-link-out-of-the-workspace", |root| {
        std::fs::write(root.join("../elsewhere.yaml"), "project: a/b\n").unwrap();
        link(root, "../../elsewhere.yaml", "projects/other.yaml");
    }),
    ("files-link-to-a-folder", |root| link(root, "../roles", "projects/roles")),
    ("files-link-to-nothing", |root| link(root, "gone.yaml", "projects/other.yaml")),
    ("files-linked-folder", |root| {
        std::fs::rename(root.join("projects"), root.join("elsewhere")).unwrap();
        link(root, "elsewhere", "projects");
    }),
    ("files-name-not-utf-8", |root| {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"b\xfcro.yaml");
        std::fs::write(root.join("projects").as_std_path().join(name), "project: a/b\n").unwrap();
    }),
    ("files-names-that-differ-by-case", |root| {
        let role = std::fs::read_to_string(root.join("roles/deployer.yaml")).unwrap();
        put(root, "roles/Deployer.yaml", role.replace("name: deployer", "name: Deployer").as_bytes());
        let project = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        let both = "roles: [{clusterRole: Deployer}, {clusterRole: deployer}]";
        put(root, PROJECT, project.replace("roles: [{clusterRole: deployer}]", both).as_bytes());
    }),
    ("files-no-root-file", |root| remove(root, "tegata.yaml")),
    ("files-root-file-of-another-ending", |root| {
        std::fs::rename(root.join("tegata.yaml"), root.join("tegata.yml")).unwrap();
    }),
    ("files-not-utf-8", |root| put(root, PROJECT, b"# Caf\xe9\nproject: platform/app\n")),
    ("files-nul-byte", |root| put(root, PROJECT, b"project: platform/app\nrunner: sha\0red\n")),
    ("files-runners-is-a-file", |root| {
        std::fs::remove_dir_all(root.join("runners")).unwrap();
        put(root, "runners", b"shared: {}\n");
    }),
    ("files-too-large", |root| put(root, PROJECT, " ".repeat(1024 * 1024 + 1).as_bytes())),
    ("files-utf-16", |root| {
        let text = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        put(root, PROJECT, &units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    }),
    ("out-is-a-file", |root| put(root, "out", b"not a folder\n")),
    ("out-is-a-link", |root| {
        std::fs::create_dir(root.join("elsewhere")).unwrap();
        link(root, "elsewhere", "out");
    }),
    ("yaml-long-text-repeated", |root| {
        let project = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        let repeated = format!("cannot: &text {}\ncan: [{}]\n", "a".repeat(1 << 19), "*text, ".repeat(9));
        put(root, PROJECT, format!("{project}{repeated}").as_bytes());
    }),
    ("yaml-too-many-values", |root| {
        let project = std::fs::read_to_string(root.join(PROJECT)).unwrap();
        put(root, PROJECT, format!("{project}    cannot: [{}]\n", "a, ".repeat(100_001)).as_bytes());
    }),
];

fn put(root: &Utf8Path, path: &str, bytes: &[u8]) {
    tree::write(&Tree::from([(path.into(), bytes.to_vec())]), root);
}

fn remove(root: &Utf8Path, path: &str) {
    std::fs::remove_file(root.join(path)).unwrap();
}

/// A symbolic link at `path` in place of what is there.
fn link(root: &Utf8Path, target: &str, path: &str) {
    let path = root.join(path);
    if path.is_file() {
        std::fs::remove_file(&path).unwrap();
    }
    std::os::unix::fs::symlink(target, path).unwrap();
}
