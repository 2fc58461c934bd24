use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use walkdir::WalkDir;

use super::super::full;
use super::*;

/// Whether a text is read. What is read is what the full parser reads, which says nothing about it.
fn is_read(text: &str) -> bool {
    let file = FileId::at(3);
    let Some(node) = read(file, text) else { return false };
    let mut diagnostics = Vec::new();
    let full = full::read(file, text, &mut diagnostics);
    assert_eq!(full.as_ref(), Some(&node), "{text:?}: {diagnostics:?}");
    assert!(diagnostics.is_empty(), "{text:?}: {diagnostics:?}");
    true
}

#[test]
fn the_ordinary_is_read() {
    for text in [
        "a: b",
        "a: b\n",
        "\n\n  \n# a comment\n  # and another\na: b  \n\n",
        "a: b # a comment\nc: d#e\nf: '' # \"g\"\nh: [] # i\n#",
        "a: b c  d\ne: f-g_h.i/j\nk: https://l:1/m?n=o&p#q\n",
        "a: b, c [d] {e} \"f\" 'g' !h *i &j |k >l %m @n `o\n",
        "a: -1\nb: .5\nc: ~\nd: /e\nf: (g) + h\ni: $j\nk: =l\nm: _\nn: 1:2\n",
        "- b\n",
        "a/b.c-d e: f\n1: g\ntrue: h\n\"i j: k\": l\n'm # n': o\n",
        "a: \"\"\nb: \"c: # d\"\ne: \"\\\"\\\\\\n\\t\"\nf: 'g \\n'\n",
        "a:\n  b:\n    c: d\n  e: f\ng: h\n",
        "  a:\n    b: c\n  d: e\n",
        "a:\n - b\n - c\nd:\n- e\n- f\ng: h\n",
        "a:\n- b: c\n  d:\n  - e\n  f: g\n- h: i\n",
        "- a\n-   b: c\n    d: e\n-\n  f: g\n- # h\n  i: j\n",
        "- - a\n  - - b\n    - c: d\n      e: f\n  - g\n- h\n",
        "a:\n-   b\n",
        "a:\n-\n  b: c\n",
        "a:\n -   # b\n  c: d\n",
        "a:\n  - b\n\n# c\n\n  - d\n      # e\n",
        "a:\nb: c\nd: # e\nf:   \n  g:\nh:",
        "a: []\nb: {}\nc: [ ]\nd: {  }\n",
        "a: [b, c,d ,e]\nf: { g: h, i: j k,l: m }\n",
        "a: [{b: c}, [d, [e]], { f: [g, {h: i}] }]\n",
        "a: [\"b, c\", 'd]', http://e:1/f, g#h]\ni: {\"j: k\": 'l}', m: n}\n",
        "- [a, b]\n- { c: d }\n-   {e: f}   # g\n",
        "a: # b\n  # c\n  d: e\n",
        concat!(
            "# yaml-language-server: $schema=../schemas/project.json\n",
            "project: mobile/ios/order-service\n",
            "id: 9\n",
            "runner: shared-1\n",
            "namespace: { name: mobile-ios-order-service, create: true }\n",
            "serviceAccounts:\n",
            "  - name: test-runner\n",
            "    default: true\n",
            "    roles:\n",
            "      - clusterRole: ingress-editor\n",
            "      - clusterRole: disruption-budget-viewer\n",
            "  - name: deployer\n",
            "    roles:\n",
            "      - clusterRole: endpoint-viewer\n",
        ),
    ] {
        assert!(is_read(text), "declined: {text:?}");
    }
}

