//! Names of partition directories (Kafka: `LocalLog.parseTopicPartitionName`).
//!
//! | Name | Kind |
//! |---|---|
//! | `<topic>-<partition>` | live |
//! | `<topic>-<partition>.<32 hex>-delete` | removal was asked for |
//! | `<topic>-<partition>.<32 hex>-stray` | unknown to the metadata |
//! | `<topic>-<partition>.<32 hex>-future` | target of a move between directories |
//!
//! Names end at 255 bytes: the topic of a `-delete` or `-stray` name is cut to fit.

use klamm_base::{TopicPartition, Uuid};

const MAX_NAME_BYTES: usize = 255;

/// What a partition directory is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirKind {
    Live,
    Delete,
    Stray,
    Future,
}

impl DirKind {
    const MARKED: [DirKind; 3] = [DirKind::Delete, DirKind::Stray, DirKind::Future];

    const fn suffix(self) -> &'static str {
        match self {
            DirKind::Live => "",
            DirKind::Delete => "-delete",
            DirKind::Stray => "-stray",
            DirKind::Future => "-future",
        }
    }
}

/// `<topic>-<partition>`.
pub fn live_name(topic_partition: &TopicPartition) -> String {
    format!("{}-{}", topic_partition.topic, topic_partition.partition)
}

/// A name of another kind; `unique` keeps several directories of one partition apart.
pub fn marked_name(topic_partition: &TopicPartition, kind: DirKind, unique: Uuid) -> String {
    let hex: String = unique.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let tail = format!("-{}.{hex}{}", topic_partition.partition, kind.suffix());
    // Topic names are ASCII, so any cut is a character boundary; others stay whole.
    let room = MAX_NAME_BYTES - tail.len();
    let topic = topic_partition.topic.get(..room).unwrap_or(&topic_partition.topic);
    format!("{topic}{tail}")
}

/// `None` when no partition's directory is called so. Kafka refuses to start on such a directory.
pub fn parse(name: &str) -> Option<(TopicPartition, DirKind)> {
    let kind = DirKind::MARKED.into_iter().find(|kind| name.ends_with(kind.suffix()));
    let (live, kind) = match kind {
        Some(kind) => {
            let marked = &name[..name.len() - kind.suffix().len()];
            let (live, unique) = marked.rsplit_once('.')?;
            if unique.is_empty() {
                return None;
            }
            (live, kind)
        }
        None => (name, DirKind::Live),
    };
    let (topic, partition) = live.rsplit_once('-')?;
    let digits = !partition.is_empty() && partition.bytes().all(|byte| byte.is_ascii_digit());
    if topic.is_empty() || !digits {
        return None;
    }
    let partition = partition.parse().ok()?;
    Some((TopicPartition { topic: topic.into(), partition }, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tp(topic: &str, partition: i32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }

    #[test]
    fn names_go_both_ways() {
        for topic in ["a", "a-b", "a.b-c.d", "__cluster_metadata", "x-delete"] {
            let wanted = tp(topic, 12);
            assert_eq!(parse(&live_name(&wanted)), Some((wanted.clone(), DirKind::Live)));
            for kind in DirKind::MARKED {
                let name = marked_name(&wanted, kind, Uuid([0xab; 16]));
                assert_eq!(parse(&name), Some((wanted.clone(), kind)), "{name}");
            }
        }
        assert_eq!(
            marked_name(&tp("t", 0), DirKind::Delete, Uuid([0x0f; 16])),
            "t-0.0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f-delete"
        );
    }

    #[test]
    fn long_topics_are_cut() {
        let name = marked_name(&tp(&"t".repeat(249), 100_000), DirKind::Delete, Uuid([1; 16]));
        assert_eq!(name.len(), 255);
        assert_eq!(parse(&name).map(|(_, kind)| kind), Some(DirKind::Delete));
    }

    #[test]
    fn other_names_are_refused() {
        for name in ["", "t", "-0", "t-", "t-x", "t-99999999999", "t-0-delete", "lost+found"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }
}
