//! The full parser, from events to nodes. What YAML allows and nobody should meet in a file about permissions ends here:
//! duplicate keys, anchors that explode, tags, merge keys, several documents.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};

use super::errors::{self, look_alikes};
use super::node::{Entry, MAX_DEPTH, MAX_NODES, Node, Value};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Located, Span};

/// More keys than any mapping that makes sense.
const MAX_KEYS: usize = 3000;
/// More text than aliases repeat in any file that makes sense: a long text that is repeated often fills the memory
/// with few nodes.
const MAX_REPEATED_MIB: usize = 4;

/// Reads one document, whatever it is like. `None` when nothing could be made of it; the reason is in `diagnostics` then.
pub fn read(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Node> {
    let mut builder = Builder {
        diagnostics,
        stack: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        repeated_bytes: 0,
        too_many_keys: false,
        root: None,
        second: None,
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok((event, span)) => (event, Span::new(file, span.byte_range().unwrap_or(0..0))),
            Err(error) => {
                builder.diagnostics.push(errors::explain(file, text, &error));
                return None;
            }
        };
        if builder.event(event, span).is_err() {
            return None;
        }
    }
    let root = builder.root.take();
    if root.as_ref().is_none_or(Node::is_null) {
        diagnostics.push(
            Diagnostic::error("empty-file", Span::new(file, 0..0), "the file says nothing")
                .help("write it, or delete the file; `cargo xtask new` writes one that renders"),
        );
        return None;
    }
    root
}

/// The document can't be read any further; what is wrong has been reported.
struct Stop;

/// A list or mapping that is still open.
struct Open {
    start: Span,
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        key: Option<Located<String>>,
        /// Whether the keys of another entry follow, whose `- ` is missing. That has been reported.
        again: bool,
    },
    /// A mapping with a key that is none: its end is waited for.
    Unread,
}

/// What a node holds, with all that is in it.
#[derive(Clone, Copy)]
struct Size {
    nodes: usize,
    /// Of its texts and keys.
    bytes: usize,
}

struct Builder<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
    stack: Vec<Open>,
    /// Finished nodes that have an anchor, by its number, with what each holds.
    anchors: HashMap<usize, (Node, Size)>,
    nodes: usize,
    /// How much text aliases repeat.
    repeated_bytes: usize,
    /// Whether a mapping has had so many keys that this was reported, which is done once.
    too_many_keys: bool,
    root: Option<Node>,
    /// Where a second document begins.
    second: Option<Span>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Stop> {
        if let Some(marker) = self.second {
            let empty = matches!(event, Event::Scalar(..)) && span.range().is_empty();
            return self.stop(second_document(marker, empty));
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                self.second = Some(span);
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    self.refuse_tag(span);
                }
                if style == ScalarStyle::Plain && text.starts_with(TYPOGRAPHIC) {
                    self.diagnostics.push(typographic_quotes(span, &text));
                }
                let value = Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                self.add(Node { value, span }, anchor, 1)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(span, anchor, tag.is_some(), Items::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => self.open(
                span,
                anchor,
                tag.is_some(),
                Items::Map { entries: Vec::new(), key: None, again: false },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    fn stop(&mut self, diagnostic: Diagnostic) -> Result<(), Stop> {
        self.diagnostics.push(diagnostic);
        Err(Stop)
    }

    fn refuse_tag(&mut self, span: Span) {
        self.diagnostics.push(
            Diagnostic::error("yaml-tag", span, "YAML tags (`!...`) are not read")
                .help("drop the tag; put the value in quotes where text is meant"),
        );
    }

    fn open(&mut self, start: Span, anchor: usize, tagged: bool, items: Items) -> Result<(), Stop> {
        if tagged {
            self.refuse_tag(start);
        }
        if self.stack.len() >= MAX_DEPTH {
            return self.stop(
                Diagnostic::error("too-deep", start, format!("nested more than {MAX_DEPTH} levels deep"))
                    .help("no file of a workspace needs that: flatten it"),
            );
        }
        self.stack.push(Open { start, anchor, items });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = match open.items {
            Items::List(items) => Value::List(items),
            Items::Map { entries, .. } => Value::Map(entries),
            Items::Unread => Value::Unread,
        };
        let span = Span { end: end.end.max(open.start.end), ..open.start };
        self.add(Node { value, span }, open.anchor, 1)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Stop> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return self.stop(
                Diagnostic::error("yaml-alias", span, "the alias stands inside what it stands for")
                    .help("write the value out"),
            );
        };
        self.repeated_bytes = self.repeated_bytes.saturating_add(size.bytes);
        if self.repeated_bytes > MAX_REPEATED_MIB * 1024 * 1024 {
            return self
                .stop(too_large(span, format!("aliases repeat more than {MAX_REPEATED_MIB} MiB of text")));
        }
        let (node, nodes) = (node.clone(), size.nodes);
        self.add(node, 0, nodes)
    }

    /// Puts a finished node where it belongs: into the open list or mapping, or as the document itself.
    fn add(&mut self, node: Node, anchor: usize, nodes: usize) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            return self
                .stop(too_large(node.span, format!("more than {MAX_NODES} values, aliases counted in")));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size_of(&node)));
        }
        let Some((open, outer)) = self.stack.split_last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let in_list = outer.last().is_some_and(|outer| matches!(outer.items, Items::List(_)));
        match &mut open.items {
            Items::List(items) => items.push(node),
            Items::Map { entries, key, again } => match key.take() {
                None => match key_of(node, self.diagnostics) {
                    Some(word) => *key = Some(word),
                    None => open.items = Items::Unread,
                },
                Some(key) if *again && entries.iter().any(|entry| entry.key.value == key.value) => {}
                Some(key) if in_list && begins_again(entries, &key, self.diagnostics) => *again = true,
                Some(key) => add_entry(entries, key, node, &mut self.too_many_keys, self.diagnostics),
            },
            Items::Unread => {}
        }
        Ok(())
    }
}

