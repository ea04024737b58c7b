//! A line as a record (Kafka: `LineMessageReader`).
//!
//! ```text
//! headers ── headers.delimiter ── key ── key.separator ── value
//!    └── name headers.key.separator value, headers.separator ...
//! ```
//!
//! Headers and key are there only if they are asked for.

use std::fmt;

use klamm_config::Properties;
use klamm_records::Header;
use regex::Regex;

use crate::exception::{Exception, KAFKA};

/// The only reader there is.
pub const CLASS: &str = "org.apache.kafka.tools.LineMessageReader";

/// What a line says, in its own bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadRecord<'a> {
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: Vec<Header<'a>>,
}

/// How lines are read.
#[derive(Clone, Debug)]
pub struct LineMessageReader {
    parse_key: bool,
    key_separator: String,
    parse_headers: bool,
    headers_delimiter: String,
    headers_separator: Separator,
    headers_key_separator: String,
    ignore_error: bool,
    null_marker: Option<String>,
    line_number: u32,
}

/// Kafka takes this separator, and no other, as a regular expression.
#[derive(Clone, Debug)]
enum Separator {
    Literal(String),
    Pattern(Regex),
}

/// Why a reader cannot be had, or a line cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReaderFault {
    /// Two properties that must differ.
    Equal(&'static str, &'static str),
    NoPattern {
        pattern: String,
    },
    NoDemarcation {
        name: &'static str,
        line_number: u32,
        line: String,
    },
    NoHeaderKeySeparator {
        pair: String,
        line_number: u32,
    },
    NullHeaderKey {
        marker: String,
    },
}

impl fmt::Display for ReaderFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReaderFault::Equal(one, other) => write!(f, "{one} and {other} may not be equal"),
            ReaderFault::NoPattern { pattern } => write!(f, "not a pattern: {pattern}"),
            ReaderFault::NoDemarcation { name, line_number, line } => {
                write!(f, "No {name} found on line number {line_number}: '{line}'")
            }
            ReaderFault::NoHeaderKeySeparator { pair, line_number } => {
                write!(f, "No header key separator found in pair '{pair}' on line number {line_number}")
            }
            ReaderFault::NullHeaderKey { marker } => write!(
                f,
                "Header keys should not be equal to the null marker '{marker}' as they can't be null"
            ),
        }
    }
}

impl From<ReaderFault> for Exception {
    fn from(fault: ReaderFault) -> Exception {
        let class = match fault {
            ReaderFault::NoPattern { .. } => "java.util.regex.PatternSyntaxException",
            _ => KAFKA,
        };
        Exception::new(class, fault.to_string())
    }
}

impl LineMessageReader {
    /// # Errors
    /// [`ReaderFault`]: separators that could not be told apart, or no regular expression.
    pub fn new(properties: &Properties) -> Result<LineMessageReader, ReaderFault> {
        let text = |key: &str, default: &str| properties.get(key).map_or(default, String::as_str).to_owned();
        let is_true =
            |key: &str| properties.get(key).is_some_and(|value| value.trim().eq_ignore_ascii_case("true"));
        let key_separator = text("key.separator", "\t");
        let delimiter = text("headers.delimiter", "\t");
        let separator = text("headers.separator", ",");
        let headers_separator = Separator::new(&separator)?;
        let headers_key_separator = text("headers.key.separator", ":");
        let marker = properties.get("null.marker").cloned();
        must_differ(("headers.delimiter", &delimiter), ("headers.separator", &separator))?;
        must_differ(("headers.delimiter", &delimiter), ("headers.key.separator", &headers_key_separator))?;
        must_differ(("headers.separator", &separator), ("headers.key.separator", &headers_key_separator))?;
        if let Some(marker) = &marker {
            let marker = ("null.marker", marker);
            must_differ(marker, ("key.separator", &key_separator))?;
            must_differ(marker, ("headers.separator", &separator))?;
            must_differ(marker, ("headers.delimiter", &delimiter))?;
            must_differ(marker, ("headers.key.separator", &headers_key_separator))?;
        }
        Ok(LineMessageReader {
            parse_key: is_true("parse.key"),
            key_separator,
            parse_headers: is_true("parse.headers"),
            headers_delimiter: delimiter,
            headers_separator,
            headers_key_separator,
            ignore_error: is_true("ignore.error"),
            null_marker: marker,
            line_number: 0,
        })
    }

