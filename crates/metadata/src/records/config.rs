//! One setting of one resource; null takes it away.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 4, versions = "0", flexible = "0+")]
pub struct ConfigRecord {
    /// 2 topic, 4 broker, 8 broker logger, 16 client metrics, 32 group.
    pub resource_type: i8,
    pub resource_name: String,
    pub name: String,
    #[kafka(nullable = "0+")]
    pub value: Option<String>,
}