/// Quotes of a chat or a text processor, which are letters to YAML.
const TYPOGRAPHIC: [char; 5] = ['\u{201c}', '\u{201d}', '\u{201e}', '\u{2018}', '\u{2019}'];

fn typographic_quotes(span: Span, text: &str) -> Diagnostic {
    let quote = text.chars().next().unwrap_or_default();
    let message = format!("the quote `{quote}` is a letter to YAML, and no quote");
    Diagnostic::error("typographic-quotes", span, message)
        .help("write straight quotes, as in \"text\"; where this one is meant, put the whole text in them")
}

/// What to do about a second document.
fn second_document(marker: Span, empty: bool) -> Diagnostic {
    let (message, help) = if empty {
        ("a second document begins here, and nothing stands in it", "remove this line")
    } else {
        (
            "a second document begins here",
            "one file holds one document: move what follows to a file of its own",
        )
    };
    Diagnostic::error("several-documents", marker, message).help(help)
}

fn too_large(span: Span, message: String) -> Diagnostic {
    Diagnostic::error("too-large", span, message)
        .help("no file of a workspace needs that: split it, and write out what aliases of aliases stand for")
}

fn size_of(node: &Node) -> Size {
    let own = |bytes| Size { nodes: 1, bytes };
    let plus = |sum: Size, (key, node): (usize, &Node)| {
        let size = size_of(node);
        Size { nodes: sum.nodes + size.nodes, bytes: sum.bytes + key + size.bytes }
    };
    match &node.value {
        Value::Scalar { text, .. } => own(text.len()),
        Value::Unread => own(0),
        Value::List(items) => items.iter().map(|item| (0, item)).fold(own(0), plus),
        Value::Map(entries) => {
            entries.iter().map(|entry| (entry.key.value.len(), &entry.value)).fold(own(0), plus)
        }
    }
}

fn key_of(node: Node, diagnostics: &mut Vec<Diagnostic>) -> Option<Located<String>> {
    let fault = node.as_str().and_then(|key| look_alikes::odd_dash(node.span.range().start, key));
    if let Some(fault) = fault {
        let span = Span::new(node.span.file, fault.range);
        diagnostics.push(Diagnostic::error("yaml-syntax", span, fault.message).help(fault.help));
        return None;
    }
    let (message, help) = match node.value {
        Value::Scalar { text, .. } => return Some(Located::new(text, node.span)),
        Value::Map(_) => (
            "braces in braces: templates like `{{ ... }}` are not read in these files",
            "write the value itself; where braces are meant, put it in double quotes",
        ),
        Value::Unread => return None,
        Value::List(_) => {
            ("a key is a single word here, not a list", "write `key: value`; a `?` begins a key")
        }
    };
    diagnostics.push(Diagnostic::error("yaml-key", node.span, message).help(help));
    None
}

/// Whether the first key of a list's entry stands in it a second time, which is reported: most often, the `- ` of
/// another entry is missing.
fn begins_again(entries: &[Entry], key: &Located<String>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let Some(first) = entries.first().filter(|first| first.key.value == key.value) else { return false };
    let message = format!("`{}` stands twice in this entry of a list", key.value);
    diagnostics.push(
        Diagnostic::error("duplicate-key", key.span, message)
            .help("begin a new entry with `- `, or keep one of the two")
            .related(first.key.span, "first here"),
    );
    true
}

/// Adds an entry, unless there are so many that the file makes no sense.
fn add_entry(
    entries: &mut Vec<Entry>,
    key: Located<String>,
    value: Node,
    told: &mut bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    if key.value == "<<" {
        diagnostics.push(
            Diagnostic::error("yaml-merge-key", key.span, "the merge key `<<` is not read")
                .help("write the fields out: what stands in the file is what is granted"),
        );
        return;
    }
    if entries.len() >= MAX_KEYS {
        if !std::mem::replace(told, true) {
            diagnostics.push(
                Diagnostic::error("too-large", key.span, format!("more than {MAX_KEYS} keys in one mapping"))
                    .help("no file of a workspace needs that: split it"),
            );
        }
        return;
    }
    if let Some(first) = entries.iter().find(|entry| entry.key.value == key.value) {
        diagnostics.push(
            Diagnostic::error(
                "duplicate-key",
                key.span,
                format!("`{}` stands twice in this mapping", key.value),
            )
            .help("keep one of the two")
            .related(first.key.span, "first here"),
        );
        return;
    }
    entries.push(Entry { key, value });
}
