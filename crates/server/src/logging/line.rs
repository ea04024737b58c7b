//! One event as one line.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use super::timestamp;

/// Longer lines are cut.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// An event, taken apart.
pub struct Entry {
    level: Level,
    target: &'static str,
    parts: Parts,
}

impl Entry {
    pub fn of(event: &Event<'_>) -> Entry {
        let mut parts = Parts::default();
        event.record(&mut parts);
        Entry { level: *event.metadata().level(), target: event.metadata().target(), parts }
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// The event's target, unless a field `logger` says otherwise: targets are fixed where the event stands.
    pub fn logger(&self) -> &str {
        self.parts.logger.as_deref().unwrap_or(self.target)
    }

    /// The line, with its newline.
    pub fn line(&self, now_ms: u64) -> String {
        assemble(now_ms, self.level, &self.parts, self.logger())
    }
}

fn assemble(now_ms: u64, level: Level, parts: &Parts, logger: &str) -> String {
    let mut line = String::with_capacity(128);
    line.push('[');
    timestamp::push(&mut line, now_ms);
    line.push_str("] ");
    line.push_str(level.as_str());
    line.push(' ');
    push_escaped(&mut line, &parts.message);
    push_escaped(&mut line, &parts.fields);
    line.push_str(" (");
    line.push_str(logger);
    line.push_str(")\n");
    line
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
    fields: String,
    logger: Option<String>,
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            "logger" => {
                self.logger = Some(value.to_owned());
                Ok(())
            }
            name => write!(self.fields, " {name}={value}"),
        };
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        // How many lines a rate limit kept back is worth a word only when there were some.
        if field.name() != "suppressed" || value > 0 {
            self.record_debug(field, &value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(message: &str, fields: &str) -> String {
        let parts = Parts { message: message.to_owned(), fields: fields.to_owned(), logger: None };
        assemble(1_795_260_153_123, Level::INFO, &parts, "kafka.server.KafkaRaftServer")
    }

    #[test]
    fn lines_have_the_shape_of_kafka() {
        assert_eq!(
            line("Kafka Server started", " node=1"),
            "[2026-11-21 11:22:33,123] INFO Kafka Server started node=1 (kafka.server.KafkaRaftServer)\n"
        );
    }

    #[test]
    fn a_client_cannot_write_lines_or_escapes() {
        let line = line("closed\n[2026-01-01] FATAL \u{1b}[31m", " client=\u{9b}2J");
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains('\u{1b}') && !line.contains('\u{9b}'));
        assert!(line.contains("closed\\n[2026-01-01] FATAL \\u{1b}[31m client=\\u{9b}2J"));
    }

    #[test]
    fn long_lines_are_cut() {
        let line = line(&"ä".repeat(20_000), "");
        assert!(line.len() < LINE_BYTES_MAX + 100, "{} bytes", line.len());
        assert!(line.ends_with("... (kafka.server.KafkaRaftServer)\n"));
    }
}
