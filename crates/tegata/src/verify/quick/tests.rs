use proptest::prelude::*;

use super::*;
use crate::yaml::emit;

fn says(text: &str, documents: &[Tree<'_>]) -> bool {
    let Some(mut walk) = Walk::of(text) else { return false };
    documents.iter().all(|document| walk.document(Part::from(document), Freedom::None).is_some())
        && walk.lines.are_at_their_end()
}

fn full(text: &str) -> Option<Vec<Tree<'static>>> {
    super::super::full(text).ok()
}

/// With the keys of all mappings in one order.
fn sorted(tree: &Tree<'_>) -> Tree<'static> {
    match tree {
        Tree::Map(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(key, value)| (key.to_string().into(), sorted(value))).collect();
            entries.sort_by(|(a, _): &(Cow<'_, str>, _), (b, _)| a.cmp(b));
            Tree::Map(entries)
        }
        Tree::List(items) => Tree::List(items.iter().map(sorted).collect()),
        Tree::Text(text) => Tree::Text(text.to_string().into()),
        Tree::Number(number) => Tree::Number(number.to_string().into()),
        Tree::Boolean(value) => Tree::Boolean(*value),
        Tree::Null => Tree::Null,
    }
}

/// Whether the quick look says that a text is these documents. Then libyaml's port reads them there, too.
fn agrees(text: &str, documents: &[Tree<'_>]) -> bool {
    let says = says(text, documents);
    if says {
        let read: Option<Vec<_>> = full(text).map(|read| read.iter().map(sorted).collect());
        assert_eq!(read, Some(documents.iter().map(sorted).collect()), "{text}");
    }
    says
}

/// What differs from a tree in one part.
fn others(tree: &Tree<'static>) -> Vec<Tree<'static>> {
    let mut others = vec![Tree::Null, Tree::text("other"), Tree::Map(Vec::new()), Tree::List(Vec::new())];
    match tree {
        Tree::Map(entries) => {
            for index in 0..entries.len() {
                others.push(Tree::Map([&entries[..index], &entries[index + 1..]].concat()));
                let (key, value) = &entries[index];
                for other in self::others(value) {
                    let mut entries = entries.clone();
                    entries[index] = (key.clone(), other);
                    others.push(Tree::Map(entries));
                }
            }
            others.push(Tree::Map([entries.as_slice(), &[("other".into(), Tree::Null)]].concat()));
        }
        Tree::List(items) => {
            for index in 0..items.len() {
                others.push(Tree::List([&items[..index], &items[index + 1..]].concat()));
                for other in self::others(&items[index]) {
                    let mut items = items.clone();
                    items[index] = other;
                    others.push(Tree::List(items));
                }
            }
            others.push(Tree::List([items.as_slice(), &[Tree::text("other")]].concat()));
        }
        Tree::Text(text) => {
            let (boolean, number) = (Tree::Boolean(text == "true"), Tree::Number(text.clone()));
            others.extend([boolean, number, Tree::text(format!("{text}x"))]);
        }
        Tree::Number(number) => others.push(Tree::Text(number.clone())),
        Tree::Boolean(value) => others.extend([Tree::Boolean(!value), Tree::text(value.to_string())]),
        Tree::Null => {}
    }
    others.retain(|other| sorted(other) != sorted(tree));
    others
}

#[test]
fn the_ordinary_is_recognised_and_nothing_else_taken_for_it() {
    for text in [
        "# a comment\n---\na: b\n---\nc: d\n",
        "a:\n  b: [get, \"*\", 1]\n  c: {}\n  # between\n  d: []\nlist:\n- x\n- v: 1\n  w: true\n",
        "a:\n  - b\n  -\n    c: d\n  -   e: f\n      g: h\n",
        "a:\n  - - b\n    - c\n  -\n    - d\n",
        "\"k:1\": \"v\\n\\u00e9\\U0001f600\\\"\"\n",
        ".tegata-a:\n  variables: {}\nb: [\"a, ]\", b]",
        "---\n# nothing\n---\na: \"\"\n---\n",
        "",
    ] {
        let documents = full(text).unwrap();
        assert!(says(text, &documents), "nothing said of {text}");
        for (index, document) in documents.iter().enumerate() {
            assert!(Part::from(document).is(document), "{document:?}");
            for other in others(document) {
                assert!(!Part::from(document).is(&other), "{document:?} is not {other:?}");
                let mut documents = documents.clone();
                documents[index] = other;
                assert!(!says(text, &documents), "{text} is not {documents:?}");
            }
            assert!(!says(text, &documents[..index]), "{text} has more");
        }
        assert!(
            !says(text, &[documents.as_slice(), &[Tree::Map(Vec::new())]].concat()),
            "{text} has no more"
        );
    }
}

#[test]
fn keys_stand_in_any_order_once() {
    let tree = |keys: &[&'static str]| Tree::map(keys.iter().map(|key| (*key, Tree::text("x"))));
    assert!(says("b: x\na: x\nc: x\n", &[tree(&["a", "b", "c"])]));
    for text in ["a: x\nb: x\na: x\n", "b: x\na: x\nb: x\n", "a: x\nb: x\n", "a: x\nb: x\nc: x\nd: x\n"] {
        assert!(!says(text, &[tree(&["a", "b", "c"])]), "{text}");
    }
    let many: Vec<String> = (0..70).map(|key| format!("k{key}")).collect();
    let text = |keys: &[String]| keys.iter().map(|key| format!("{key}: x\n")).collect::<String>();
    let expected = Tree::map(many.iter().map(|key| (key.as_str(), Tree::text("x"))));
    assert!(says(&text(&many), std::slice::from_ref(&expected)));
    let mut twice = many.clone();
    twice[69] = "k68".to_owned();
    assert!(!says(&text(&twice), &[expected]));
}

#[test]
fn of_the_rest_nothing_is_said() {
    let of = |key: &'static str, value| vec![Tree::map([(key, value)])];
    let (b, null) = (Tree::text("b"), Tree::Null);
    for (text, documents) in [
        ("a: on\n", of("a", Tree::text("on"))),
        ("a: on\n", of("a", Tree::Boolean(true))),
        ("a: 1e3\n", of("a", Tree::text("1e3"))),
        ("a: 1e3\n", of("a", Tree::Number("1e3".into()))),
        ("a: 0777\n", of("a", Tree::Number("0777".into()))),
        ("a: b c\n", of("a", Tree::text("b c"))),
        ("a: b # c\n", of("a", b.clone())),
        ("a: 'b'\n", of("a", b.clone())),
        ("a: |\n  b\n", of("a", Tree::text("b\n"))),
        ("a: &x b\n", of("a", b.clone())),
        ("a: *x\n", of("a", Tree::text("*x"))),
        ("a: !t b\n", of("a", b.clone())),
        ("<<: {}\n", of("<<", Tree::Map(Vec::new()))),
        ("a: b\na: b\n", of("a", b.clone())),
        ("a: b\n  c\n", of("a", Tree::text("b c"))),
        ("a: b\n  c\n", of("a", b.clone())),
        ("a: \"b\n", of("a", b.clone())),
        ("a: [b\n", of("a", Tree::List(vec![b.clone()]))),
        ("a: [b]]\n", of("a", Tree::List(vec![b.clone()]))),
        ("a: [b,c]\n", of("a", Tree::List(vec![b.clone(), Tree::text("c")]))),
        ("a: {b: b}\n", of("a", Tree::map([("b", b.clone())]))),
        ("? a\n", of("a", null.clone())),
        ("%YAML 1.2\n---\na: b\n", of("a", b.clone())),
        ("--- a\n", of("a", null.clone())),
        ("a: b\n...\n", of("a", b.clone())),
        ("a: \u{e9}\n", of("a", Tree::text("\u{e9}"))),
        ("a:\tb\n", of("a", b.clone())),
        ("a: b \n", of("a", b.clone())),
        ("a:b\n", of("a", b.clone())),
        ("a: \"\\x41\"\n", of("a", Tree::text("A"))),
        ("a: \"\\ud800\"\n", of("a", Tree::text("\u{fffd}"))),
        ("a:\n", of("a", null)),
        ("a:\n", of("a", Tree::List(Vec::new()))),
        ("a:\n", of("a", Tree::Map(Vec::new()))),
        ("a: -1\n", of("a", Tree::Number("-1".into()))),
        ("yes: b\n", of("yes", b.clone())),
        (" a: b\n", of("a", b.clone())),
    ] {
        assert!(!says(text, &documents), "{text:?} was taken for {documents:?}");
    }
    // A key on one line has 1,024 characters at most, as it is written.
    let key = |characters| format!("\"{}\": b\n", "\\U00000064".repeat(characters));
    let expected = |characters| [Tree::map([("d".repeat(characters), b.clone())])];
    assert!(agrees(&key(90), &expected(90)));
    assert!(!says(&key(103), &expected(103)));
}

#[test]
fn templates_add_what_they_may() {
    let object = |labels: &str, annotations: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: r\n  labels:\n    a: \
             b\n{labels}  annotations:\n    c: d\n{annotations}rules: []\n"
        )
    };
    let pairs = |key: &str, value: &str| Arc::new(vec![(key.to_owned(), value.to_owned())]);
    let role = Arc::new(Object {
        namespace: None,
        name: "r".into(),
        labels: pairs("a", "b"),
        annotations: pairs("c", "d"),
        body: crate::resolve::object::Body::ClusterRole { rules: Vec::new() },
        origin: crate::source::Span::new(crate::source::FileId::at(0), 0..0),
    });
    let says =
        |labels: &str, annotations: &str| says_objects(&object(labels, annotations), &[Arc::clone(&role)]);
    assert!(says("", ""));
    assert!(says("", "    team: x\n    \"example.com/k\": \"any: text\"\n"));
    for annotations in [
        "    team: x\n    team: x\n",
        "    c: d\n",
        "    team: 1\n",
        "    team:\n      a: b\n",
        "    k8s.io/a: b\n",
    ] {
        assert!(!says("", annotations), "{annotations}");
    }
    assert!(!says("    team: x\n", ""), "by a label another role could take it in");
}

/// Texts that are nearly ordinary.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-c]{1,2}",
        Just("on".to_owned()),
        Just("1".to_owned()),
        Just("\"q: #\"".to_owned()),
        Just("true".to_owned()),
        Just("[a, b]".to_owned()),
        Just("{}".to_owned()),
        Just("---".to_owned()),
        Just("\"\\u0041".to_owned()),
        "[-a:#\\[\\],\" .'&*!|>%?]{1,4}",
    ];
    let line = (
        0usize..4,
        prop_oneof![Just(""), Just("- "), Just("- - "), Just("-"), Just("# ")],
        word.clone(),
        prop_oneof![Just(": "), Just(":"), Just("")],
        proptest::option::of(word),
    )
        .prop_map(|(indent, dash, key, colon, value)| {
            format!("{}{dash}{key}{colon}{}", "  ".repeat(indent), value.unwrap_or_default())
        });
    proptest::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

/// Mappings of all that is rendered, and of what looks like it.
fn mapping() -> impl Strategy<Value = Tree<'static>> {
    let scalar = prop_oneof![
        "[ab.]{1,2}".prop_map(Tree::text),
        prop_oneof![
            Just("on"),
            Just("1"),
            Just("true"),
            Just(""),
            Just("a: #b"),
            Just("a\nb\n"),
            Just("- a")
        ]
        .prop_map(Tree::text),
        any::<bool>().prop_map(Tree::Boolean),
        (0..20u8).prop_map(|number| Tree::Number(number.to_string().into())),
        Just(Tree::Null),
    ];
    let value = scalar.prop_recursive(3, 16, 4, |value| {
        prop_oneof![proptest::collection::vec(value.clone(), 0..4).prop_map(Tree::List), mapping_of(value)]
    });
    mapping_of(value)
}

fn mapping_of(value: impl Strategy<Value = Tree<'static>>) -> impl Strategy<Value = Tree<'static>> {
    let entries = proptest::collection::btree_map("[ab]{1,2}|on|a b", value, 0..4);
    entries.prop_map(Tree::map)
}

/// A few characters in a text that are replaced, taken out or put in.
type Edits = Vec<(proptest::sample::Index, Option<char>, bool)>;

fn edits() -> impl Strategy<Value = Edits> {
    let character = proptest::sample::select(" \n:-#[]{},\"\\ab1.'&*!|>?%\t".chars().collect::<Vec<_>>());
    let edit = (any::<proptest::sample::Index>(), proptest::option::of(character), any::<bool>());
    proptest::collection::vec(edit, 0..3)
}

fn edited(text: &str, edits: &Edits) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (index, character, replaces) in edits {
        if characters.is_empty() {
            break;
        }
        let at = index.index(characters.len());
        let replaced = at..at + usize::from(*replaces || character.is_none());
        characters.splice(replaced, *character);
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn libyaml_reads_what_it_says_of_any_text(text in nearly(), choice in any::<proptest::sample::Index>()) {
        if let Some(documents) = full(&text) {
            agrees(&text, &documents);
            if let [document] = documents.as_slice() {
                let others = others(document);
                agrees(&text, &others[choice.index(others.len())..][..1]);
            }
        }
    }

    #[test]
    fn libyaml_reads_what_it_says_of_texts_that_were_edited(tree in mapping(), edits in edits()) {
        agrees(&edited(&emit::block(Part::from(&tree), 0), &edits), &[tree]);
    }
}
