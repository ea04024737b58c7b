//! Records as lines (Kafka: `DefaultMessageFormatter`, `LoggingMessageFormatter`, `NoOpMessageFormatter`).
//!
//! ```text
//! CreateTime:ms ⇥ Partition:n ⇥ Offset:n ⇥ Delivery:n ⇥ Epoch:n ⇥ name:value,name:value ⇥ key ⇥ value
//! ```
//!
//! Only the value is there unless more is asked for. Delivery and epoch are known to share consumers only; Kafka's
//! console consumer keeps them from its formatters.

use std::io::Write;

use bytes::Bytes;
use klamm_client::consumer::{ConsumedRecord, TimestampType};
use klamm_config::Properties;

use super::coordinator_records::{CoordinatorFormatter, CoordinatorLog};
use super::deserializer::Deserializer;
use crate::exception::Exception;

/// The formatter that is used when none is named.
pub const DEFAULT_CLASS: &str = "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

/// A formatter, by the name of its class.
#[derive(Clone, Debug)]
pub enum MessageFormatter {
    Default(Box<DefaultFormatter>),
    NoOp,
    Coordinator(CoordinatorFormatter),
}

/// A deserializer that was asked for and cannot be had: the record's own bytes are printed instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoDeserializer {
    pub class: String,
    pub exception: Exception,
}

impl MessageFormatter {
    pub fn is_class(class: &str) -> bool {
        MessageFormatter::new(class, &Properties::new()).is_some()
    }

    /// The formatter of a class, and what it has to complain about; `None` for a class that is not there.
    pub fn new(class: &str, properties: &Properties) -> Option<(MessageFormatter, Vec<NoDeserializer>)> {
        const PACKAGE: &str = "org.apache.kafka.tools.consumer.";
        let coordinator =
            |log| Some((MessageFormatter::Coordinator(CoordinatorFormatter::new(log)), Vec::new()));
        match class.strip_prefix(PACKAGE)? {
            // The logging one says the same again to a log that is not written.
            "DefaultMessageFormatter" | "LoggingMessageFormatter" => {
                let (formatter, complaints) = DefaultFormatter::new(properties);
                Some((MessageFormatter::Default(Box::new(formatter)), complaints))
            }
            "NoOpMessageFormatter" => Some((MessageFormatter::NoOp, Vec::new())),
            "OffsetsMessageFormatter" => coordinator(CoordinatorLog::Offsets),
            "GroupMetadataMessageFormatter" => coordinator(CoordinatorLog::GroupMetadata),
            "ShareGroupMessageFormatter" => coordinator(CoordinatorLog::ShareGroups),
            "TransactionLogMessageFormatter" => coordinator(CoordinatorLog::Transactions),
            "group.share.ShareGroupStateMessageFormatter" => coordinator(CoordinatorLog::ShareGroupState),
            _ => None,
        }
    }

    /// Adds the record's text to `out`.
    ///
    /// # Errors
    /// What Java throws; the part that was printed before stays.
    pub fn print(&self, record: &ConsumedRecord, out: &mut Vec<u8>) -> Result<(), Exception> {
        match self {
            MessageFormatter::Default(formatter) => formatter.print(record, out),
            MessageFormatter::NoOp => Ok(()),
            MessageFormatter::Coordinator(formatter) => formatter.print(record, out),
        }
    }
}

/// What is printed, and how.
#[derive(Clone, Debug)]
pub struct DefaultFormatter {
    print_timestamp: bool,
    print_partition: bool,
    print_offset: bool,
    print_delivery: bool,
    print_epoch: bool,
    print_headers: bool,
    print_key: bool,
    print_value: bool,
    key_separator: Vec<u8>,
    line_separator: Vec<u8>,
    headers_separator: Vec<u8>,
    null_literal: Vec<u8>,
    key_deserializer: Option<Deserializer>,
    value_deserializer: Option<Deserializer>,
    headers_deserializer: Option<Deserializer>,
}

