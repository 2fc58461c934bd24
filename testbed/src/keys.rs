//! Keys and tokens for a server that lives as long as a test.

use std::io::Read;

use anyhow::{Context, Result};
use fs_err as fs;

/// Thirty-two bytes of the system's randomness.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes).context("cannot read /dev/urandom")?;
    Ok(bytes)
}

/// A token nobody can guess: other users of the machine reach a loopback port too.
pub(crate) fn token() -> Result<String> {
    Ok(random()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A private key for signing service-account tokens, in PEM.
pub(crate) fn service_account_key() -> Result<String> {
    Ok(pem(&private_key(random()?)))
}

/// An EC private key on P-256 as RFC 5915 has it, without the public key, which is optional there: the reader works
/// it out. So a key is a random number in an envelope, and neither openssl nor a library is needed to make one.
fn private_key(mut number: [u8; 32]) -> Vec<u8> {
    // The number must lie between 0 and the order of the curve, which is a little less than 2^256.
    number[0] &= 0x7f;
    number[31] |= 1;
    let mut der = vec![
        0x30, 0x31, // SEQUENCE, 49 bytes
        0x02, 0x01, 0x01, // INTEGER: version 1
        0x04, 0x20, // OCTET STRING, 32 bytes: the number
    ];
    der.extend(number);
    der.extend([
        0xa0, 0x0a, // [0]: the curve
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, // OBJECT IDENTIFIER prime256v1
    ]);
    der
}

fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN EC PRIVATE KEY-----\n");
    // 48 bytes make the 64 characters of a line.
    for chunk in der.chunks(48) {
        text.push_str(&base64(chunk));
        text.push('\n');
    }
    text.push_str("-----END EC PRIVATE KEY-----\n");
    text
}

/// Standard Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let digit = (group >> (18 - 6 * position)) & 0x3f;
            match ALPHABET.get(digit as usize) {
                Some(letter) if position <= chunk.len() => text.push(char::from(*letter)),
                _ => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn the_number_of_a_key_lies_on_the_curve() {
        for number in [[0; 32], [0xff; 32]] {
            let der = private_key(number);
            assert_eq!(der.len(), 51);
            assert!(der[7] < 0x80);
            assert!(der[7..39].iter().any(|byte| *byte != 0));
        }
    }

    #[test]
    fn tokens_differ() -> Result<()> {
        let token = super::token()?;
        assert_eq!(token.len(), 64);
        assert_ne!(token, super::token()?);
        Ok(())
    }
}