    /// The record of the next line, whose bytes are UTF-8.
    ///
    /// # Errors
    /// [`ReaderFault`]: a separator is missing, unless `ignore.error` is set.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Result<ReadRecord<'a>, ReaderFault> {
        self.line_number += 1;
        let (mut rest, mut headers, mut key) = (line, None, None);
        if self.parse_headers {
            (headers, rest) = self.take(rest, &self.headers_delimiter, "headers delimiter", line)?;
        }
        if self.parse_key {
            (key, rest) = self.take(rest, &self.key_separator, "key separator", line)?;
        }
        let headers = match headers.and_then(|headers| self.unless_null(headers)) {
            Some(headers) => self.split_headers(headers)?,
            None => Vec::new(),
        };
        let key = key.and_then(|key| self.unless_null(key));
        Ok(ReadRecord { key, value: self.unless_null(rest), headers })
    }

    /// What stands before the separator, and what stands behind it.
    fn take<'a>(
        &self,
        text: &'a [u8],
        separator: &str,
        name: &'static str,
        line: &[u8],
    ) -> Result<(Option<&'a [u8]>, &'a [u8]), ReaderFault> {
        let found = match separator.as_bytes() {
            [one] => memchr::memchr(*one, text),
            many => memchr::memmem::find(text, many),
        };
        match found {
            Some(at) => Ok((Some(&text[..at]), &text[at + separator.len()..])),
            None if self.ignore_error => Ok((None, text)),
            None => {
                Err(ReaderFault::NoDemarcation { name, line_number: self.line_number, line: text_of(line) })
            }
        }
    }

    fn unless_null<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        (self.null_marker.as_ref().is_none_or(|marker| marker.as_bytes() != bytes)).then_some(bytes)
    }

    fn split_headers<'a>(&self, headers: &'a [u8]) -> Result<Vec<Header<'a>>, ReaderFault> {
        let text = std::str::from_utf8(headers).unwrap_or_default();
        self.headers_separator.split(text).into_iter().map(|pair| self.header(pair)).collect()
    }

    fn header<'a>(&self, pair: &'a str) -> Result<Header<'a>, ReaderFault> {
        match pair.split_once(&self.headers_key_separator) {
            Some((name, _)) if self.null_marker.as_deref() == Some(name) => {
                Err(ReaderFault::NullHeaderKey { marker: name.to_owned() })
            }
            Some((name, value)) => {
                Ok(Header { key: name.as_bytes(), value: self.unless_null(value.as_bytes()) })
            }
            None if self.ignore_error => Ok(Header { key: pair.as_bytes(), value: None }),
            None => {
                let line_number = self.line_number;
                Err(ReaderFault::NoHeaderKeySeparator { pair: pair.to_owned(), line_number })
            }
        }
    }
}

