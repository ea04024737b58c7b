//! The JSON that Kafka's tool prints: objects and lists in the order of Java's hash maps, no blanks.

use std::collections::BTreeSet;
use std::fmt::Write;

use klamm_base::TopicPartition;
use klamm_client::admin::log_dirs::{LogDirDescription, ReplicaInfo};

use crate::exception;
use crate::hash_map::HashMap;

/// Directories by broker; of `topics` only, unless that is empty.
pub fn text(brokers: &[(i32, Vec<LogDirDescription>)], topics: &BTreeSet<&str>) -> String {
    let brokers = brokers.iter().map(|(broker_id, directories)| {
        let directories: HashMap<String, &LogDirDescription> =
            directories.iter().map(|directory| (directory.path.clone(), directory)).collect();
        let directories = list(directories.values().map(|directory| directory_text(directory, topics)));
        format!("{{\"broker\":{broker_id},\"logDirs\":{directories}}}")
    });
    format!("{{\"brokers\":{},\"version\":1}}", list(brokers))
}

fn directory_text(directory: &LogDirDescription, topics: &BTreeSet<&str>) -> String {
    let all: HashMap<TopicPartition, ReplicaInfo> = directory.replicas.iter().cloned().collect();
    let is_wanted = |partition: &TopicPartition| topics.is_empty() || topics.contains(&*partition.topic);
    let shown: HashMap<TopicPartition, ReplicaInfo> =
        all.into_iter().filter(|(partition, _)| is_wanted(partition)).collect();
    let partitions = list(shown.iter().map(|(partition, info)| partition_text(partition, info)));
    let error = match directory.error.is_none() {
        true => "null".to_owned(),
        false => string(exception::class(directory.error)),
    };
    let path = string(&directory.path);
    format!("{{\"partitions\":{partitions},\"error\":{error},\"logDir\":{path}}}")
}

fn partition_text(partition: &TopicPartition, info: &ReplicaInfo) -> String {
    let partition = string(&partition.to_string());
    let ReplicaInfo { size, offset_lag, is_future } = info;
    format!(
        "{{\"partition\":{partition},\"size\":{size},\"offsetLag\":{offset_lag},\"isFuture\":{is_future}}}"
    )
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// Quoted, with what JSON does not allow escaped as Jackson does it.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Writing into a string does not fail.
            c if c < ' ' => drop(write!(quoted, "\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use klamm_base::ErrorCode;

    use super::*;

    fn directory(path: &str, error: ErrorCode, partitions: &[(&str, i32)]) -> LogDirDescription {
        let info = ReplicaInfo { size: 106, offset_lag: 0, is_future: false };
        LogDirDescription {
            path: path.to_owned(),
            error,
            replicas: partitions
                .iter()
                .map(|(topic, index)| (TopicPartition::new(*topic, *index), info))
                .collect(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: false,
        }
    }

    #[test]
    fn lines_are_kafkas() {
        let brokers = [(1, vec![directory("/data", ErrorCode::None, &[("c2", 0)])])];
        let expected = r#"{"brokers":[{"broker":1,"logDirs":[{"partitions":[{"partition":"c2-0","size":106,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"/data"}]}],"version":1}"#;
        assert_eq!(text(&brokers, &BTreeSet::new()), expected);
        assert_eq!(text(&brokers, &BTreeSet::from(["c2"])), expected);
        let none = r#"{"brokers":[{"broker":1,"logDirs":[{"partitions":[],"error":null,"logDir":"/data"}]}],"version":1}"#;
        assert_eq!(text(&brokers, &BTreeSet::from(["other"])), none);
    }

    #[test]
    fn directories_that_do_not_work_say_why() {
        let brokers = [(7, vec![directory("/a\"b\u{1}", ErrorCode::KafkaStorageError, &[])])];
        let expected = r#"{"brokers":[{"broker":7,"logDirs":[{"partitions":[],"error":"org.apache.kafka.common.errors.KafkaStorageException","logDir":"/a\"b\u0001"}]}],"version":1}"#;
        assert_eq!(text(&brokers, &BTreeSet::new()), expected);
    }

    #[test]
    fn partitions_come_in_the_order_of_a_hash_map() {
        let brokers = [(1, vec![directory("/d", ErrorCode::None, &[("c2", 0), ("c2", 1), ("c2", 2)])])];
        let text = text(&brokers, &BTreeSet::new());
        let places: Vec<usize> = ["c2-0", "c2-2", "c2-1"].iter().filter_map(|name| text.find(name)).collect();
        assert!(places.len() == 3 && places.is_sorted(), "{text}");
    }
}
