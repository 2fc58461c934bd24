//! The patterns of a shared runner's configuration, under Go's own regexps: the declared names match, and nothing else.
//! And those that people write: what is taken, Go and Rust read alike.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use regex::Regex;
use serde_json::{Value, json};
use support::{Workspace, test_runner};
use tegata_runner::pattern;
use testbed::{Options, Part, Parts, RegexpQuestion, build, go_regexp, go_yaml_json};

/// More accounts than that in one file make it larger than a file of a workspace may be.
const ACCOUNTS_PER_FILE: usize = 100;

/// Pieces that names are put together of, so that they share beginnings and endings.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "ab", "app", "ci", "x", "0", "prod", "test", "team"])
            .prop_map(str::to_owned),
        1 => "[a-z0-9]{1,12}",
        1 => "[a-z0-9](-{1,3}[a-z0-9]){1,3}",
    ]
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::collection::vec(piece(), 1..6).prop_map(|pieces| pieces.join("-")),
        4 => prop::collection::vec(piece(), 1..4).prop_map(|pieces| pieces.concat()),
        1 => "[a-z0-9]{1,3}".prop_map(|end| format!("{}{end}", "a".repeat(63 - end.len()))),
        1 => "[a-z0-9-]{61}".prop_map(|middle| format!("x{middle}x")),
    ]
    .prop_map(|name| name.chars().take(63).collect::<String>().trim_end_matches('-').to_owned())
}

/// Names of accounts have dots, which are wild in a regexp, and up to 253 characters.
fn subdomain() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => label(),
        4 => prop::collection::vec(piece(), 1..8).prop_map(|labels| labels.join(".")),
        1 => prop::collection::vec(label(), 4..9).prop_map(|labels| labels.join(".")),
        1 => "[a-z.]{1,4}".prop_map(|end| {
            let end = end.replace('.', "");
            format!("{}{end}", "a.".repeat(125))
        }),
    ]
    .prop_map(|name| name.chars().take(253).collect::<String>().trim_end_matches(['-', '.']).to_owned())
    // These two names nobody may have.
    .prop_filter("reserved", |name| name != "tegata" && name != "default")
}

/// Numbered names, as a company of many projects has them.
fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("team-{}.app-{number}", number % 17)).collect()
}

fn set(name: impl Strategy<Value = String>) -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(name, 1..40)
}

/// Renders a workspace that declares these namespaces and accounts, and returns its two patterns.
fn patterns(parts: &Parts, namespaces: &BTreeSet<String>, accounts: &BTreeSet<String>) -> [String; 2] {
    let workspace = Workspace::new(&json!([]));
    workspace.write_runner();
    // Every name stands at least once; the shorter list begins again.
    let count = namespaces.len().max(accounts.len());
    let pairs: Vec<(&String, &String)> =
        namespaces.iter().cycle().zip(accounts.iter().cycle()).take(count).collect();
    for (number, pairs) in pairs.chunks(ACCOUNTS_PER_FILE).enumerate() {
        // An account's name is unique within its project.
        let mut projects: Vec<Vec<(&String, &String)>> = Vec::new();
        for &(namespace, account) in pairs {
            match projects.iter_mut().find(|project| project.iter().all(|(_, known)| *known != account)) {
                Some(project) => project.push((namespace, account)),
                None => projects.push(vec![(namespace, account)]),
            }
        }
        for (part, pairs) in projects.iter().enumerate() {
            let accounts: Vec<Value> = pairs
                .iter()
                .enumerate()
                .map(|(index, (namespace, account))| {
                    json!({ "name": account, "namespace": namespace, "default": index == 0 })
                })
                .collect();
            workspace.write(
                &format!("projects/{number}-{part}.yaml"),
                &json!({
                    "project": format!("group/project-{number}-{part}"),
                    "runner": "shared",
                    "namespace": pairs[0].0,
                    "serviceAccounts": accounts,
                }),
            );
        }
    }
    workspace.render();
    let values = go_yaml_json(parts, &[workspace.path("out/helm/shared/values.yaml")]).unwrap().concat();
    let config: toml::Table = values[0]["runners"]["config"].as_str().unwrap().parse().unwrap();
    let kubernetes = &config["runners"][0]["kubernetes"];
    ["namespace_overwrite_allowed", "service_account_overwrite_allowed"]
        .map(|key| kubernetes[key].as_str().unwrap().to_owned())
}