fn must_differ(one: (&'static str, &String), other: (&'static str, &String)) -> Result<(), ReaderFault> {
    match one.1 == other.1 {
        true => Err(ReaderFault::Equal(one.0, other.0)),
        false => Ok(()),
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Separator {
    fn new(text: &str) -> Result<Separator, ReaderFault> {
        if !text.is_empty() && regex::escape(text) == text {
            return Ok(Separator::Literal(text.to_owned()));
        }
        let pattern = Regex::new(text);
        pattern.map(Separator::Pattern).map_err(|_| ReaderFault::NoPattern { pattern: text.to_owned() })
    }

    /// The parts as `Pattern.split` gives them: none that is empty at the end, none before an empty match at the
    /// beginning, and the whole text where nothing matches.
    fn split<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let mut parts: Vec<&str> = match self {
            Separator::Literal(separator) => text.split(separator.as_str()).collect(),
            Separator::Pattern(pattern) => pattern.split(text).collect(),
        };
        if parts.len() == 1 {
            return parts;
        }
        if let Separator::Pattern(pattern) = self
            && pattern.find(text).is_some_and(|found| found.is_empty() && found.start() == 0)
        {
            parts.remove(0);
        }
        while parts.last().is_some_and(|last| last.is_empty()) {
            parts.pop();
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(properties: &[(&str, &str)]) -> LineMessageReader {
        try_reader(properties).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn try_reader(properties: &[(&str, &str)]) -> Result<LineMessageReader, ReaderFault> {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        LineMessageReader::new(&properties.collect())
    }

    /// `[name:value,...] key|value`, null as `~`; or the error.
    fn shown(reader: &mut LineMessageReader, line: &str) -> String {
        let text = |bytes: Option<&[u8]>| bytes.map_or("~".to_owned(), text_of);
        match reader.read(line.as_bytes()) {
            Ok(record) => {
                let header =
                    |header: &Header<'_>| format!("{}:{}", text(Some(header.key)), text(header.value));
                let headers: Vec<String> = record.headers.iter().map(header).collect();
                format!("[{}] {}|{}", headers.join(","), text(record.key), text(record.value))
            }
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn a_line_is_a_value() {
        let mut plain = reader(&[]);
        assert_eq!(shown(&mut plain, "a\tb:c"), "[] ~|a\tb:c");
        assert_eq!(shown(&mut plain, ""), "[] ~|");
    }

    #[test]
    fn keys_stand_before_their_separator() {
        let mut tab = reader(&[("parse.key", " TRUE ")]);
        assert_eq!(shown(&mut tab, "k\tv\tw"), "[] k|v\tw");
        assert_eq!(shown(&mut tab, "\t"), "[] |");
        assert_eq!(shown(&mut tab, "nokey"), "No key separator found on line number 3: 'nokey'");
        let mut long = reader(&[("parse.key", "true"), ("key.separator", "=>"), ("ignore.error", "true")]);
        assert_eq!(shown(&mut long, "k=>v"), "[] k|v");
        assert_eq!(shown(&mut long, "k=v"), "[] ~|k=v");
    }

    #[test]
    fn headers_stand_before_the_key() {
        let both = [("parse.key", "true"), ("parse.headers", "true")];
        let mut with_headers = reader(&both);
        assert_eq!(shown(&mut with_headers, "a:1,b:2:3,,\tk\tv"), "[a:1,b:2:3] k|v");
        assert_eq!(
            shown(&mut with_headers, "a\tk\tv"),
            "No header key separator found in pair 'a' on line number 2"
        );
        assert_eq!(shown(&mut with_headers, "v"), "No headers delimiter found on line number 3: 'v'");
        let mut lenient = reader(&[both[0], both[1], ("ignore.error", "true")]);
        assert_eq!(shown(&mut lenient, "a\tk\tv"), "[a:~] k|v");
        assert_eq!(shown(&mut lenient, "v"), "[] ~|v");
    }

    #[test]
    fn markers_are_nulls() {
        let properties = [("parse.key", "true"), ("parse.headers", "true"), ("null.marker", "NULL")];
        let mut marked = reader(&properties);
        assert_eq!(shown(&mut marked, "a:NULL\tNULL\tNULL"), "[a:~] ~|~");
        assert_eq!(shown(&mut marked, "NULL\tk\tv"), "[] k|v");
        let fault = "Header keys should not be equal to the null marker 'NULL' as they can't be null";
        assert_eq!(shown(&mut marked, "NULL:a\tk\tv"), format!("{fault}"));
    }

    #[test]
    fn the_separator_of_headers_is_a_pattern() {
        let mut pattern = reader(&[("parse.headers", "true"), ("headers.separator", "[;|]+")]);
        assert_eq!(shown(&mut pattern, "a:1;|b:2\tv"), "[a:1,b:2] ~|v");
        let fault = try_reader(&[("headers.separator", "[")]).map(|_| ());
        assert_eq!(fault, Err(ReaderFault::NoPattern { pattern: "[".to_owned() }));
    }

    #[test]
    fn separators_must_be_told_apart() {
        for (properties, fault) in [
            (vec![("headers.delimiter", ",")], "headers.delimiter and headers.separator"),
            (vec![("headers.delimiter", ":")], "headers.delimiter and headers.key.separator"),
            (vec![("headers.separator", ":")], "headers.separator and headers.key.separator"),
            (vec![("null.marker", "\t")], "null.marker and key.separator"),
            (vec![("null.marker", ",")], "null.marker and headers.separator"),
            (vec![("null.marker", ":")], "null.marker and headers.key.separator"),
            (vec![("null.marker", "\t"), ("key.separator", ";")], "null.marker and headers.delimiter"),
        ] {
            let refused = try_reader(&properties).expect_err(fault).to_string();
            assert_eq!(refused, format!("{fault} may not be equal"));
        }
    }
}
