//! The text of a properties file. Kafka: `Utils.loadProps`, that is `java.util.Properties.load`.
//!
//! Written out here because the crate for it loses a last line that ends in a backslash and reads the
//! bytes 0x80..=0x9f as windows-1252.

use std::collections::BTreeMap;
use std::fmt;

/// Names and values as text, the form of files, requests and config records.
pub type Properties = BTreeMap<String, String>;

/// `\u` without four hexadecimal digits behind it: not a properties file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedEscape;

impl fmt::Display for MalformedEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Malformed \\uxxxx encoding.")
    }
}

impl std::error::Error for MalformedEscape {}

/// Reads a whole file: comments, separators, continuations, escapes; bytes are Latin-1; the last value
/// of a name wins.
pub fn parse_properties(text: &[u8]) -> Result<Properties, MalformedEscape> {
    let mut properties = Properties::new();
    let mut rest = text;
    while let Some(line) = logical_line(&mut rest) {
        let (name, value) = split(&line);
        properties.insert(unescape(name)?, unescape(value)?);
    }
    Ok(properties)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0c')
}

/// The next line that is neither blank nor a comment, with its continuations joined; None at the end.
fn logical_line(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let mut continued = false;
    while !rest.is_empty() {
        let natural = natural_line(rest);
        let start = natural.iter().position(|&byte| !is_blank(byte)).unwrap_or(natural.len());
        let content = &natural[start..];
        if !continued && matches!(content, [] | [b'#' | b'!', ..]) {
            continue;
        }
        let backslashes = content.iter().rev().take_while(|&&byte| byte == b'\\').count();
        continued = backslashes % 2 == 1;
        line.extend_from_slice(&content[..content.len() - usize::from(continued)]);
        if !continued {
            return Some(line);
        }
        // A line that so far holds nothing but continuations is still looked at as a new one.
        continued = !line.is_empty();
    }
    // Java makes an entry with an empty name of a last line that is only a backslash; here it is nothing.
    (!line.is_empty()).then_some(line)
}

/// Up to `\n`, `\r` or `\r\n`, which is consumed.
fn natural_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let text = *rest;
    let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(text.len());
    let terminator = if text[end..].starts_with(b"\r\n") { 2 } else { usize::from(end < text.len()) };
    *rest = &text[end + terminator..];
    &text[..end]
}

/// Name and value, still escaped: parted by the first unescaped `=`, `:` or blank.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    while at < line.len() && !matches!(line[at], b'=' | b':') && !is_blank(line[at]) {
        at += if line[at] == b'\\' { 2 } else { 1 };
    }
    let name_end = at.min(line.len());
    let skip_blanks = |from: usize| from + line[from..].iter().take_while(|&&byte| is_blank(byte)).count();
    let mut value_start = skip_blanks(name_end);
    if matches!(line.get(value_start), Some(b'=' | b':')) {
        value_start = skip_blanks(value_start + 1);
    }
    (&line[..name_end], &line[value_start..])
}

fn unescape(text: &[u8]) -> Result<String, MalformedEscape> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let escaped = if byte == b'\\' { bytes.next() } else { None };
        units.push(match escaped {
            None if byte == b'\\' => continue,
            None => byte.into(),
            Some(b't') => 0x09,
            Some(b'n') => 0x0a,
            Some(b'r') => 0x0d,
            Some(b'f') => 0x0c,
            Some(b'u') => hexadecimal(&mut bytes)?,
            Some(other) => other.into(),
        });
    }
    Ok(String::from_utf16_lossy(&units))
}

fn hexadecimal(bytes: &mut impl Iterator<Item = u8>) -> Result<u16, MalformedEscape> {
    let mut unit: u16 = 0;
    for _ in 0..4 {
        let digit = bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(MalformedEscape)?;
        unit = unit << 4 | digit as u16;
    }
    Ok(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[u8]) -> Vec<(String, String)> {
        parse_properties(text).expect("well formed").into_iter().collect()
    }

    fn one(text: &[u8]) -> (String, String) {
        let mut all = pairs(text);
        assert_eq!(all.len(), 1, "{text:?} gave {all:?}");
        all.remove(0)
    }

    /// Each line is what Java 17 made of it.
    #[test]
    fn reads_what_java_reads() {
        let cases: &[(&[u8], &str, &str)] = &[
            (b"  a = b \\\n    c\n", "a", "b c"),
            (b"d:e", "d", "e"),
            (b"f g", "f", "g"),
            (b"h", "h", ""),
            (b"k\\ ey=v", "k ey", "v"),
            (b"k\\=\\:=v", "k=:", "v"),
            (b"u=\\u00e9\\t\\n\\q", "u", "\u{e9}\t\nq"),
            (b"l=caf\xe9\xc3\xa9 \x80", "l", "caf\u{e9}\u{c3}\u{a9} \u{80}"),
            (b"x=1\r\nx=2\r", "x", "2"),
            (b"trail=abc   ", "trail", "abc   "),
            (b"bs=a\\\\\n", "bs", "a\\"),
            (b"eq==b", "eq", "=b"),
            (b"eq = = b", "eq", "= b"),
            (b"cont=a,\\\n# not a comment\n", "cont", "a,# not a comment"),
            (b"# c\n! c\\\nz=1\\", "z", "1"),
            (b":\\", "", ""),
        ];
        for &(text, name, value) in cases {
            assert_eq!(
                one(text),
                (name.to_string(), value.to_string()),
                "{:?}",
                text.escape_ascii().to_string()
            );
        }
    }

    #[test]
    fn a_broken_escape_is_refused() {
        assert_eq!(parse_properties(b"a=\\u12"), Err(MalformedEscape));
        assert_eq!(parse_properties(b"a=\\u12g4"), Err(MalformedEscape));
    }

    #[test]
    fn blank_lines_and_comments_are_nothing() {
        assert_eq!(pairs(b"\n \t\n#a=b\n  ! c=d\n"), vec![]);
    }
}