#[test]
fn the_rest_is_declined() {
    for text in [
        "",
        "\n# a\n",
        "a\n",
        "[a]\n",
        "{a: b}\n",
        "\"a\"\n",
        "a: \u{e9}\n",
        "# \u{2013}\na: b\n",
        "\u{feff}a: b\n",
        "a:\tb\n",
        "a: b\r\n",
        "a: \u{7f}\n",
        "---\na: b\n",
        "a: b\n---\n",
        "a: b\n...\n",
        "...: b\n",
        "%YAML 1.2\n---\na: b\n",
        "a: &b c\n",
        "a: *b\n",
        "a: !b c\n",
        "a: |\n  b\n",
        "a: >\n  b\n",
        "? a\n",
        "a: ? b\n",
        "a: @b\n",
        "a: %b\n",
        "a: `b\n",
        "a: b\na: c\n",
        "- a: b\n  a: c\n",
        "a: {b: c, b: d}\n",
        "<<: {}\n",
        "\"<<\": {}\n",
        "a: b\n  c\n",
        "a: b\n\n  c\n",
        "a: b\n  c: d\n",
        "a: \"b\"\n  c\n",
        "a:\n  b\n",
        "a:\n  [b]\n",
        "a: \"b\n  c\"\n",
        "a: 'b\n  c'\n",
        "a: \"b\n",
        "a: 'b''c'\n",
        "a: '''b'\n",
        "a: \"\\u0041\"\n",
        "a: \"\\x41\"\n",
        "a: \"b\" c\n",
        "a: \"b\"#c\n",
        "a: [b]#c\n",
        "a: [b] c\n",
        "a: [b]: c\n",
        "a: [b\n",
        "a: [b,\n  c]\n",
        "a: [b]]\n",
        "a: [b}\n",
        "a: [,]\n",
        "a: [b,,c]\n",
        "a: [b,]\n",
        "a: [b: c]\n",
        "a: [b # c]\n",
        "a: [- b]\n",
        "a: [-]\n",
        "a: [\"b\"c]\n",
        "a: {b}\n",
        "a: {b: }\n",
        "a: {b:c}\n",
        "a: {b:}\n",
        "a: {\"b\":c}\n",
        "a: {b:[c]}\n",
        "a: {[b]: c}\n",
        "a: {? b: c}\n",
        "a: {b: c,}\n",
        "a: b: c\n",
        "a: b:\n",
        "a: - b\n",
        "a:\n- # b\n  c: d\n",
        "a:b\n",
        "a : b\n",
        "\"a\":b\n",
        ": a\n",
        "[a]: b\n",
        "{a: b}: c\n",
        "-\n",
        "- a\n-\n- b\n",
        "-a\n",
        "- a\n b: c\n",
        "- - - a: b\n   - c\n",
        "a:\n  b: c\n d: e\n",
        "a: b\n- c\n",
        "- a\nb: c\n",
        " a: b\nc: d\n",
    ] {
        assert!(read(FileId::at(0), text).is_none(), "{text:?} was read");
    }
}

#[test]
fn what_is_large_is_declined() {
    let nested = |levels: usize| "- ".repeat(levels) + "a";
    assert!(is_read(&nested(MAX_DEPTH)));
    assert!(!is_read(&nested(MAX_DEPTH + 1)));
    let brackets = |levels: usize| format!("a: {}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(is_read(&brackets(MAX_DEPTH - 1)));
    assert!(!is_read(&brackets(MAX_DEPTH)));
    let keys = |keys: usize| (0..keys).map(|key| format!("k{key}: v\n")).collect::<String>();
    assert!(is_read(&keys(MAX_KEYS)));
    assert!(!is_read(&keys(MAX_KEYS + 1)));
    let key = |length: usize| format!("{}: v", "k".repeat(length));
    assert!(is_read(&key(1000)));
    assert!(!is_read(&key(1001)));
    let entries = |entries: usize| "- a\n".repeat(entries);
    assert!(is_read(&entries(MAX_NODES / 4)));
    assert!(!is_read(&entries(MAX_NODES / 4 + 1)));
    // Texts that are no keys may be long.
    assert!(is_read(&format!("a: {0}\nb: [\"{0}\", {{c: {0}}}]\nd:\n- {0}\n", "e".repeat(2000))));
}

#[test]
fn every_short_text_is_read_as_it_is_or_declined() {
    let characters: Vec<char> = "a :-\n#[]{},\"'".chars().collect();
    let (mut texts, mut read) = (vec![String::new()], 0);
    for _ in 0..5 {
        texts = texts
            .iter()
            .flat_map(|text| characters.iter().map(move |character| format!("{text}{character}")))
            .collect();
        read += texts.iter().filter(|text| is_read(text)).count();
    }
    assert!(read > 500, "{read}");
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The YAML files of the repository, with their paths in it.
static FILES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let ours = |name: &str| !["target", ".git"].contains(&name);
    WalkDir::new(root())
        .into_iter()
        .filter_entry(|entry| ours(&entry.file_name().to_string_lossy()))
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"))
        .filter_map(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some((path.strip_prefix(root()).unwrap().to_str()?.replace('\\', "/"), text))
        })
        .collect()
});

#[test]
fn the_files_of_the_repository_are_read_as_they_are() {
    let own = ["projects/", "roles/", "clusters/", "runners/", "tegata.yaml"];
    let (mut silent, mut ordinary) = (0, 0);
    for (path, text) in FILES.iter() {
        let mut diagnostics = Vec::new();
        full::read(FileId::at(0), text, &mut diagnostics);
        silent += usize::from(diagnostics.is_empty());
        let is_read = is_read(text);
        ordinary += usize::from(is_read);
        let expected = own.iter().any(|folder| path.starts_with(folder)) && !text.contains(": |");
        assert!(is_read || !expected, "declined: {path}");
    }
    assert!(ordinary * 10 >= silent * 8, "{ordinary} of {silent}");
}