impl DefaultFormatter {
    fn new(properties: &Properties) -> (DefaultFormatter, Vec<NoDeserializer>) {
        let flag = |key: &str, default: bool| match properties.get(key) {
            Some(value) => value.trim().eq_ignore_ascii_case("true"),
            None => default,
        };
        let bytes = |key: &str, default: &str| {
            properties.get(key).map_or(default, String::as_str).as_bytes().to_vec()
        };
        let mut complaints = Vec::new();
        let mut deserializer = |key: &str, is_key| {
            let class = properties.get(key)?;
            match Deserializer::new(class, &below(properties, key), is_key) {
                Ok(deserializer) => Some(deserializer),
                Err(exception) => {
                    complaints.push(NoDeserializer { class: class.clone(), exception });
                    None
                }
            }
        };
        let formatter = DefaultFormatter {
            print_timestamp: flag("print.timestamp", false),
            print_partition: flag("print.partition", false),
            print_offset: flag("print.offset", false),
            print_delivery: flag("print.delivery", false),
            print_epoch: flag("print.epoch", false),
            print_headers: flag("print.headers", false),
            print_key: flag("print.key", false),
            print_value: flag("print.value", true),
            key_separator: bytes("key.separator", "\t"),
            line_separator: bytes("line.separator", "\n"),
            headers_separator: bytes("headers.separator", ","),
            null_literal: bytes("null.literal", "null"),
            key_deserializer: deserializer("key.deserializer", true),
            value_deserializer: deserializer("value.deserializer", false),
            headers_deserializer: deserializer("headers.deserializer", false),
        };
        (formatter, complaints)
    }

    fn print(&self, record: &ConsumedRecord, out: &mut Vec<u8>) -> Result<(), Exception> {
        // Whatever is last ends the line.
        let mut left = self.columns();
        let mut end = |out: &mut Vec<u8>| {
            left -= 1;
            out.extend_from_slice(if left == 0 { &self.line_separator } else { &self.key_separator });
        };
        if self.print_timestamp {
            print_timestamp(record, out);
            end(out);
        }
        if self.print_partition {
            print_number(out, b"Partition:", i64::from(record.partition.partition));
            end(out);
        }
        if self.print_offset {
            print_number(out, b"Offset:", record.offset);
            end(out);
        }
        if self.print_delivery {
            out.extend_from_slice(b"Delivery:NOT_PRESENT");
            end(out);
        }
        if self.print_epoch {
            out.extend_from_slice(b"Epoch:NOT_PRESENT");
            end(out);
        }
        if self.print_headers {
            self.print_headers(record, out)?;
            end(out);
        }
        if self.print_key {
            self.print_bytes(record.key.as_ref(), self.key_deserializer, out)?;
            end(out);
        }
        if self.print_value {
            self.print_bytes(record.value.as_ref(), self.value_deserializer, out)?;
            end(out);
        }
        Ok(())
    }

    fn columns(&self) -> usize {
        let columns = [
            self.print_timestamp,
            self.print_partition,
            self.print_offset,
            self.print_delivery,
            self.print_epoch,
            self.print_headers,
            self.print_key,
            self.print_value,
        ];
        columns.into_iter().filter(|column| *column).count()
    }

