//! The finalized level of a feature; metadata.version is one of them.

use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 12, versions = "0", flexible = "0+")]
pub struct FeatureLevelRecord {
    pub name: String,
    pub feature_level: i16,
}
