//! The phrases of `can` and `cannot`: `list deployments.apps in kube-system`.
//!
//! They read like the arguments of `kubectl auth can-i`, with three differences, each to make a
//! phrase mean one thing only: a resource outside of the core group is written with its group,
//! a subresource after a slash (`pods/log`; kubectl takes that for the pod `log`), and the place
//! in words (`in kube-system`, `in all namespaces`).
//!
//! ```text
//! phrase   = verb target [ "in" ( namespace | "all namespaces" ) ]
//! target   = "*" | "/" path | resource [ "." group ] [ "/" detail ]
//! detail   = subresource | name | name "/" subresource
//! ```

mod place;
mod swapped;
mod target;
mod verb;
mod word;

use std::error::Error;
use std::fmt;
use std::ops::Range;

use self::word::{Word, words};
use crate::catalogue::{Catalogue, Scope};
use crate::resource_suggestion::dotted;

/// What a phrase asks about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A resource that exists.
    Resource {
        /// The API group, empty for the core group.
        group: String,
        /// The plural.
        resource: String,
        /// The subresource: `log`.
        subresource: Option<String>,
        /// The name of one object.
        name: Option<String>,
    },
    /// `*`: every resource of every group.
    AnyResource,
    /// An address that is no resource: `/healthz`.
    Url(String),
}

/// Where it is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the project's own namespace, as nothing else is said.
    Own,
    /// `in NAMESPACE`
    Namespace(String),
    /// `in all namespaces`
    AllNamespaces,
}

/// A question that has the answer yes or no.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    /// The verb, or `*` for all of them.
    pub verb: String,
    /// What it is done to.
    pub target: Target,
    /// Where.
    pub place: Place,
}

/// What is wrong with a phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhraseProblem {
    /// The bytes of the phrase that are at fault.
    pub range: Range<usize>,
    /// What is wrong, as a sentence without a full stop.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl fmt::Display for PhraseProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for PhraseProblem {}

impl Permission {
    /// Reads a phrase.
    ///
    /// # Errors
    /// If it isn't one, or names what doesn't exist: the first thing that is wrong.
    pub fn parse(phrase: &str, catalogue: &Catalogue) -> Result<Self, PhraseProblem> {
        let words = words(phrase);
        let read = Self::read(phrase, &words, catalogue);
        read.map_err(|problem| swapped::problem(&words, catalogue).unwrap_or(problem))
    }