/// Letters that look like others, or that a careless comparison folds into them.
const LOOK_ALIKES: [(char, &str); 8] = [
    ('a', "\u{430}"),
    ('e', "\u{435}"),
    ('k', "\u{212a}"),
    ('s', "\u{17f}"),
    ('i', "\u{131}"),
    ('-', "\u{2010}"),
    ('.', "\u{3002}"),
    ('0', "\u{ff10}"),
];

/// Everything that a pattern that is a little too wide would admit beside a name.
fn neighbours(name: &str, other: &str) -> Vec<String> {
    let mut found = vec![
        format!("{name}\n"),
        format!("\n{name}"),
        format!("{name}\n{other}"),
        format!("{other}\n{name}\nx"),
        format!("{name}\r"),
        format!("{name} "),
        format!(" {name}"),
        format!("{name}\0"),
        format!("{name}x"),
        format!("x{name}"),
        format!("{name}-x"),
        format!("x.{name}"),
        format!("{name}{name}"),
        format!("{name}{other}"),
        format!("{name}-{other}"),
        format!("{name}|{other}"),
        format!("^{name}$"),
        name.to_uppercase(),
        name.replace('.', "x"),
        name.replace('-', "."),
        name.replace('-', ""),
    ];
    let characters: Vec<char> = name.chars().collect();
    // Of long names not every place: the ends, and some between.
    let step = characters.len().div_ceil(12);
    for at in (0..characters.len()).filter(|at| at % step == 0 || at + 2 >= characters.len()) {
        let with = |text: &str| {
            let (before, after) = (&characters[..at], &characters[at + 1..]);
            before.iter().collect::<String>() + text + &after.iter().collect::<String>()
        };
        found.push(characters[..at].iter().collect());
        found.push(characters[at..].iter().collect());
        found.extend(["", "z", "0", "-", ".", "\n"].map(with));
        found.push(with(&characters[at].to_uppercase().to_string()));
        found.extend(
            LOOK_ALIKES.iter().filter(|(letter, _)| *letter == characters[at]).map(|(_, like)| with(like)),
        );
    }
    found
}

/// A pattern, all that is asked of it, and the names that it has to match.
fn question(pattern: &str, names: &BTreeSet<String>, others: &BTreeSet<String>) -> RegexpQuestion {
    let mut values: BTreeSet<String> = ["", "\n", "*", ".*", "^", "$", "default"].map(str::to_owned).into();
    values.extend(others.iter().cloned());
    // Of a large set some names have to do for their neighbours; the names themselves are all asked.
    let step = names.len().div_ceil(60);
    for (name, other) in names.iter().zip(names.iter().rev()).step_by(step) {
        values.extend(neighbours(name, other));
    }
    values.extend(names.iter().cloned());
    RegexpQuestion { pattern: pattern.to_owned(), values: values.into_iter().collect() }
}

fn check(
    parts: &Parts,
    namespaces: &BTreeSet<String>,
    accounts: &BTreeSet<String>,
) -> Result<(), TestCaseError> {
    let [of_namespaces, of_accounts] = patterns(parts, namespaces, accounts);
    let sides = [(of_namespaces, namespaces, accounts), (of_accounts, accounts, namespaces)];
    let questions: Vec<RegexpQuestion> =
        sides.iter().map(|(pattern, names, others)| question(pattern, names, others)).collect();
    let answers = go_regexp(parts, &questions).unwrap();
    for ((question, answer), (pattern, names, _)) in questions.iter().zip(answers).zip(&sides) {
        let answer = answer.map_err(|error| TestCaseError::fail(format!("Go refuses {pattern}: {error}")))?;
        for (value, matches) in question.values.iter().zip(answer) {
            prop_assert_eq!(matches, names.contains(value), "{:?} and {}", value, pattern);
        }
    }
    Ok(())
}

fn readers() -> Parts {
    build(&Options::from_env().unwrap().with_parts(&[Part::Readers])).unwrap()
}

