//! Ids as Java reads them: unpadded or padded, and bits beyond the 128 do not count (Kafka: `Uuid.fromString`).

use klamm_base::Uuid;

use crate::exception::Exception;

const BYTES: usize = 16;
/// Of 16 bytes with their padding.
const CHARACTERS_MAX: usize = 24;

/// # Errors
/// Java's exception, with the words of Kafka or of Java's decoder.
pub fn parse(text: &str) -> Result<Uuid, Exception> {
    if text.encode_utf16().count() > CHARACTERS_MAX {
        let prefix: String = text.chars().take(CHARACTERS_MAX).collect();
        return Err(Exception::illegal_argument(format!(
            "Input string with prefix `{prefix}` is too long to be decoded as a base64 UUID"
        )));
    }
    let digits = digits(text).map_err(Exception::illegal_argument)?;
    let bytes = digits.len() * 6 / 8;
    if bytes != BYTES {
        return Err(Exception::illegal_argument(format!(
            "Input string `{text}` decoded as {bytes} bytes, which is not equal to the expected 16 bytes of a \
             base64-encoded UUID"
        )));
    }
    // The last digit has two bits that count.
    let last = u128::from(digits.last().copied().unwrap_or_default() >> 4);
    let head = digits[..digits.len() - 1].iter().fold(0u128, |bits, digit| bits << 6 | u128::from(*digit));
    Ok(Uuid((head << 2 | last).to_be_bytes()))
}

/// Six bits each; the rules of `java.util.Base64.getUrlDecoder`.
fn digits(text: &str) -> Result<Vec<u8>, String> {
    if text.len() == 1 {
        return Err("Input byte[] should at least have 2 bytes for base64 bytes".to_owned());
    }
    let end = text.find('=').unwrap_or(text.len());
    let mut digits = Vec::with_capacity(end);
    for character in text[..end].chars() {
        digits.push(match character {
            'A'..='Z' => character as u8 - b'A',
            'a'..='z' => character as u8 - b'a' + 26,
            '0'..='9' => character as u8 - b'0' + 52,
            '-' => 62,
            '_' => 63,
            _ => return Err(format!("Illegal base64 character {:x}", u32::from(character))),
        });
    }
    let padding = &text[end..];
    let used = match (digits.len() % 4, padding.len()) {
        (_, 0) => 0,
        (2, _) if padding.starts_with("==") => 2,
        (0 | 2, _) => return Err("Input byte array has wrong 4-byte ending unit".to_owned()),
        _ => 1,
    };
    if digits.len() % 4 == 1 {
        return Err("Last unit does not have enough valid bits".to_owned());
    }
    if padding.len() > used {
        return Err(format!("Input byte array has incorrect ending byte at {}", end + used));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_java_reads_base64() {
        for text in ["abcdefghijklmnopqrstuv", "abcdefghijklmnopqrstug", "abcdefghijklmnopqrstug=="] {
            assert_eq!(parse(text).expect("16 bytes").to_string(), "abcdefghijklmnopqrstug", "{text}");
        }
        for (text, said) in [
            (
                "abc",
                "Input string `abc` decoded as 2 bytes, which is not equal to the expected 16 bytes of a \
                 base64-encoded UUID",
            ),
            (
                "abcdefghijklmnopqrstuvwxyz",
                "Input string with prefix `abcdefghijklmnopqrstuvwx` is too long to be decoded as a base64 UUID",
            ),
            ("abcdefghijklmnopqrstu+", "Illegal base64 character 2b"),
            ("short", "Last unit does not have enough valid bits"),
            ("a", "Input byte[] should at least have 2 bytes for base64 bytes"),
            ("ab=", "Input byte array has wrong 4-byte ending unit"),
            ("abcd=", "Input byte array has wrong 4-byte ending unit"),
            ("abc=d", "Input byte array has incorrect ending byte at 4"),
        ] {
            assert_eq!(parse(text).expect_err(text).message(), said);
        }
    }
}
