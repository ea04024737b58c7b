//! Messages without their types, for what goes through all of them: schema comparison, golden
//! bytes, dump tools.

use super::error::{DecodeError, EncodeError};
use super::message::Message;
use super::reader::Reader;
use super::schema::MessageSchema;
use super::writer::{Size, Writer};
use std::any::Any;
use std::fmt::Debug;

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
            default: || Box::new(M::default()),
            decode: |r, version| Ok(Box::new(M::decode(r, version)?)),
            #[cfg(feature = "json")]
            from_json: |json, version| Ok(Box::new(super::json::from_json::<M>(json, version)?)),
        }
    }

    pub fn name(&self) -> &'static str {
        self.schema.name()
    }
}

/// A message of any type. Every [`Message`] is one; import only one of the two traits where the type is
/// known, since their methods have the same names.
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

impl<M: Message + 'static> AnyMessage for M {
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
        Message::encode(self, w, version)
    }

    fn encoded_size(&self, version: i16) -> Result<Size, EncodeError> {
        Message::encoded_size(self, version)
    }

    fn equals(&self, other: &dyn AnyMessage) -> bool {
        other.as_any().downcast_ref::<M>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    #[cfg(feature = "json")]
    fn to_json(&self, version: i16) -> Result<serde_json::Value, super::json::JsonError> {
        super::json::to_json(self, version)
    }
}
