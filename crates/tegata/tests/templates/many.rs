//! Templates that fail for hundreds of files: what is told does not depend on chance.

use std::fs;

use camino::Utf8Path;
use tegata::diagnostic::human;
use tegata::{Mode, generate};

use super::{ACCOUNT, INCLUDE, repository};

/// The workspace of the tests with more projects, and these templates.
fn workspace(projects: usize, templates: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    super::copy(&repository().join("crates/tegata/tests/base"), root);
    for number in 0..projects {
        let project = format!(
            "project: many/p{number}\nrunner: shared\nnamespace: p{number}\nserviceAccounts: [{{name: build, default: true}}]\n"
        );
        fs::write(root.join(format!("projects/p{number}.yaml")), project).unwrap();
    }
    for (name, text) in templates {
        let path = root.join("templates").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What is told of a workspace where so many threads do the work.
fn told(folder: &tempfile::TempDir, threads: usize) -> String {
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let report = pool.install(|| generate(root, Mode::Check, &|_, _| {}));
    human::text(&report.diagnostics, &report.sources, false)
}

#[test]
fn the_same_is_told_on_however_many_threads() {
    let include = "# {% if \"7\" in project %}{{ nmae }}{% endif %}{% if \"3\" in project %}{{ project.foo }}{% endif %}\n";
    let folder = workspace(120, &[(INCLUDE, include), (ACCOUNT, "# {{ object.nmae }}\n")]);
    let first = told(&folder, 1);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "." }, {
        insta::assert_snapshot!("many-files", first.trim_end());
    });
    for threads in [2, 8, 1, 8, 2, 8, 3, 8] {
        assert_eq!(told(&folder, threads), first, "{threads}");
    }
}
