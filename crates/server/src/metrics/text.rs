//! The text that scrapers read: Prometheus' own format 0.0.4, and OpenMetrics 1.0.

use std::fmt::{Display, Write};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The text so far: families one after the other, each with its samples.
pub struct Text {
    format: Format,
    out: String,
}

/// One family. It is named in the text only when it has samples.
pub struct Family<'t> {
    text: &'t mut Text,
    name: &'t str,
    help: &'t str,
    is_counter: bool,
    is_named: bool,
}

pub type Labels<'a> = &'a [(&'a str, &'a str)];

impl Text {
    pub fn new(format: Format) -> Text {
        Text { format, out: String::with_capacity(64 * 1024) }
    }

    /// Something that only grows; its samples are called `name_total`.
    pub fn counter<'t>(&'t mut self, name: &'t str, help: &'t str) -> Family<'t> {
        Family { text: self, name, help, is_counter: true, is_named: false }
    }

    pub fn gauge<'t>(&'t mut self, name: &'t str, help: &'t str) -> Family<'t> {
        Family { text: self, name, help, is_counter: false, is_named: false }
    }

    /// A gauge without labels.
    pub fn number(&mut self, name: &str, help: &str, value: impl Display) {
        self.gauge(name, help).add(&[], value);
    }

    /// A counter without labels.
    pub fn total(&mut self, name: &str, help: &str, value: u64) {
        self.counter(name, help).add(&[], value);
    }

    pub fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.out
    }
}

impl Family<'_> {
    /// One sample. No family may have two with the same labels.
    pub fn add(&mut self, labels: Labels<'_>, value: impl Display) {
        let suffix = if self.is_counter { "_total" } else { "" };
        if !self.is_named {
            self.is_named = true;
            self.name_it(suffix);
        }
        let out = &mut self.text.out;
        out.push_str(self.name);
        out.push_str(suffix);
        for (at, (name, value)) in labels.iter().enumerate() {
            out.push(if at == 0 { '{' } else { ',' });
            out.push_str(name);
            out.push_str("=\"");
            push_escaped(out, value);
            out.push('"');
        }
        if !labels.is_empty() {
            out.push('}');
        }
        let _ = writeln!(out, " {value}");
    }

    /// OpenMetrics names a counter's family without the suffix of its samples.
    fn name_it(&mut self, suffix: &str) {
        let suffix = if self.text.format == Format::OpenMetrics { "" } else { suffix };
        let kind = if self.is_counter { "counter" } else { "gauge" };
        let (name, help, out) = (self.name, self.help, &mut self.text.out);
        let _ = writeln!(out, "# HELP {name}{suffix} {help}");
        let _ = writeln!(out, "# TYPE {name}{suffix} {kind}");
    }
}

fn push_escaped(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: Format) -> String {
        let mut text = Text::new(format);
        let mut family = text.counter("kafka_bytesin", "Bytes.");
        family.add(&[], 7);
        family.add(&[("topic", "a\"b\\c\nd"), ("partition", "0")], 6);
        text.number("kafka_brokers", "Brokers.", 1.5);
        text.gauge("kafka_nothing", "Has no samples.");
        text.finish()
    }

    #[test]
    fn both_formats_name_counters_in_their_way() {
        let samples = "kafka_bytesin_total 7\n\
                       kafka_bytesin_total{topic=\"a\\\"b\\\\c\\nd\",partition=\"0\"} 6\n\
                       # HELP kafka_brokers Brokers.\n# TYPE kafka_brokers gauge\nkafka_brokers 1.5\n";
        assert_eq!(
            text(Format::Prometheus),
            format!("# HELP kafka_bytesin_total Bytes.\n# TYPE kafka_bytesin_total counter\n{samples}")
        );
        assert_eq!(
            text(Format::OpenMetrics),
            format!("# HELP kafka_bytesin Bytes.\n# TYPE kafka_bytesin counter\n{samples}# EOF\n")
        );
    }
}
