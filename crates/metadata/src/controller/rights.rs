//! What the requester may do with topics, asked name by name.

/// Kafka: the filters `ControllerApis` hands down.
pub struct TopicRights<'a> {
    /// CREATE (or CREATE on the cluster) when making topics, DELETE when deleting them.
    pub may_change: &'a dyn Fn(&str) -> bool,
    /// DESCRIBE: may know that the topic exists.
    pub may_describe: &'a dyn Fn(&str) -> bool,
    /// DESCRIBE_CONFIGS: may see the configuration of a new topic.
    pub may_describe_configs: &'a dyn Fn(&str) -> bool,
}

impl TopicRights<'static> {
    /// Everything, as without an authorizer.
    pub const ALL: TopicRights<'static> =
        TopicRights { may_change: &|_| true, may_describe: &|_| true, may_describe_configs: &|_| true };
}
