//! A YAML or JSON value without places: what is rendered, and what is read back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value; texts are borrowed where they can be. Mappings keep their order and refuse a key that stands twice.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'a> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, in its shortest decimal form.
    Number(Cow<'a, str>),
    /// A text.
    Text(Cow<'a, str>),
    /// A sequence.
    List(Vec<Tree<'a>>),
    /// A mapping with unique keys.
    Map(Vec<(Cow<'a, str>, Tree<'a>)>),
}

impl<'a> Tree<'a> {
    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Tree<'a> {
        Tree::Text(text.into())
    }

    /// A list of texts.
    pub fn texts(texts: impl IntoIterator<Item = &'a String>) -> Tree<'a> {
        Tree::List(texts.into_iter().map(|text| Tree::Text(Cow::Borrowed(text))).collect())
    }

    /// A mapping.
    pub fn map<K: Into<Cow<'a, str>>>(entries: impl IntoIterator<Item = (K, Tree<'a>)>) -> Tree<'a> {
        Tree::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The value of a key, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Tree<'a>> {
        match self {
            Tree::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, where this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<serde_json::Value> for Tree<'static> {
    fn from(value: serde_json::Value) -> Tree<'static> {
        match value {
            serde_json::Value::Null => Tree::Null,
            serde_json::Value::Bool(value) => Tree::Boolean(value),
            serde_json::Value::Number(number) => Tree::Number(number.to_string().into()),
            serde_json::Value::String(text) => Tree::Text(text.into()),
            serde_json::Value::Array(items) => Tree::List(items.into_iter().map(Tree::from).collect()),
            serde_json::Value::Object(entries) => {
                Tree::Map(entries.into_iter().map(|(key, value)| (key.into(), Tree::from(value))).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree<'static>, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree<'static>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any YAML value without tags")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'static>, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Tree<'static>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'static>, E> {
        Ok(Tree::Boolean(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Tree<'static>, E> {
        Ok(Tree::Number(value.to_string().into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Tree<'static>, E> {
        Ok(Tree::Number(value.to_string().into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Tree<'static>, E> {
        let number = serde_json::Number::from_f64(value);
        Ok(number.map_or_else(
            || Tree::Text(value.to_string().into()),
            |number| Tree::Number(number.to_string().into()),
        ))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Tree<'static>, E> {
        Ok(Tree::Text(value.to_owned().into()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Tree<'static>, E> {
        Ok(Tree::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree<'static>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree<'static>, A::Error> {
        let mut entries: Vec<(Cow<'static, str>, Tree<'static>)> = Vec::new();
        let mut names = HashSet::new();
        while let Some(key) = access.next_key::<Tree<'static>>()? {
            let Tree::Text(key) = key else { return Err(A::Error::custom("a key that is no text")) };
            if !names.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            entries.push((key, access.next_value()?));
        }
        Ok(Tree::Map(entries))
    }
}
