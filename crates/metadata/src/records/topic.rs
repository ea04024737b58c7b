//! A topic with its name and id, and its end.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 2, versions = "0", flexible = "0+")]
pub struct TopicRecord {
    pub name: String,
    pub topic_id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 9, versions = "0", flexible = "0+")]
pub struct RemoveTopicRecord {
    pub topic_id: Uuid,
}
