//! Addresses.

use std::net::Ipv6Addr;

use tegata_rbac::suggest::closest;

use super::{TextProblem, TextRule, problem, shown};

/// An address that begins with `https://` or `http://`.
pub static URL: TextRule =
    TextRule { what: "an address", check: url, pattern: Some("^https?://[^/]+"), longest: None };

fn url(text: &str) -> Result<(), TextProblem> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let Some(host) = host else {
        return Err(problem(
            format!("`{}` is not an address", shown(text)),
            match with_scheme(text).filter(|address| url(address).is_ok()) {
                Some(address) => format!("write it with its scheme: {}", shown(&address)),
                None => "write scheme, host and path: https://gitlab.example.com/".to_owned(),
            },
        ));
    };
    let (authority, path) = host.split_once('/').unwrap_or((host, ""));
    let (name, _) = split_port(authority);
    if is_scheme(name) {
        let example = as_example(with_scheme(host).as_deref());
        return Err(problem(
            format!("`{}` has `{name}` in place of a host", shown(text)),
            format!("write the scheme once, and the host behind it{example}"),
        ));
    }
    if path.starts_with('/') {
        let once = format!("/{}", path.trim_start_matches('/'));
        let scheme = text.strip_suffix(host).unwrap_or_default();
        return Err(problem(
            format!("`{}` has `//` behind its host", shown(text)),
            format!("write one `/`{}", as_example(Some(&format!("{scheme}{authority}{once}")))),
        ));
    }
    if authority.contains('@') {
        return Err(problem(
            "the address holds a user or a password, which must never stand in a workspace",
            format!(
                "write it without{} (and change the password: it has been in a file)",
                without_user(text)
            ),
        ));
    }
    if host.contains(['?', '#']) {
        return Err(problem(
            format!("`{}` has a query or a fragment", shown(text)),
            format!("write scheme, host and path alone{}", as_example(text.split(['?', '#']).next())),
        ));
    }
    if authority.is_empty()
        || text.chars().any(|character| character.is_whitespace() || character.is_control())
        || text.contains("{{")
    {
        return Err(problem(
            format!("`{}` is not an address", shown(text)),
            "write scheme, host and path, without a user, blanks or braces: https://gitlab.example.com/",
        ));
    }
    if text.contains('\\') {
        return Err(problem(
            format!("`{}` has a `\\`, which no address has", shown(text)),
            format!("write `/`{}", as_example(Some(&text.replace('\\', "/")))),
        ));
    }
    host_and_port(text, authority)
}

fn is_scheme(word: &str) -> bool {
    ["https", "http"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// The address that a text means whose scheme is missing, is misspelt, lacks its colon, or stands there more than once.
fn with_scheme(text: &str) -> Option<String> {
    let mut scheme = None;
    let mut address = text;
    // In a loop: a text may be very long.
    loop {
        let (word, after) = address.split_at(address.find([':', '/']).unwrap_or(address.len()));
        let Some(meant) = closest(word, ["https", "http"]).filter(|_| !after.is_empty()) else { break };
        scheme = Some(meant);
        address = after.trim_start_matches([':', '/']);
    }
    if scheme.is_none() {
        let after = address.split_once("://").map_or(address, |(_, after)| after);
        address = after.trim_start_matches([':', '/']);
    }
    let (host, _) = split_port(address.split('/').next().unwrap_or_default());
    // Of what is a port, the word before it is the host.
    let is_host = !host.is_empty() && !is_scheme(host) && !host.bytes().all(|byte| byte.is_ascii_digit());
    is_host.then(|| format!("{}://{address}", scheme.unwrap_or("https")))
}

/// Whether the authority of an address is one host, and one port at most.
fn host_and_port(text: &str, authority: &str) -> Result<(), TextProblem> {
    let (host, port) = split_port(authority);
    if host.is_empty() {
        return Err(problem(
            format!("`{}` has no host", shown(text)),
            "write scheme, host and path: https://gitlab.example.com/",
        ));
    }
    let wants_brackets = host.contains(['[', ']']) || unbracketed(authority).is_some();
    if wants_brackets && !is_bracketed(host) {
        let meant = unbracketed(authority).map(|meant| with_authority(text, authority, &meant));
        let example = meant.as_deref().unwrap_or("https://[2001:db8::1]:6443");
        return Err(problem(
            format!("`{}` is no IPv6 address in brackets", shown(authority)),
            format!("write the name of a host, or an IPv6 address in brackets: {}", shown(example)),
        ));
    }
    if let Some((first, _)) = port.split_once(':') {
        let with_first = with_authority(text, authority, &format!("{host}:{first}"));
        return Err(problem(
            format!("`{}` has more than one port", shown(text)),
            format!("write one{}", as_example(Some(&with_first))),
        ));
    }
    // Nothing behind the colon is the usual port.
    if !port.is_empty() && !is_port(port) {
        let without = with_authority(text, authority, host);
        return Err(problem(
            format!("`{}` is no port", shown(port)),
            format!("write a number from 1 to 65535, or none{}", as_example(Some(&without))),
        ));
    }
    Ok(())
}

/// The host, and what stands behind its colon.
fn split_port(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(']') {
        None => authority.split_once(':').unwrap_or((authority, "")),
        Some((_, "")) => (authority, ""),
        Some((host, port)) => match (authority.get(..=host.len()), port.strip_prefix(':')) {
            (Some(host), Some(port)) => (host, port),
            _ => (authority, ""),
        },
    }
}

fn is_bracketed(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    // A zone may follow: `fe80::1%25eth0`.
    let address = address.map(|address| address.split_once('%').map_or(address, |(address, _)| address));
    address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// The authority with brackets around the IPv6 address that it is, and with the port behind it, where one is.
fn unbracketed(authority: &str) -> Option<String> {
    let is_address = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    let bare = authority.trim_matches(['[', ']']);
    if is_address(bare) {
        return Some(format!("[{bare}]"));
    }
    let (address, port) = authority.rsplit_once(':')?;
    let address = address.trim_matches(['[', ']']);
    (is_address(address) && is_port(port)).then(|| format!("[{address}]:{port}"))
}

/// A number is read with a sign, too.
fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse().is_ok_and(|port: u16| port > 0)
}

/// The address with another authority.
fn with_authority(text: &str, authority: &str, other: &str) -> String {
    text.replacen(&format!("://{authority}"), &format!("://{other}"), 1)
}

/// The address without its user, as the end of a help. Where more than the user may be secret, there is none.
fn without_user(text: &str) -> String {
    let parts = text.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1)));
    let address =
        parts.filter(|(_, rest)| !rest.contains('@')).map(|(scheme, rest)| format!("{scheme}://{rest}"));
    as_example(address.as_deref())
}

