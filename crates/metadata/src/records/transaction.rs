//! Records that belong together: all between begin and end count, or none (KIP-868).

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 23, versions = "0", flexible = "0+")]
pub struct BeginTransactionRecord {
    #[kafka(nullable = "0+", default = null, tag = 0, tagged = "0+")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 24, versions = "0", flexible = "0+")]
pub struct EndTransactionRecord {}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 25, versions = "0", flexible = "0+")]
pub struct AbortTransactionRecord {
    #[kafka(nullable = "0+", default = null, tag = 0, tagged = "0+")]
    pub reason: Option<String>,
}
