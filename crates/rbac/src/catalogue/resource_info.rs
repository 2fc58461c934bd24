//! What is known of a resource.

/// Whether the objects of a resource live in a namespace or belong to the whole cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In a namespace.
    Namespaced,
    /// Of the cluster.
    Cluster,
}

/// A few words with commas between them, as they stand in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words<'a>(pub(super) &'a str);

impl<'a> Words<'a> {
    /// The words in their order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        self.0.split(',').filter(|word| !word.is_empty())
    }

    /// Whether `word` is one of them.
    pub fn contains(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// A resource or subresource that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceInfo<'a> {
    /// The API group, empty for the core group.
    pub group: &'a str,
    /// The plural, and the subresource if this is one: `pods`, `pods/log`.
    pub resource: &'a str,
    /// Whether its objects live in a namespace; a subresource has its resource's scope.
    pub scope: Scope,
    /// What can be asked of it. More may be granted, to no effect.
    pub verbs: Words<'a>,
    /// The kind of its objects, empty if there are none (`users`).
    pub kind: &'a str,
    /// Whether a controller makes pods of it, so that writing it is running code.
    pub creates_pods: bool,
    /// Whether the workspace declared it, rather than Kubernetes.
    pub custom: bool,
    /// Whether Kubernetes has it, and serves it only where somebody switched it on.
    pub off_by_default: bool,
}

impl<'a> ResourceInfo<'a> {
    /// The plural without the subresource, and the subresource.
    pub fn parts(&self) -> (&'a str, Option<&'a str>) {
        match self.resource.split_once('/') {
            Some((plural, subresource)) => (plural, Some(subresource)),
            None => (self.resource, None),
        }
    }
}
