//! One event as one line.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata};

use super::site_limits::Suppressed;
use super::timestamp;

/// Longer lines are cut.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// An event, taken apart.
pub struct Entry {
    metadata: &'static Metadata<'static>,
    parts: Parts,
}

/// The shape of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// As Kafka has it.
    Text,
    /// An object: `timestamp`, `level`, `logger`, `message`, and `fields` where there are some.
    Json,
}

impl Entry {
    pub fn of(event: &Event<'_>) -> Entry {
        let mut parts = Parts::default();
        event.record(&mut parts);
        Entry { metadata: event.metadata(), parts }
    }

    pub fn level(&self) -> Level {
        *self.metadata.level()
    }

    /// The event's target, unless a field `logger` says otherwise: targets are fixed where the event stands.
    pub fn logger(&self) -> &str {
        self.parts.logger.as_deref().unwrap_or(self.metadata.target())
    }

    pub fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    /// The line, with its newline.
    pub fn line(&self, now_ms: u64, format: Format) -> String {
        match format {
            Format::Text => text(now_ms, self.level(), &self.parts, self.logger()),
            Format::Json => json(now_ms, self.level(), &self.parts, self.logger()),
        }
    }
}

/// A line about lines that were left out.
pub fn about(suppressed: &Suppressed, now_ms: u64, format: Format) -> String {
    let Suppressed { logger, count, at: (file, line) } = suppressed;
    let message =
        format!("left out {count} more lines like those before ({file}:{line}): too many in a second");
    let parts = Parts { message, ..Parts::default() };
    match format {
        Format::Text => text(now_ms, Level::WARN, &parts, logger),
        Format::Json => json(now_ms, Level::WARN, &parts, logger),
    }
}

fn text(now_ms: u64, level: Level, parts: &Parts, logger: &str) -> String {
    let mut line = String::with_capacity(128);
    line.push('[');
    timestamp::push(&mut line, now_ms);
    line.push_str("] ");
    line.push_str(level.as_str());
    line.push(' ');
    push_escaped(&mut line, &parts.message);
    for Part { name, value, .. } in &parts.fields {
        line.push(' ');
        line.push_str(name);
        line.push('=');
        push_escaped(&mut line, value);
    }
    line.push_str(" (");
    line.push_str(logger);
    line.push_str(")\n");
    line
}

fn json(now_ms: u64, level: Level, parts: &Parts, logger: &str) -> String {
    let mut line = String::with_capacity(192);
    line.push_str("{\"timestamp\":\"");
    timestamp::push_iso(&mut line, now_ms);
    line.push_str("\",\"level\":\"");
    line.push_str(level.as_str());
    line.push_str("\",\"logger\":");
    push_json(&mut line, logger);
    line.push_str(",\"message\":");
    push_json(&mut line, &parts.message);
    for (at, Part { name, value, is_number }) in parts.fields.iter().enumerate() {
        line.push_str(if at == 0 { ",\"fields\":{" } else { "," });
        // Names stand in the code, and are short.
        let _ = write!(line, "\"{name}\":");
        match is_number {
            true => line.push_str(value),
            false => push_json(&mut line, value),
        }
    }
    line.push_str(if parts.fields.is_empty() { "}\n" } else { "}}\n" });
    line
}

/// A string of JSON. As in the text, nothing of it moves a terminal's cursor, and it has a bound.
fn push_json(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        if line.len() >= LINE_BYTES_MAX {
            line.push_str("...");
            break;
        }
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            c if c.is_control() => {
                let _ = write!(line, "\\u{:04x}", c as u32);
            }
            c => line.push(c),
        }
    }
    line.push('"');
}

/// Control characters would let a client write lines of its own or move a terminal's cursor.
fn push_escaped(line: &mut String, text: &str) {
    for c in text.chars() {
        if line.len() >= LINE_BYTES_MAX {
            line.push_str("...");
            return;
        }
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push('\t'),
            c if c.is_control() => {
                let _ = write!(line, "\\u{{{:x}}}", c as u32);
            }
            c => line.push(c),
        }
    }
}

#[derive(Default)]
struct Parts {
    message: String,
    fields: Vec<Part>,
    logger: Option<String>,
}

/// A field beside the message.
struct Part {
    name: &'static str,
    value: String,
    is_number: bool,
}

impl Parts {
    fn take(&mut self, field: &Field, value: String, is_number: bool) {
        match field.name() {
            "message" => self.message = value,
            name => self.fields.push(Part { name, value, is_number }),
        }
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}"), false);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "logger" => self.logger = Some(value.to_owned()),
            _ => self.take(field, value.to_owned(), false),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.to_string(), true);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // How many lines a rate limit kept back is worth a word only when there were some.
        if field.name() != "suppressed" || value > 0 {
            self.take(field, value.to_string(), true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGGER: &str = "kafka.server.KafkaRaftServer";

    fn parts(message: &str, fields: &[(&'static str, &str)]) -> Parts {
        let part = |(name, value): &(&'static str, &str)| Part {
            name,
            value: (*value).to_owned(),
            is_number: value.parse::<u64>().is_ok(),
        };
        Parts { message: message.to_owned(), fields: fields.iter().map(part).collect(), logger: None }
    }

    fn line(message: &str, fields: &[(&'static str, &str)]) -> String {
        text(1_795_260_153_123, Level::INFO, &parts(message, fields), LOGGER)
    }

    #[test]
    fn lines_have_the_shape_of_kafka() {
        assert_eq!(
            line("Kafka Server started", &[("node", "1")]),
            "[2026-11-21 11:22:33,123] INFO Kafka Server started node=1 (kafka.server.KafkaRaftServer)\n"
        );
    }

    #[test]
    fn json_lines_are_objects() {
        let fields: [(&'static str, &str); 2] = [("client", "a\u{1b}\u{9b}\\"), ("suppressed", "7")];
        let line = json(1_795_260_153_123, Level::WARN, &parts("closed\n\"it\"", &fields), LOGGER);
        assert_eq!(
            line,
            "{\"timestamp\":\"2026-11-21T11:22:33.123Z\",\"level\":\"WARN\",\
             \"logger\":\"kafka.server.KafkaRaftServer\",\"message\":\"closed\\n\\\"it\\\"\",\
             \"fields\":{\"client\":\"a\\u001b\\u009b\\\\\",\"suppressed\":7}}\n"
        );
        let long = json(0, Level::WARN, &parts(&"\u{1b}".repeat(20_000), &[("client", "long")]), LOGGER);
        assert!(long.len() < LINE_BYTES_MAX + 200, "{} bytes", long.len());
        assert!(long.ends_with("...\",\"fields\":{\"client\":\"...\"}}\n"), "{long}");
    }

    #[test]
    fn a_client_cannot_write_lines_or_escapes() {
        let line = line("closed\n[2026-01-01] FATAL \u{1b}[31m", &[("client", "\u{9b}2J")]);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{1b}') && !line.contains('\u{9b}'));
        assert!(line.contains("closed\\n[2026-01-01] FATAL \\u{1b}[31m client=\\u{9b}2J"));
    }

    #[test]
    fn long_lines_are_cut() {
        let line = line(&"ä".repeat(20_000), &[]);
        assert!(line.len() < LINE_BYTES_MAX + 100, "{} bytes", line.len());
        assert!(line.ends_with("... (kafka.server.KafkaRaftServer)\n"));
    }
}