/// What to write, as the end of a help, where that is an address.
fn as_example(address: Option<&str>) -> String {
    let address = address.filter(|address| url(address).is_ok());
    address.map_or_else(String::new, |address| format!(": {}", shown(address)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_without_end() {
        let schemes = "https://".repeat(100_000);
        assert!(url(&schemes).is_err());
        let problem = url(&format!("{schemes}h")).unwrap_err();
        assert_eq!(problem.help.as_deref(), Some("write the scheme once, and the host behind it: https://h"));
    }

    #[test]
    fn addresses() {
        for address in [
            "https://gitlab.example.com",
            "http://gitlab.example.com:8080/sub/path",
            "https://gitlab.example.com:",
            "https://gitlab.example.com:0443/",
            "https://gitlab.example.com/a:b:c/[d]",
            "https://192.0.2.1:65535",
            "https://[::1]",
            "https://[2001:DB8::1]:6443/",
            "https://[::ffff:192.0.2.1]:",
            "https://[fe80::1%25eth0]:6443",
        ] {
            assert!(url(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn no_addresses() {
        let in_brackets = |example: &str| {
            format!("write the name of a host, or an IPv6 address in brackets: https://{example}")
        };
        let port = |example: &str| format!("write a number from 1 to 65535, or none: https://{example}");
        for (address, help) in [
            ("https://h:443:443/a", "write one: https://h:443/a".to_owned()),
            ("https://h:443:", "write one: https://h:443".to_owned()),
            ("https://h:x:443", "write one".to_owned()),
            ("https://h:65536/a", port("h/a")),
            ("https://h:0", port("h")),
            ("https://h:+443", port("h")),
            ("https://[::1]:+443", port("[::1]")),
            ("https://h\\a", "write `/`: https://h/a".to_owned()),
            ("https://h/a\\b", "write `/`: https://h/a/b".to_owned()),
            ("https://[::1", in_brackets("[::1]")),
            ("https://::1]:443/a", in_brackets("[::1]:443/a")),
            ("https://2001:db8::1", in_brackets("[2001:db8::1]")),
            ("https://1:2:3:4:5:6:7:8:443", in_brackets("[1:2:3:4:5:6:7:8]:443")),
            ("https://[]", in_brackets("[2001:db8::1]:6443")),
            ("https://[h]:443", in_brackets("[2001:db8::1]:6443")),
            ("https://[::1]443", in_brackets("[2001:db8::1]:6443")),
            ("https://[[::1]]", in_brackets("[::1]")),
            ("https://h[::1]", in_brackets("[2001:db8::1]:6443")),
            ("https://:443", "write scheme, host and path: https://gitlab.example.com/".to_owned()),
            ("https//h", "write it with its scheme: https://h".to_owned()),
            ("https:/h/a", "write it with its scheme: https://h/a".to_owned()),
            ("htps://h", "write it with its scheme: https://h".to_owned()),
            ("HTTP://h:80", "write it with its scheme: http://h:80".to_owned()),
            ("ssh://h", "write it with its scheme: https://h".to_owned()),
            ("//h", "write it with its scheme: https://h".to_owned()),
            ("h", "write it with its scheme: https://h".to_owned()),
            ("https://https//h", "write the scheme once, and the host behind it: https://h".to_owned()),
            ("https://http://h", "write the scheme once, and the host behind it: http://h".to_owned()),
            ("https://http", "write the scheme once, and the host behind it".to_owned()),
            ("https://h//a", "write one `/`: https://h/a".to_owned()),
            ("me:secret@h", "write scheme, host and path: https://gitlab.example.com/".to_owned()),
        ] {
            let problem = url(address).unwrap_err();
            assert_eq!(problem.help, Some(help), "{address}");
        }
    }
}
