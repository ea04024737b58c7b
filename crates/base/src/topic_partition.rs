//! Names of one partition: by topic name, or by topic id.

use crate::Uuid;
use std::fmt;
use std::sync::Arc;

/// A partition by the name of its topic; prints as the name of its directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    pub topic: Arc<str>,
    pub partition: i32,
}

impl TopicPartition {
    pub fn new(topic: impl Into<Arc<str>>, partition: i32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// A partition by the id of its topic, which tells two topics of the same name apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicIdPartition {
    pub topic_id: Uuid,
    pub partition: i32,
}

impl fmt::Display for TopicIdPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.topic_id, self.partition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_its_directory() {
        assert_eq!(TopicPartition::new("a-b", 3).to_string(), "a-b-3");
        let by_id = TopicIdPartition { topic_id: Uuid::ONE, partition: 7 };
        assert_eq!(by_id.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ:7");
    }
}
