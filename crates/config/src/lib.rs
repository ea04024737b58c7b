//! Every property of Kafka 4.4 in one typed table, and the settings a node reads from it.
//!
//! A value travels one way: text (file, `--override`, a stored config record) is looked up in the table,
//! parsed and checked with Kafka's own messages, stacked in layers and then read through the typed
//! structs of [`settings`]. Nothing in the other rooms compares property names.
//!
//! Absent on purpose: reading files and the environment (the callers do), component wiring, and plug-in
//! classes, which are named in the table and refused.
//!
//! - [`definition`]: what a row says: type, default, bounds, dynamic mode, status
//! - [`table`]: the rows, one file per area
//! - [`value`]: text to typed value and back
//! - [`properties`]: the text of a properties file; [`environment`]: variables as properties
//! - [`settings`]: layers, cross-key rules, typed views by reader; [`topic`]: the configs of one topic
//! - [`docs`]: the table as Markdown
//! - [`fault`]: why a value was rejected; `addresses`, `java_text`: two details of values; [`nearest`]: the name that was
//!   meant

mod addresses;
pub mod definition;
pub mod docs;
pub mod environment;
pub mod fault;
mod java_text;
pub mod lists;
mod nearest;
pub mod properties;
pub mod settings;
pub mod table;
pub mod value;

pub use fault::ConfigFault;
pub use java_text::java_double;
pub use nearest::nearest;
pub use properties::{Properties, parse_properties};
pub use settings::Settings;
pub use settings::topic::{self, TopicConfig};
pub use settings::{DynamicLevel, check_client_metrics};
