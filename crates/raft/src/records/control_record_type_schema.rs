//! The key of every control record: its version and its type.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(data, versions = "0", flexible = "none")]
pub struct ControlRecordTypeSchema {
    pub r#type: i16,
}
