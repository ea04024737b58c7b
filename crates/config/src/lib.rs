//! Every property of Kafka 4.4 in one typed table, and the settings a node reads from it.
//!
//! A value travels one way: text (file, `--override`, a stored config record) is looked up in the table,
//! parsed and checked with Kafka's own messages, stacked in layers and then read through the typed
//! structs of [`settings`]. Nothing in the other rooms compares property names.

pub mod fault;
pub mod settings;
pub mod topic;

pub use fault::ConfigFault;
pub use settings::Settings;
pub use topic::TopicConfig;