#[test]
fn patterns_match_the_declared_names_and_nothing_else() {
    let parts = readers();
    test_runner(60)
        .run(&(set(label()), set(subdomain())), |(namespaces, accounts)| {
            check(&parts, &namespaces, &accounts)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn large_patterns_match_the_declared_names_and_nothing_else() {
    let parts = readers();
    let sizes = |name| prop::collection::btree_set(name, 500..1000);
    test_runner(3)
        .run(
            &(sizes(label().boxed()), sizes(subdomain().boxed()), 500..1000usize),
            |(mut namespaces, mut accounts, more)| {
                accounts.extend(numbered(more));
                namespaces.extend(numbered(more).into_iter().map(|name| name.replace('.', "-")));
                check(&parts, &namespaces, &accounts)
            },
        )
        .unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn names_that_grow_one_by_one_match() {
    let parts = readers();
    let prefixes = |length: usize| (1..=length).map(|length| "a".repeat(length)).collect::<BTreeSet<_>>();
    // Each name is the beginning of the next: the deepest pattern that there is.
    let dotted = (1..=126).map(|count| vec!["a"; count].join(".")).collect();
    check(&parts, &prefixes(63), &dotted).unwrap();
    check(&parts, &prefixes(1), &prefixes(253)).unwrap();
}

/// One character's worth of a pattern, and texts of that many.
fn atom() -> impl Strategy<Value = (String, Vec<String>)> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    prop::sample::select(vec![
        ("a", texts(&["a"])),
        ("-", texts(&["-"])),
        (" ", texts(&[" "])),
        ("#", texts(&["#"])),
        (r"\.", texts(&["."])),
        (r"\|", texts(&["|"])),
        (r"\(", texts(&["("])),
        (r"\\", texts(&["\\"])),
        (r"\{", texts(&["{"])),
        (r"\^", texts(&["^"])),
        (r"\&", texts(&["&"])),
        (r"\-", texts(&["-"])),
        ("[a-c]", texts(&["a", "b", "c"])),
        ("[0-9A-F_]", texts(&["0", "9", "A", "_"])),
        ("[-x]", texts(&["-", "x"])),
        ("[x-]", texts(&["-", "x"])),
        ("[.*+?(){}|]", texts(&[".", "*", "}", "|"])),
        (r"[\]\\]", texts(&["]", "\\"])),
        (r"[a\-c]", texts(&["a", "-", "c"])),
        (r"[\[\^\&\~]", texts(&["[", "^", "&", "~"])),
    ])
    .prop_map(|(atom, texts)| (atom.to_owned(), texts))
}

/// A pattern, and some texts of which it admits the most.
fn written() -> impl Strategy<Value = (String, Vec<String>)> {
    let counted = (
        atom(),
        prop::sample::select(vec![
            ("", 1),
            ("?", 0),
            ("?", 1),
            ("*", 3),
            ("+", 2),
            ("{2}", 2),
            ("{0,2}", 1),
            ("{1,}", 4),
            ("{3}", 3),
            ("{0}", 0),
            ("{1000}", 1000),
        ]),
    )
        .prop_map(|((atom, texts), (sign, times))| {
            let texts = texts.iter().map(|text| text.repeat(times)).collect();
            (atom + sign, texts)
        });
    let joined = |parts: Vec<(String, Vec<String>)>| {
        let pattern: String = parts.iter().map(|(pattern, _)| pattern.as_str()).collect();
        let text = |turn: usize| {
            parts.iter().map(|(_, texts)| texts[turn % texts.len()].as_str()).collect::<String>()
        };
        (pattern, (0..4).map(text).collect::<Vec<_>>())
    };
    counted.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..5).prop_map(joined),
            (
                prop::collection::vec(inner, 1..4),
                prop::sample::select(vec![("", 1), ("?", 1), ("*", 2), ("+", 2)])
            )
                .prop_map(|(parts, (sign, times))| {
                    let patterns: Vec<&str> = parts.iter().map(|(pattern, _)| pattern.as_str()).collect();
                    let texts =
                        parts.iter().flat_map(|(_, texts)| texts).map(|text| text.repeat(times)).collect();
                    (format!("(?:{}){sign}", patterns.join("|")), texts)
                }),
        ]
    })
}

