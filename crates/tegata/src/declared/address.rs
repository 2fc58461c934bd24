//! Addresses, which can be written in many ways.

use std::fmt::Write;
use std::net::Ipv6Addr;

/// Where an address leads, the same text for each way to write it.
pub fn place_of(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let usual = if scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (name, port) = name_and_port(authority);
    let mut place = host(name);
    if let Some(port) = port.filter(|port| *port != usual) {
        // A `String` takes every write.
        let _ = write!(place, ":{port}");
    }
    place + "/" + &segments(&spelt(path)).join("/")
}

/// A host's name and the port, where one is said.
fn name_and_port(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((name, "")) => (name, None),
        Some((name, port)) => port.parse().map_or((authority, None), |port| (name, Some(port))),
        None => (authority, None),
    }
}

fn host(name: &str) -> String {
    let name = spelt(&name.to_lowercase()).to_ascii_lowercase();
    let name = name.trim_end_matches('.');
    let in_brackets = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match in_brackets.and_then(|name| name.parse::<Ipv6Addr>().ok()) {
        Some(address) => {
            address.to_ipv4_mapped().map_or_else(|| format!("[{address}]"), |mapped| mapped.to_string())
        }
        None => name.to_owned(),
    }
}

/// A text with each character escaped that needs it, and no other (RFC 3986, 6.2.2).
fn spelt(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let (byte, escaped) = match escape(rest) {
            Some(byte) => (byte, true),
            None => (*byte, false),
        };
        rest = if escaped { behind.get(2..).unwrap_or_default() } else { behind };
        let is_free = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if is_free || (!escaped && byte.is_ascii() && byte != b'%') {
            spelt.push(char::from(byte));
        } else {
            let _ = write!(spelt, "%{byte:02X}");
        }
    }
    spelt
}

/// The byte that an escape at the beginning stands for.
fn escape(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? * 16 + digit(*low)?)
}

/// The folders of a path: without empty ones and dots, as servers read it.
fn segments(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_way_to_write_an_address_is_the_same_place() {
        for (place, spellings) in [
            (
                "k8s.example.com/",
                &[
                    "https://k8s.example.com",
                    "https://k8s.example.com/",
                    "https://k8s.example.com//",
                    "https://K8s.Example.COM",
                    "HTTPS://k8s.example.com:443",
                    "https://k8s.example.com:0443/",
                    "https://k8s.example.com:",
                    "https://k8s.example.com.",
                    "https://k8s.example.com.:443/",
                    "https://%6b8s.example.com",
                    "https://%4B8s.example.com",
                    "http://k8s.example.com:80",
                ][..],
            ),
            ("k8s.example.com:6443/", &["https://k8s.example.com:6443", "https://k8s.example.com.:6443/"]),
            ("k8s.example.com:80/", &["https://k8s.example.com:80"]),
            (
                "[::1]:6443/",
                &[
                    "https://[::1]:6443",
                    "https://[0:0:0:0:0:0:0:1]:6443/",
                    "https://[0000::0001]:6443",
                    "https://[::0.0.0.1]:6443",
                ],
            ),
            ("[2001:db8::a]/", &["https://[2001:DB8::A]", "https://[2001:db8:0::a]:443"]),
            (
                "192.0.2.1/",
                &["https://192.0.2.1", "https://[::ffff:192.0.2.1]", "https://[::FFFF:c000:201]:443/"],
            ),
            (
                "rancher.example.com/k8s/clusters/a",
                &[
                    "https://rancher.example.com/k8s/clusters/a",
                    "https://rancher.example.com/k8s/clusters/a//",
                    "https://rancher.example.com//k8s/./clusters/b/../a/",
                    "https://rancher.example.com/%6b8s/clusters/%61",
                ],
            ),
            ("k8s.example.com/A", &["https://k8s.example.com/A"]),
            ("k8s.example.com/a%2Fb", &["https://k8s.example.com/a%2fb", "https://k8s.example.com/a%2Fb"]),
            ("k8s.example.com/%256b", &["https://k8s.example.com/%256b"]),
            ("k8s.example.com/%C3%A4", &["https://k8s.example.com/ä", "https://k8s.example.com/%c3%a4"]),
            ("k8s.example.com/a%25", &["https://k8s.example.com/a%", "https://k8s.example.com/a%25"]),
            ("k8s.example.com:port/", &["https://k8s.example.com:port"]),
            ("[::1::2]/", &["https://[::1::2]"]),
        ] {
            for spelling in spellings {
                assert_eq!(place_of(spelling), place, "{spelling}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_place_is_its_own_place(url in "https?://[a-f%0-9.Aä]{0,12}(:[0-9]{0,6})?(/[a-f%0-9./Aä]{0,12})?") {
            let place = place_of(&url);
            let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
            prop_assert_eq!(place_of(&format!("{scheme}://{place}")), place);
        }
    }
}
