//! Whole messages: requests, responses, headers, records of Kafka's internal logs.

use super::error::{DecodeError, DecodeFault, EncodeError};
use super::reader::Reader;
use super::schema::MessageSchema;
use super::value::{Form, Value};
use super::writer::{Size, Writer};
use bytes::Bytes;

/// A message in all its versions; `#[derive(Message)]` writes the implementation.
pub trait Message: Value + Default + Clone + PartialEq + std::fmt::Debug {
    const SCHEMA: &'static MessageSchema;

    /// Reads the message and leaves the reader behind it; bytes that follow are not looked at.
    fn decode(r: &mut Reader, version: i16) -> Result<Self, DecodeError>;

    /// Appends the message. On an error nothing has been written.
    fn encode(&self, w: &mut Writer, version: i16) -> Result<(), EncodeError>;

    /// What `encode` would write. Fails where `encode` would.
    fn encoded_size(&self, version: i16) -> Result<Size, EncodeError>;

    /// Reads the message from the start of a frame of its own.
    fn from_bytes(frame: Bytes, version: i16) -> Result<Self, DecodeError> {
        Self::decode(&mut Reader::new(frame), version)
    }

    /// The message as bytes of its own; not for messages with gaps.
    fn to_bytes(&self, version: i16) -> Result<Bytes, EncodeError> {
        let mut writer = Writer::new();
        self.encode(&mut writer, version)?;
        Ok(writer.into_bytes())
    }
}

/// The form of a version that the message has.
#[inline]
fn form_of(schema: &MessageSchema, version: i16) -> Option<Form> {
    schema.versions.contains(version).then(|| Form { version, flexible: schema.flexible.contains(version) })
}

/// The body of every derived [`Message::decode`].
#[inline]
pub fn decode_message<M: Message>(r: &mut Reader, version: i16) -> Result<M, DecodeError> {
    match form_of(M::SCHEMA, version) {
        Some(form) => M::read(r, form),
        None => Err(r.error(DecodeFault::UnsupportedVersion { message: M::SCHEMA.name(), version })),
    }
}

/// The body of every derived [`Message::encode`]: counts, reserves, writes.
#[inline]
pub fn encode_message<M: Message>(message: &M, w: &mut Writer, version: i16) -> Result<(), EncodeError> {
    let size = message.encoded_size(version)?;
    let form = form_of(M::SCHEMA, version).expect("encoded_size has refused other versions");
    w.buf.reserve(size.inline);
    let end = w.buf.len() + size.inline;
    message.write(w, form)?;
    assert_eq!(w.buf.len(), end, "{} v{version} was counted wrong", M::SCHEMA.name());
    Ok(())
}

/// The body of every derived [`Message::encoded_size`].
#[inline]
pub fn size_message<M: Message>(message: &M, version: i16) -> Result<Size, EncodeError> {
    let unsupported = EncodeError::UnsupportedVersion { message: M::SCHEMA.name(), version };
    let form = form_of(M::SCHEMA, version).ok_or(unsupported)?;
    let mut size = Size::default();
    message.write(&mut size, form)?;
    Ok(size)
}