    /// Reads the words of a phrase as they stand.
    fn read(phrase: &str, words: &[Word<'_>], catalogue: &Catalogue) -> Result<Self, PhraseProblem> {
        let mut rest = words.iter();
        let Some(verb) = rest.next() else {
            return Err(PhraseProblem {
                range: 0..phrase.len(),
                message: "the phrase is empty".to_owned(),
                help: "write a verb and a resource, such as `list pods`".to_owned(),
            });
        };
        let Some(target_word) = rest.next() else {
            return Err(verb.problem(
                format!("`{}` alone says too little", verb.shown()),
                "write a verb and a resource, such as `list pods`",
            ));
        };
        let found = target::read(target_word, catalogue)?;
        verb::check(verb, &found.target, catalogue)?;
        let place = place::read(verb, target_word, &found, rest.as_slice())?;
        Ok(Self { verb: verb.text.to_owned(), target: found.target, place })
    }

    /// The namespace of the question as the API server is asked it (`namespace` in a
    /// SubjectAccessReview): empty for cluster-scoped resources, addresses, and all namespaces.
    ///
    /// An object of kind Namespace is asked for in the namespace of that name, which is why a
    /// RoleBinding can grant it (`apiserver/pkg/endpoints/request/requestinfo.go`).
    pub fn namespace<'a>(&'a self, own: &'a str, catalogue: &Catalogue) -> &'a str {
        match (&self.target, &self.place) {
            (Target::Url(_), _) | (_, Place::AllNamespaces) => "",
            (_, Place::Namespace(namespace)) => namespace,
            (Target::Resource { group, resource, name: Some(name), .. }, Place::Own)
                if group.is_empty() && resource == "namespaces" =>
            {
                name
            }
            (Target::Resource { group, resource, .. }, Place::Own)
                if catalogue.find(group, resource).is_some_and(|info| info.scope == Scope::Cluster) =>
            {
                ""
            }
            (_, Place::Own) => own,
        }
    }
}

impl fmt::Display for Permission {
    /// The phrase, in its normal form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.verb)?;
        match &self.target {
            Target::AnyResource => f.write_str("*")?,
            Target::Url(path) => f.write_str(path)?,
            Target::Resource { group, resource, subresource, name } => {
                f.write_str(&dotted(group, resource))?;
                for detail in [name, subresource].into_iter().flatten() {
                    write!(f, "/{detail}")?;
                }
            }
        }
        match &self.place {
            Place::Own => Ok(()),
            Place::Namespace(namespace) => write!(f, " in {namespace}"),
            Place::AllNamespaces => f.write_str(" in all namespaces"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::CustomResource;
    use proptest::prelude::*;

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::for_version("1.37").unwrap();
        catalogue
            .add(CustomResource {
                group: "kpack.io".to_owned(),
                name: "images".to_owned(),
                namespaced: true,
                verbs: vec!["promote".to_owned()],
                ..CustomResource::default()
            })
            .unwrap();
        catalogue
    }

    fn resource(group: &str, resource: &str, subresource: &str, name: &str) -> Target {
        let some = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        Target::Resource {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: some(subresource),
            name: some(name),
        }
    }

    #[track_caller]
    fn good(phrase: &str, verb: &str, target: Target, place: Place) {
        let permission = Permission::parse(phrase, &catalogue()).unwrap();
        assert_eq!(permission, Permission { verb: verb.to_owned(), target, place }, "{phrase}");
        let again = Permission::parse(&permission.to_string(), &catalogue()).unwrap();
        assert_eq!(again, permission, "the normal form of {phrase}");
    }

    #[test]
    fn phrases() {
        let kube_system = || Place::Namespace("kube-system".to_owned());
        good("list pods", "list", resource("", "pods", "", ""), Place::Own);
        good("list deployments.apps", "list", resource("apps", "deployments", "", ""), Place::Own);
        good("get pods/log", "get", resource("", "pods", "log", ""), Place::Own);
        good("get pods/web", "get", resource("", "pods", "", "web"), Place::Own);
        good("get pods/web/log", "get", resource("", "pods", "log", "web"), Place::Own);
        good("get configmaps/settings", "get", resource("", "configmaps", "", "settings"), Place::Own);
        good("create images.kpack.io", "create", resource("kpack.io", "images", "", ""), Place::Own);
        good("promote images.kpack.io/a", "promote", resource("kpack.io", "images", "", "a"), Place::Own);
        good("get deployments.apps/scale", "get", resource("apps", "deployments", "scale", ""), Place::Own);
        good("get secrets in kube-system", "get", resource("", "secrets", "", ""), kube_system());
        good("  get \t secrets  in   kube-system ", "get", resource("", "secrets", "", ""), kube_system());
        good("list pods in all namespaces", "list", resource("", "pods", "", ""), Place::AllNamespaces);
        good("list pods in in", "list", resource("", "pods", "", ""), Place::Namespace("in".to_owned()));
        good("* *", "*", Target::AnyResource, Place::Own);
        good("* * in all namespaces", "*", Target::AnyResource, Place::AllNamespaces);
        good("get *", "get", Target::AnyResource, Place::Own);
        good("promote *", "promote", Target::AnyResource, Place::Own);
        good("get /healthz", "get", Target::Url("/healthz".to_owned()), Place::Own);
        good("list nodes", "list", resource("", "nodes", "", ""), Place::Own);
        good(
            "approve signers.certificates.k8s.io/kubernetes.io/kubelet-serving",
            "approve",
            resource("certificates.k8s.io", "signers", "", "kubernetes.io/kubelet-serving"),
            Place::Own,
        );
        good(
            "impersonate userextras.authentication.k8s.io/scopes",
            "impersonate",
            resource("authentication.k8s.io", "userextras", "scopes", ""),
            Place::Own,
        );
        good(
            "bind clusterroles.rbac.authorization.k8s.io/edit in kube-system",
            "bind",
            resource("rbac.authorization.k8s.io", "clusterroles", "", "edit"),
            kube_system(),
        );
        good(
            "get namespaces/kube-system in kube-system",
            "get",
            resource("", "namespaces", "", "kube-system"),
            kube_system(),
        );
    }

    #[test]
    fn problems() {
        for (phrase, at_fault, message, help) in [
            ("", "", "the phrase is empty", "write a verb and a resource, such as `list pods`"),
            ("  ", "  ", "the phrase is empty", "write a verb and a resource, such as `list pods`"),
            (
                "list",
                "list",
                "`list` alone says too little",
                "write a verb and a resource, such as `list pods`",
            ),
            ("List pods", "List", "there is no verb `List`", "write `list`"),
            ("read pods", "read", "there is no verb `read`", "write `get`"),
            (
                "promote pods",
                "promote",
                "there is no verb `promote`",
                "the verbs are get, list, watch, create, update, patch, delete, deletecollection",
            ),
            ("list Pods", "Pods", "there is no resource `Pods` in the core group", "write `pods`"),
            ("list pod", "pod", "there is no resource `pod` in the core group", "write `pods`"),
            (
                "list deployments",
                "deployments",
                "there is no resource `deployments` in the core group",
                "write `deployments.apps`",
            ),
            (
                "list deploy",
                "deploy",
                "there is no resource `deploy` in the core group",
                "write `deployments.apps`",
            ),
            (
                "get deploy/web",
                "deploy",
                "there is no resource `deploy` in the core group",
                "write `deployments.apps/web`",
            ),
            (
                "list deployments.app",
                "deployments.app",
                "there is no resource `deployments` in group `app`",
                "write `deployments.apps`",
            ),
            (
                "list deployments.v1.apps",
                "deployments.v1.apps",
                "there is no resource `deployments` in group `v1.apps`",
                "write `deployments.apps`",
            ),
            ("list pods.v1", "pods.v1", "there is no resource `pods` in group `v1`", "write `pods`"),
            ("list pods.core", "pods.core", "there is no resource `pods` in group `core`", "write `pods`"),
            (
                "list images",
                "images",
                "there is no resource `images` in the core group",
                "write `images.kpack.io`",
            ),
            (
                "list tasks.tekton.dev",
                "tasks.tekton.dev",
                "there is no resource `tasks` in group `tekton.dev`",
                "if the cluster has it, declare it among the custom resources",
            ),
            (
                "use podsecuritypolicies.policy",
                "podsecuritypolicies.policy",
                "`podsecuritypolicies` was removed in Kubernetes 1.25; Pod Security admission replaced it",
                "remove the phrase",
            ),
            (
                "list .apps",
                ".apps",
                "the resource has no name",
                "write a verb and a resource, such as `list deployments.apps`",
            ),
            (
                "list pods,services",
                "pods,services",
                "`pods,services` is more than one resource",
                "write one phrase for each",
            ),
            (
                "list *.apps",
                "*.apps",
                "`*.apps` stands for more than one resource",
                "name one resource, or write `*` for everything",
            ),
            (
                "get pods/",
                "",
                "nothing stands behind the `/`",
                "write `pods`, or a name or subresource behind the `/`",
            ),
            ("get pods/web/logs", "logs", "`pods` has no subresource `logs`", "write `pods/web/log`"),
            ("get pods/web/qqqqqq", "qqqqqq", "`pods` has no subresource `qqqqqq`", "write `pods/web`"),
            (
                "get pods/..",
                "..",
                "the name `..` of `pods` must not be `..`",
                "write a name without `/`, `%` and invisible characters, 253 bytes at most, other than `.` and `..`",
            ),
            (
                "get /apis/*",
                "/apis/*",
                "`/apis/*` stands for more than one address",
                "write one address, such as `/apis/apps`",
            ),
            ("get /a?b", "/a?b", "`/a?b` is more than the path of an address", "write the path alone: `/a`"),
            ("list /healthz", "list", "nobody can `list` an address", "write `get`"),
            ("get /healthz in x", "in x", "an address is in no namespace", "write `get /healthz`"),
            (
                "list nodes in kube-system",
                "in kube-system",
                "the resource belongs to the whole cluster, not to a namespace",
                "write `list nodes`",
            ),
            (
                "list nodes in all namespaces",
                "in all namespaces",
                "the resource belongs to the whole cluster, not to a namespace",
                "write `list nodes`",
            ),
            (
                "list pods in",
                "in",
                "the namespace is missing",
                "write `list pods in NAMESPACE` or `list pods in all namespaces`",
            ),
            (
                "list pods in all",
                "in all",
                "where that is, is not clear",
                "write `list pods in all namespaces`",
            ),
            (
                "list pods in namespace x",
                "in namespace x",
                "`namespace` is too much",
                "write `list pods in x`",
            ),
            (
                "list pods in Kube_System",
                "Kube_System",
                "the namespace `Kube_System` has an upper-case letter `K`",
                "write `kube-system`",
            ),
            ("list pods in x y z", "y z", "`y` is too much", "remove what stands behind the namespace"),
            ("list pods -n x", "-n x", "`-n` is too much", "write `list pods in x`"),
            (
                "list pods --namespace=x",
                "--namespace=x",
                "`--namespace=x` is too much",
                "write `list pods in x`",
            ),
            ("list pods -A", "-A", "`-A` is too much", "write `list pods in all namespaces`"),
            (
                "get pods --subresource=log",
                "--subresource=log",
                "`--subresource=log` is too much",
                "write `get pods/log`",
            ),
            (
                "get pods web",
                "web",
                "`web` is too much",
                "write `get pods`, `get pods/web` for one object, or `get pods in web` for a namespace",
            ),
            (
                "list -n x",
                "-n",
                "`-n` is an option of kubectl",
                "write the verb, the resource, and then `in NAMESPACE` if needed",
            ),
            ("pods list", "pods list", "the verb comes first", "did you mean `list pods`?"),
            (
                "deployments.apps list",
                "deployments.apps list",
                "the verb comes first",
                "did you mean `list deployments.apps`?",
            ),
            (
                " pods/log  get in kube-system",
                "pods/log  get",
                "the verb comes first",
                "did you mean `get pods/log in kube-system`?",
            ),
            (
                "pods list in all namespaces",
                "pods list",
                "the verb comes first",
                "did you mean `list pods in all namespaces`?",
            ),
            ("* get", "* get", "the verb comes first", "did you mean `get *`?"),
            ("/healthz get", "/healthz get", "the verb comes first", "did you mean `get /healthz`?"),
            (
                "get in kube-system secrets",
                "in kube-system",
                "the namespace comes last",
                "did you mean `get secrets in kube-system`?",
            ),
            (
                "list in all namespaces  deployments.apps",
                "in all namespaces",
                "the namespace comes last",
                "did you mean `list deployments.apps in all namespaces`?",
            ),
            (
                "in kube-system get secrets",
                "in kube-system",
                "the namespace comes last",
                "did you mean `get secrets in kube-system`?",
            ),
            // The other way round they are better, though not good.
            ("pod list", "pod list", "the verb comes first", "did you mean `list pods`?"),
            ("Pods list", "Pods list", "the verb comes first", "did you mean `list pods`?"),
            (
                "deployments patch in x",
                "deployments patch",
                "the verb comes first",
                "did you mean `patch deployments.apps in x`?",
            ),
            (
                "deploy/web promote",
                "deploy/web promote",
                "the verb comes first",
                "begin with `promote`; besides, there is no resource `deploy` in the core group: write `deployments.apps/web`",
            ),
            (
                "image promote",
                "image promote",
                "the verb comes first",
                "did you mean `promote images.kpack.io`?",
            ),
            (
                "qqqqqqqq list",
                "qqqqqqqq list",
                "the verb comes first",
                "begin with `list`; besides, there is no resource `qqqqqqqq` in the core group: \
                 `kubectl api-resources` lists the names; what is in a group is written `NAME.GROUP`",
            ),
            (
                "/healthz list",
                "/healthz list",
                "the verb comes first",
                "begin with `list`; besides, nobody can `list` an address: write `get`",
            ),
            (
                "pods list -n x",
                "pods list",
                "the verb comes first",
                "begin with `list`; besides, `-n` is too much: write `list pods in x`",
            ),
            // A verb in its place, if not of its spelling.
            (
                "Get list",
                "list",
                "there is no resource `list` in the core group",
                "`kubectl api-resources` lists the names; what is in a group is written `NAME.GROUP`",
            ),
            ("list\u{3000}pod", "pod", "there is no resource `pod` in the core group", "write `pods`"),
        ] {
            let problem = Permission::parse(phrase, &catalogue()).unwrap_err();
            assert_eq!(
                (&phrase[problem.range.clone()], problem.message.as_str(), problem.help.as_str()),
                (at_fault, message, help),
                "{phrase:?}"
            );
        }
    }

    #[test]
    fn what_came_later() {
        let old = Catalogue::for_version("1.30").unwrap();
        let problem = Permission::parse("list deviceclasses.resource.k8s.io", &old).unwrap_err();
        assert_eq!(
            problem.message,
            "there is no resource `deviceclasses` in group `resource.k8s.io` before Kubernetes 1.34"
        );
    }

    #[test]
    fn the_namespace_that_the_api_server_is_asked_about() {
        let catalogue = catalogue();
        for (phrase, expected) in [
            ("list pods", "own"),
            ("list pods in x", "x"),
            ("list pods in all namespaces", ""),
            ("list nodes", ""),
            ("get /healthz", ""),
            ("get namespaces/x", "x"),
            ("list namespaces", ""),
            ("* *", "own"),
            ("* * in all namespaces", ""),
        ] {
            let permission = Permission::parse(phrase, &catalogue).unwrap();
            assert_eq!(permission.namespace("own", &catalogue), expected, "{phrase}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(phrase in any::<String>()) {
            check_any(&phrase);
        }

        #[test]
        fn near_phrases_get_an_answer(
            phrase in "(get|list|\\*|[a-z]{1,4}) (pods?|nodes|deployments)[./*a-zäA-Z -]{0,12}( in| all|\u{3000}|[a-z./*-]{1,5}){0,4}",
        ) {
            check_any(&phrase);
        }
    }

    /// What is read can be written and read again; what is refused says where.
    fn check_any(phrase: &str) {
        let catalogue = catalogue();
        match Permission::parse(phrase, &catalogue) {
            Ok(permission) => {
                assert_eq!(Permission::parse(&permission.to_string(), &catalogue), Ok(permission));
            }
            Err(problem) => {
                assert!(phrase.get(problem.range).is_some());
                assert!(!problem.message.is_empty() && !problem.help.is_empty());
            }
        }
    }
}
