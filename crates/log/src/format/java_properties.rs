//! The text form of `java.util.Properties`, as far as `meta.properties` needs it: all that may be read, and values
//! written as `store` does.
//!
//! Bytes are Latin-1; other characters are written `\uXXXX`, in UTF-16 units. A logical line goes on behind a backslash at
//! its end. Keys end at the first `=`, `:` or white space that is not escaped; later keys win.

use std::collections::BTreeMap;

use crate::Malformed;

/// All keys with their values.
pub fn decode(bytes: &[u8]) -> Result<BTreeMap<String, String>, Malformed> {
    let mut properties = BTreeMap::new();
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).zip(1u32..);
    while let Some((line, number)) = lines.next() {
        let line = trim_start(line);
        if line.is_empty() || matches!(line[0], b'#' | b'!') {
            continue;
        }
        let mut logical = line.to_vec();
        while ends_with_escape(&logical) {
            logical.pop();
            match lines.next() {
                Some((next, _)) => logical.extend_from_slice(trim_start(next)),
                None => break,
            }
        }
        let (key, value) = split(&logical);
        let text = |bytes| unescape(bytes).ok_or(Malformed::BadLine { line: number });
        properties.insert(text(key)?, text(value)?);
    }
    Ok(properties)
}

/// Appends a value as `java.util.Properties.store` writes it.
pub fn escape_value(value: &str, text: &mut String) {
    for (index, unit) in value.encode_utf16().enumerate() {
        match char::from_u32(u32::from(unit)) {
            Some(' ') if index == 0 => text.push_str("\\ "),
            Some('\t') => text.push_str("\\t"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\x0c') => text.push_str("\\f"),
            Some(special @ ('\\' | '=' | ':' | '#' | '!')) => text.extend(['\\', special]),
            Some(plain @ ' '..='~') => text.push(plain),
            _ => text.push_str(&format!("\\u{unit:04X}")),
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0c')
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !is_space(*byte)).unwrap_or(bytes.len());
    &bytes[start..]
}

/// An odd number of backslashes at the end: the last one escapes the line's end.
fn ends_with_escape(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Key and value of a logical line.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    while end < line.len() && !is_space(line[end]) && !matches!(line[end], b'=' | b':') {
        end += if line[end] == b'\\' { 2 } else { 1 };
    }
    let end = end.min(line.len());
    let rest = trim_start(&line[end..]);
    let value = match rest.first() {
        Some(b'=' | b':') => trim_start(&rest[1..]),
        _ => rest,
    };
    (&line[..end], value)
}

/// `None` for a `\u` without four hexadecimal digits.
fn unescape(bytes: &[u8]) -> Option<String> {
    let mut units: Vec<u16> = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            units.push(u16::from(byte));
            continue;
        }
        match bytes.next() {
            Some(b't') => units.push(u16::from(b'\t')),
            Some(b'n') => units.push(u16::from(b'\n')),
            Some(b'r') => units.push(u16::from(b'\r')),
            Some(b'f') => units.push(0x0c),
            Some(b'u') => {
                let mut unit = 0;
                for _ in 0..4 {
                    let digit = char::from(bytes.next()?).to_digit(16)?;
                    unit = unit << 4 | digit as u16;
                }
                units.push(unit);
            }
            Some(plain) => units.push(u16::from(plain)),
            None => {}
        }
    }
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_are_read() {
        let text =
            b"# comment\n! another\n\n a = 1\r\nb:2\nc 3\n  d\\=e = f\\\n   g\nh=\\u00fc\\t\\x\ni\n=j\nk\\\\";
        let expected = [
            ("", "j"),
            ("a", "1"),
            ("b", "2"),
            ("c", "3"),
            ("d=e", "fg"),
            ("h", "\u{fc}\tx"),
            ("i", ""),
            ("k\\", ""),
        ];
        let properties = decode(text).unwrap();
        assert_eq!(properties.len(), expected.len());
        for (key, value) in expected {
            assert_eq!(properties.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert_eq!(decode(b"\na=\\u00g0"), Err(Malformed::BadLine { line: 2 }));
    }

    #[test]
    fn what_is_written_is_read() {
        for value in ["", " a b ", "=:#!\\", "\u{1F600} é\n\t\r\x0c"] {
            let mut text = "key=".to_owned();
            escape_value(value, &mut text);
            assert_eq!(decode(text.as_bytes()).unwrap()["key"], value);
        }
    }
}
