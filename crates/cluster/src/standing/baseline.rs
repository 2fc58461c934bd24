//! What every account may do on any cluster, by Kubernetes' own bindings.

use std::sync::LazyLock;

use tegata_rbac::PolicyRule;

/// The rules of `system:basic-user`, `system:discovery`, `system:public-info-viewer`,
/// `system:service-account-issuer-discovery` and, where the server serves them, `system:cluster-trust-bundle-discovery`
/// (`bootstrappolicy/policy.go` of Kubernetes), which are bound to all who have logged in, or to all accounts. By their
/// rules and not by their names: a role of Kubernetes' own to which somebody has added is more than this.
pub fn baseline() -> &'static [PolicyRule] {
    static BASELINE: LazyLock<Vec<PolicyRule>> = LazyLock::new(|| {
        vec![
            resources(
                "create",
                "authorization.k8s.io",
                &["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ),
            resources("create", "authentication.k8s.io", &["selfsubjectreviews"]),
            resources("get list watch", "certificates.k8s.io", &["clustertrustbundles"]),
            get(&[
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/",
            ]),
            get(&[
                "/.well-known/openid-configuration",
                "/.well-known/openid-configuration/",
                "/openid/v1/jwks",
                "/openid/v1/jwks/",
            ]),
        ]
    });
    &BASELINE
}

fn resources(verbs: &str, group: &str, resources: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: vec![group.to_owned()],
        resources: texts(resources),
        verbs: verbs.split(' ').map(str::to_owned).collect(),
        ..PolicyRule::default()
    }
}

fn get(urls: &[&str]) -> PolicyRule {
    PolicyRule { verbs: vec!["get".to_owned()], non_resource_urls: texts(urls), ..PolicyRule::default() }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