/// Go and Rust say the same of each value.
fn read_alike(parts: &Parts, pattern: &str, values: Vec<String>) -> Result<usize, TestCaseError> {
    let question = RegexpQuestion { pattern: pattern.to_owned(), values };
    let answer = go_regexp(parts, std::slice::from_ref(&question)).unwrap().remove(0);
    let answer = answer.map_err(|error| TestCaseError::fail(format!("Go refuses {pattern}: {error}")))?;
    let rust =
        Regex::new(pattern).map_err(|error| TestCaseError::fail(format!("Rust refuses it: {error}")))?;
    for (value, go) in question.values.iter().zip(&answer) {
        prop_assert_eq!(*go, rust.is_match(value), "{:?} and {}", value, pattern);
    }
    Ok(answer.into_iter().filter(|matches| *matches).count())
}

#[test]
fn what_people_may_write_go_and_rust_read_alike() {
    let parts = readers();
    let matched = std::cell::Cell::new(0);
    test_runner(300)
        .run(&(written(), any::<String>()), |((pattern, texts), noise)| {
            let pattern = format!("^(?:team|example\\.com/tier)={pattern}$");
            // The numbers of a pattern have a bound all together, and a pattern has a longest length.
            prop_assume!(pattern.matches("1000").count() < 5 && pattern.len() < 1_000);
            let nodes = pattern::parse(&pattern);
            prop_assert!(nodes.is_ok(), "{} is not taken: {:?}", pattern, nodes);
            let mut values = vec![String::new(), noise.clone(), format!("team={noise}")];
            for text in &texts {
                let text: String = text.chars().take(5_000).collect();
                values.push(format!("team={text}"));
                values.extend(neighbours(&format!("team={text}"), "team=x").into_iter().take(40));
            }
            matched.set(matched.get() + read_alike(&parts, &pattern, values)?);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(matched.get() > 300, "only {} values matched at all", matched.get());
}

/// Pieces of patterns that are mostly of the subset, and now and then are what only one engine takes.
fn near() -> impl Strategy<Value = String> {
    let good = [
        "a", "b", "-", "=", r"\.", r"\~", "[ab]", "[a-c-]", "(?:a|b)", "(?:a|)", "a?", "b{1,2}", "[=.]*",
        "(?:b)+",
    ];
    let odd = [
        ".", "^", "$", "|", "(", ")", "[", "]", "(?:", "(?i)", "(?:a", "{", "}", "{01}", "{,2}", "{1001}",
        "{2}", "*", "+", "?",
    ];
    let escapes = [
        r"\d",
        r"\w",
        r"\Q",
        r"\<",
        r"\a",
        r"\z",
        r"\1",
        r"\ ",
        r"\-",
        "[^a]",
        "[a&&b]",
        "[a-b-c]",
        "[[:alpha:]]",
        "[]a]",
    ];
    prop_oneof![
        8 => prop::sample::select(good.to_vec()),
        1 => prop::sample::select(odd.to_vec()),
        1 => prop::sample::select(escapes.to_vec()),
    ]
    .prop_map(str::to_owned)
}

/// All texts of up to so many of these pieces.
fn short_texts(pieces: &[&str], longest: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut last = texts.clone();
    for _ in 0..longest {
        last =
            last.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
        texts.extend(last.iter().cloned());
    }
    texts
}

#[test]
fn what_is_taken_of_any_text_go_and_rust_read_alike() {
    let parts = readers();
    let taken = std::cell::Cell::new(0);
    let values = short_texts(&["a", "b", "c", "-", "=", ".", "~", "{01}", "{,2}", "\n"], 3);
    test_runner(600)
        .run(&prop::collection::vec(near(), 1..6), |pieces| {
            let pattern = format!("^{}$", pieces.concat());
            if pattern::parse(&pattern).is_ok() {
                taken.set(taken.get() + 1);
                read_alike(&parts, &pattern, values.clone())?;
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(taken.get() > 150, "only {} patterns were taken", taken.get());
}
