//! Kafka's own binary form: big-endian numbers, varints, compact and old lengths, tagged fields.
//!
//! A message is a plain struct with `#[derive(Message)]` of `klamm-wire-derive`; the attributes on
//! its fields are the schema. The derive calls what is here:
//!
//! - [`reader`]: a frame and its decode budget; no allocation is larger than the bytes justify
//! - [`writer`]: counting and writing, with gaps for records that lie in files
//! - [`value`]: each type of the schema language, both ways
//! - [`message`]: whole messages and their versions
//! - [`schema`]: the description of every message as a static value
//! - [`registry`]: messages without their types
//! - [`error`]: what can be wrong
//!
//! Kafka: `ByteBufferAccessor`, `MessageDataGenerator`; KIP-482.

pub mod error;
#[cfg(feature = "json")]
pub mod json;
#[cfg(not(feature = "json"))]
#[path = "json/off.rs"]
pub mod json;
pub mod message;
pub mod reader;
pub mod registry;
pub mod schema;
pub mod value;
pub mod writer;

pub use error::{DecodeError, DecodeFault, EncodeError};
pub use message::Message;
pub use reader::Reader;
pub use registry::{AnyMessage, MessageType};
pub use schema::{FieldDefault, FieldSchema, Kind, Listener, MessageSchema, StructSchema, Type, Versions};
pub use value::{Form, Nullable, Records, Value};
pub use writer::{Gap, Sink, Size, Writer};
