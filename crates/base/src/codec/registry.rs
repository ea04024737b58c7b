//! Messages without their types, for what goes through all of them: schema comparison, golden
//! bytes, dump tools.

use super::error::{DecodeError, EncodeError};
use super::message::Message;
use super::reader::Reader;
use super::schema::MessageSchema;
use super::writer::{Size, Writer};
use std::any::Any;
use std::fmt::{self, Debug};

/// A message whose type is known at run time only, or why there is none.
pub type Decoded = Result<Box<dyn AnyMessage>, DecodeError>;

#[cfg(feature = "json")]
pub type FromJson = Result<Box<dyn AnyMessage>, super::json::JsonError>;

/// One message type of a room. Each room with messages lists its own in a `registry()`.
#[derive(Clone, Copy, Debug)]
pub struct MessageType {
    pub schema: &'static MessageSchema,
    /// A message of defaults.
    pub default: fn() -> Box<dyn AnyMessage>,
    pub decode: fn(&mut Reader, i16) -> Decoded,
    /// A message from the JSON of Kafka's converter classes.
    #[cfg(feature = "json")]
    pub from_json: fn(&serde_json::Value, i16) -> FromJson,
}

impl MessageType {
    pub const fn of<M: Message + 'static>() -> MessageType {
        MessageType {
            schema: M::SCHEMA,
            default: || Box::new(Erased(M::default())),
            decode: |r, version| Ok(Box::new(Erased(M::decode(r, version)?))),
            #[cfg(feature = "json")]
            from_json: |json, version| Ok(Box::new(Erased(super::json::from_json::<M>(json, version)?))),
        }
    }

    pub fn name(&self) -> &'static str {
        self.schema.name()
    }
}

/// A message of any type.
pub trait AnyMessage: Debug {
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError>;
    fn encoded_size(&self, version: i16) -> Result<Size, EncodeError>;
    /// True for a message of the same type with the same values.
    fn equals(&self, other: &dyn AnyMessage) -> bool;
    /// The message itself.
    fn as_any(&self) -> &dyn Any;
    /// The JSON of Kafka's converter classes.
    #[cfg(feature = "json")]
    fn to_json(&self, version: i16) -> Result<serde_json::Value, super::json::JsonError>;
}

/// What keeps the methods of [`AnyMessage`] off the messages themselves, which have their own.
struct Erased<M>(M);

impl<M: Debug> Debug for Erased<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<M: Message + 'static> AnyMessage for Erased<M> {
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
        self.0.encode(w, version)
    }

    fn encoded_size(&self, version: i16) -> Result<Size, EncodeError> {
        self.0.encoded_size(version)
    }

    fn equals(&self, other: &dyn AnyMessage) -> bool {
        other.as_any().downcast_ref::<M>() == Some(&self.0)
    }

    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    #[cfg(feature = "json")]
    fn to_json(&self, version: i16) -> Result<serde_json::Value, super::json::JsonError> {
        super::json::to_json(&self.0, version)
    }
}