/// Pieces of which texts are made that are ordinary, or nearly so.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[a-c]{1,2}",
        1 => prop::sample::select(vec![
            "a b", "1", "-1", "-", "~", "\"q: #\"", "'q'", "''", "\"\"", "\"\\n\"", "\"", "'", "http://a", "a:b", "a#b",
            "#", "a #b", "<<", "...", "---", "--- ", "|", ">", "? a", "&a", "*a", "!a", "%a", "a, b", "a]", "a: b", ": b",
            "a:", "\"a\":b", "\"a\": b", "'it''s'", "$a", "=", ".a", "(a)", "- a", "-a", "a -", "a \"b\"", "a  b",
        ])
        .prop_map(str::to_owned),
        1 => flow(),
        1 => "[-a:#\\[\\]{},\" .'&*!|>%?@`\\\\]{1,4}",
    ]
}

/// Something in brackets, or nearly so.
fn flow() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-c]",
        4 => Just(", ".to_owned()),
        3 => Just(": ".to_owned()),
        2 => "[\\[\\]{}]",
        1 => "[-,:#? ]",
        1 => prop::sample::select(vec!["\"b\"", "'b'", "a:b", "a: b", "\"b\": c", "a b", "[]", "{}", "[a]", "{a: b}"])
            .prop_map(str::to_owned),
    ];
    let inside = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    let brackets = prop::sample::select(vec![("[", "]"), ("{", "}"), ("[", ""), ("{", "]"), ("[{", "}]")]);
    (brackets, inside).prop_map(|((open, close), inside)| format!("{open}{inside}{close}"))
}

/// Texts that are nearly ordinary.
fn nearly() -> impl Strategy<Value = String> {
    let indent = prop_oneof![6 => (0usize..4).prop_map(|levels| levels * 2), 1 => 0usize..7];
    let beginning = prop_oneof![
        12 => Just(""), 5 => Just("- "), 1 => Just("- - "), 1 => Just("-"), 1 => Just("-   "), 1 => Just("# "),
    ];
    let colon =
        prop_oneof![8 => Just(": "), 4 => Just(":"), 1 => Just(""), 1 => Just(" : "), 1 => Just(":   ")];
    let end = prop_oneof![
        12 => Just("\n"), 2 => Just(" # c\n"), 1 => Just("# c\n"), 1 => Just("  \n"), 1 => Just("\n\n"), 1 => Just("\r\n"),
        1 => Just("\t\n"), 1 => Just("\n  # c\n"), 1 => Just(""),
    ];
    let said = prop_oneof![
        6 => (word(), colon, proptest::option::of(word()))
            .prop_map(|(key, colon, value)| format!("{key}{colon}{}", value.unwrap_or_default())),
        2 => word(),
        1 => Just(String::new()),
    ];
    let line = (indent, beginning, said, end)
        .prop_map(|(indent, beginning, said, end)| format!("{}{beginning}{said}{end}", " ".repeat(indent)));
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat())
}

/// What happens to a character of a text.
#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    Insert(char),
    Replace(char),
    Double,
}

fn change() -> impl Strategy<Value = Change> {
    let character = || prop::sample::select(" \n:-#{}[],\"'&*!|>?%@a1.\\~<\t".chars().collect::<Vec<_>>());
    prop_oneof![
        Just(Change::Delete),
        character().prop_map(Change::Insert),
        character().prop_map(Change::Replace),
        Just(Change::Double),
    ]
}

/// Files of the repository, a little changed.
fn changed() -> impl Strategy<Value = String> {
    let files: Vec<_> = FILES.iter().filter(|(_, text)| text.len() < 2000 && is_read(text)).collect();
    (prop::sample::select(files), prop::collection::vec((any::<Index>(), change()), 1..5)).prop_map(
        |((_, text), changes)| {
            let mut characters: Vec<char> = text.chars().collect();
            for (index, change) in changes.into_iter().filter(|_| !text.is_empty()) {
                let at = index.index(characters.len().max(1)).min(characters.len().saturating_sub(1));
                match change {
                    Change::Delete => drop(characters.splice(at..=at, [])),
                    Change::Insert(character) => characters.insert(at, character),
                    Change::Replace(character) => characters[at] = character,
                    Change::Double => characters.insert(at, characters[at]),
                }
            }
            characters.into_iter().collect()
        },
    )
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(20_000), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_read_is_what_the_full_parser_reads(text in nearly()) {
        is_read(&text);
    }

    #[test]
    fn what_is_read_of_changed_files_is_what_the_full_parser_reads(text in changed()) {
        is_read(&text);
    }
}