    fn print_headers(&self, record: &ConsumedRecord, out: &mut Vec<u8>) -> Result<(), Exception> {
        if record.headers.is_empty() {
            out.extend_from_slice(b"NO_HEADERS");
        }
        for (index, (name, value)) in record.headers.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(&self.headers_separator);
            }
            out.extend_from_slice(String::from_utf8_lossy(name).as_bytes());
            out.push(b':');
            self.print_bytes(value.as_ref(), self.headers_deserializer, out)?;
        }
        Ok(())
    }

    /// The deserializer gets the literal for null, too.
    fn print_bytes(
        &self,
        bytes: Option<&Bytes>,
        deserializer: Option<Deserializer>,
        out: &mut Vec<u8>,
    ) -> Result<(), Exception> {
        let bytes = bytes.map_or(&self.null_literal[..], |bytes| bytes);
        match deserializer {
            Some(deserializer) => deserializer.print(bytes, out),
            None => {
                out.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

fn print_timestamp(record: &ConsumedRecord, out: &mut Vec<u8>) {
    let name: &[u8] = match record.timestamp_type {
        TimestampType::CreateTime => b"CreateTime:",
        TimestampType::LogAppendTime => b"LogAppendTime:",
    };
    print_number(out, name, record.timestamp_ms);
}

fn print_number(out: &mut Vec<u8>, name: &[u8], number: i64) {
    out.extend_from_slice(name);
    // A vector takes everything.
    let _ = write!(out, "{number}");
}

/// The properties that begin with `key` and a point, without it.
fn below(properties: &Properties, key: &str) -> Properties {
    let prefix = format!("{key}.");
    let below = properties.iter().filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?, value)));
    below.filter(|(name, _)| !name.is_empty()).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use klamm_base::TopicPartition;

    use super::*;

    fn record(key: Option<&str>, value: Option<&str>) -> ConsumedRecord {
        let bytes = |text: &str| Bytes::copy_from_slice(text.as_bytes());
        ConsumedRecord {
            partition: TopicPartition::new("t", 2),
            offset: 7,
            timestamp_type: TimestampType::CreateTime,
            timestamp_ms: 1_795_256_677_067,
            leader_epoch: 4,
            key: key.map(bytes),
            value: value.map(bytes),
            headers: Vec::new(),
        }
    }

    fn shown(properties: &[(&str, &str)], record: &ConsumedRecord) -> String {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let (formatter, complaints) =
            MessageFormatter::new(DEFAULT_CLASS, &properties.collect()).expect("the class is there");
        assert_eq!(complaints, []);
        let mut out = Vec::new();
        let printed = formatter.print(record, &mut out);
        let text = String::from_utf8(out).expect("texts are UTF-8");
        match printed {
            Ok(()) => text,
            Err(exception) => format!("{text}!{}", exception.message()),
        }
    }

    const ALL: [(&str, &str); 7] = [
        ("print.timestamp", "true"),
        ("print.partition", "TRUE "),
        ("print.offset", "true"),
        ("print.delivery", "true"),
        ("print.epoch", "true"),
        ("print.headers", "true"),
        ("print.key", "true"),
    ];

    #[test]
    fn columns_have_their_order() {
        let mut full = record(Some("k5"), Some("v5"));
        assert_eq!(shown(&[], &full), "v5\n");
        assert_eq!(
            shown(&ALL, &full),
            "CreateTime:1795256677067\tPartition:2\tOffset:7\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\tNO_HEADERS\t\
             k5\tv5\n"
        );
        full.headers = vec![("h1".into(), Some("a".into())), ("h2".into(), None)];
        full.timestamp_type = TimestampType::LogAppendTime;
        assert_eq!(
            shown(&[ALL[0], ALL[5], ("headers.separator", ";")], &full),
            "LogAppendTime:1795256677067\th1:a;h2:null\tv5\n"
        );
    }

    #[test]
    fn separators_and_null_can_be_others() {
        let others = [
            ("print.key", "true"),
            ("key.separator", " => "),
            ("line.separator", ".\n"),
            ("null.literal", "-"),
        ];
        assert_eq!(shown(&others, &record(None, Some("v"))), "- => v.\n");
        assert_eq!(shown(&[("print.key", "true"), ("print.value", "no")], &record(Some("k"), None)), "k\n");
        assert_eq!(shown(&[("print.value", "false")], &record(Some("k"), Some("v"))), "");
    }

    #[test]
    fn deserializers_have_their_own_properties() {
        let latin = [
            ("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer"),
            ("value.deserializer.value.deserializer.encoding", "ISO-8859-1"),
        ];
        assert_eq!(shown(&latin, &record(None, Some("\u{e4}"))), "\u{c3}\u{a4}\n");
        let long = [
            ("print.key", "true"),
            ("value.deserializer", "org.apache.kafka.common.serialization.LongDeserializer"),
        ];
        assert_eq!(
            shown(&long, &record(Some("k"), Some("v"))),
            "k\t!Size of data received by LongDeserializer is not 8"
        );
    }

    #[test]
    fn a_deserializer_that_is_not_there_is_told() {
        let properties = Properties::from([("key.deserializer".to_owned(), "foo.Bar".to_owned())]);
        let (_, complaints) = MessageFormatter::new(DEFAULT_CLASS, &properties).expect("the class is there");
        let exception = Exception::new("java.lang.ClassNotFoundException", "foo.Bar");
        assert_eq!(complaints, [NoDeserializer { class: "foo.Bar".to_owned(), exception }]);
    }

    #[test]
    fn classes_that_are_gone_are_unknown() {
        for class in ["kafka.tools.DefaultMessageFormatter", "DefaultMessageFormatter", ""] {
            assert!(MessageFormatter::new(class, &Properties::new()).is_none(), "{class}");
        }
    }
}
