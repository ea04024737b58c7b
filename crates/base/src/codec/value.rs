//! How each type of the protocol looks in the bytes.

use super::error::{DecodeError, DecodeFault, EncodeError};
use super::json::JsonValue;
use super::reader::{INITIAL_CAPACITY_MAX, Reader};
use super::schema::Type;
use super::writer::Sink;
use crate::Uuid;
use bytes::Bytes;

/// The longest string, in bytes; strings had 16-bit lengths before there were compact ones.
const STRING_LEN_MAX: usize = i16::MAX as usize;

/// The version being read or written, and whether its lengths are varints and its structs tagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub version: i16,
    pub flexible: bool,
}

impl Form {
    /// For the one field that stays in the old form inside a flexible message.
    pub const fn inflexible(self) -> Form {
        Form { flexible: false, ..self }
    }
}

/// A value of a field.
pub trait Value: Sized + JsonValue {
    /// Its name in the schema language.
    const TYPE: &'static Type;

    /// The least number of bytes it takes.
    fn size_min(form: Form) -> usize;

    fn read(r: &mut Reader, form: Form) -> Result<Self, DecodeError>;

    fn write<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError>;
}

/// A value that some fields may leave out: null is `None` in an `Option` of it.
pub trait Nullable: Value {
    /// The least number of bytes when null is allowed.
    fn size_min_nullable(form: Form) -> usize {
        Self::size_min(form)
    }

    /// Reads the value or null, whether or not null is legal.
    fn read_present(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError>;

    /// The same as the value of a tag; only a struct looks different there.
    fn read_tagged(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        Self::read_present(r, form)
    }

    /// Writes the value where null would be legal too.
    fn write_present<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError> {
        self.write(s, form)
    }

    /// Writes null, outside of tags.
    fn write_null<S: Sink>(s: &mut S, form: Form) -> Result<(), EncodeError> {
        s.length(form, None)
    }
}

/// Reads a field of type `Option`; `nullable` says whether this version has null there.
#[inline]
pub fn read_nullable<T: Nullable>(
    r: &mut Reader,
    form: Form,
    nullable: bool,
) -> Result<Option<T>, DecodeError> {
    if nullable { T::read_present(r, form) } else { T::read(r, form).map(Some) }
}

/// Writes a field of type `Option`; `nullable` says whether this version has null there.
#[inline]
pub fn write_nullable<T: Nullable, S: Sink>(
    value: &Option<T>,
    s: &mut S,
    form: Form,
    nullable: bool,
    field: &'static str,
) -> Result<(), EncodeError> {
    match value {
        Some(value) if nullable => value.write_present(s, form),
        Some(value) => value.write(s, form),
        None if nullable => T::write_null(s, form),
        None => Err(EncodeError::UnexpectedNull { field, version: form.version }),
    }
}

/// The least number of bytes of a field of type `Option`.
pub fn size_min_nullable<T: Nullable>(form: Form, nullable: bool) -> usize {
    if nullable { T::size_min_nullable(form) } else { T::size_min(form) }
}

macro_rules! fixed_width {
    ($($rust:ty, $name:ident, $width:literal, |$r:ident| $read:expr;)*) => {
        $(impl Value for $rust {
            const TYPE: &'static Type = &Type::$name;

            #[inline]
            fn size_min(_form: Form) -> usize {
                $width
            }

            #[inline]
            fn read($r: &mut Reader, _form: Form) -> Result<Self, DecodeError> {
                $read
            }

            #[inline]
            fn write<S: Sink>(&self, s: &mut S, _form: Form) -> Result<(), EncodeError> {
                s.put(&self.to_be_bytes());
                Ok(())
            }
        })*
    };
}

fixed_width! {
    i8, Int8, 1, |r| r.i8();
    i16, Int16, 2, |r| r.i16();
    u16, Uint16, 2, |r| r.u16();
    i32, Int32, 4, |r| r.i32();
    u32, Uint32, 4, |r| r.u32();
    i64, Int64, 8, |r| r.i64();
    f64, Float64, 8, |r| r.f64();
}

impl Value for bool {
    const TYPE: &'static Type = &Type::Bool;

    #[inline]
    fn size_min(_form: Form) -> usize {
        1
    }

    #[inline]
    fn read(r: &mut Reader, _form: Form) -> Result<Self, DecodeError> {
        Ok(r.i8()? != 0)
    }

    #[inline]
    fn write<S: Sink>(&self, s: &mut S, _form: Form) -> Result<(), EncodeError> {
        s.i8(i8::from(*self));
        Ok(())
    }
}

impl Value for Uuid {
    const TYPE: &'static Type = &Type::Uuid;

    #[inline]
    fn size_min(_form: Form) -> usize {
        16
    }

    #[inline]
    fn read(r: &mut Reader, _form: Form) -> Result<Self, DecodeError> {
        r.uuid()
    }

    #[inline]
    fn write<S: Sink>(&self, s: &mut S, _form: Form) -> Result<(), EncodeError> {
        s.uuid(*self);
        Ok(())
    }
}

impl Value for String {
    const TYPE: &'static Type = &Type::String;

    #[inline]
    fn size_min(form: Form) -> usize {
        if form.flexible { 1 } else { 2 }
    }

    fn read(r: &mut Reader, form: Form) -> Result<Self, DecodeError> {
        Self::read_present(r, form)?.ok_or_else(|| r.error(DecodeFault::UnexpectedNull))
    }

    fn write<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError> {
        if self.len() > STRING_LEN_MAX {
            return Err(EncodeError::TooLong { len: self.len() });
        }
        match form.flexible {
            true => s.unsigned_varint(self.len() as u32 + 1),
            false => s.i16(self.len() as i16),
        }
        s.put(self.as_bytes());
        Ok(())
    }
}

impl Nullable for String {
    fn read_present(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        let length = if form.flexible {
            r.compact_length()?
        } else {
            let length = r.i16()?;
            r.fixed_length(i64::from(length))?
        };
        let Some(len) = length else { return Ok(None) };
        if len > STRING_LEN_MAX {
            return Err(r.error(DecodeFault::BadLength(len as i64)));
        }
        r.charge(len)?;
        match std::str::from_utf8(r.take(len)?) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(r.error(DecodeFault::BadUtf8)),
        }
    }

    fn write_null<S: Sink>(s: &mut S, form: Form) -> Result<(), EncodeError> {
        match form.flexible {
            true => s.unsigned_varint(0),
            false => s.i16(-1),
        }
        Ok(())
    }
}

/// The bytes of a value with a 32-bit or compact length, as a slice of the frame.
fn read_bytes(r: &mut Reader, form: Form) -> Result<Option<Bytes>, DecodeError> {
    let length = if form.flexible {
        r.compact_length()?
    } else {
        let length = r.i32()?;
        r.fixed_length(i64::from(length))?
    };
    match length {
        Some(len) => r.slice(len).map(Some),
        None => Ok(None),
    }
}

/// Bytes of the length before bytes, records and arrays.
#[inline]
fn length_size_min(form: Form) -> usize {
    if form.flexible { 1 } else { 4 }
}

impl Value for Bytes {
    const TYPE: &'static Type = &Type::Bytes;

    #[inline]
    fn size_min(form: Form) -> usize {
        length_size_min(form)
    }

    fn read(r: &mut Reader, form: Form) -> Result<Self, DecodeError> {
        read_bytes(r, form)?.ok_or_else(|| r.error(DecodeFault::UnexpectedNull))
    }

    fn write<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError> {
        s.length(form, Some(self.len()))?;
        s.put(self);
        Ok(())
    }
}

impl Nullable for Bytes {
    fn read_present(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        read_bytes(r, form)
    }
}

/// A `records` field: record batches, which the codec never looks into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Records {
    /// The default, as in Kafka.
    #[default]
    Null,
    /// Batches in memory; when read, a slice of the frame.
    Bytes(Bytes),
    /// Batches of this many bytes that lie elsewhere; encoding leaves a place for them.
    Gap(u32),
}

impl Records {
    /// Bytes of the batches, 0 for null.
    pub fn size_in_bytes(&self) -> usize {
        match self {
            Records::Null => 0,
            Records::Bytes(bytes) => bytes.len(),
            Records::Gap(len) => *len as usize,
        }
    }

    /// Reads the field; `nullable` says whether this version has null there.
    pub fn read(r: &mut Reader, form: Form, nullable: bool) -> Result<Self, DecodeError> {
        match read_bytes(r, form)? {
            Some(bytes) => Ok(Records::Bytes(bytes)),
            None if nullable => Ok(Records::Null),
            None => Err(r.error(DecodeFault::UnexpectedNull)),
        }
    }

    /// Writes the field; `nullable` says whether this version has null there.
    pub fn write<S: Sink>(
        &self,
        s: &mut S,
        form: Form,
        nullable: bool,
        field: &'static str,
    ) -> Result<(), EncodeError> {
        match self {
            Records::Null if nullable => s.length(form, None)?,
            Records::Null => return Err(EncodeError::UnexpectedNull { field, version: form.version }),
            Records::Bytes(bytes) => {
                s.length(form, Some(bytes.len()))?;
                s.put(bytes);
            }
            Records::Gap(len) => {
                s.length(form, Some(*len as usize))?;
                s.gap(*len);
            }
        }
        Ok(())
    }

    /// The least number of bytes of the field.
    pub fn size_min(form: Form) -> usize {
        length_size_min(form)
    }
}

impl<T: Value> Value for Vec<T> {
    const TYPE: &'static Type = &Type::Array(T::TYPE);

    #[inline]
    fn size_min(form: Form) -> usize {
        length_size_min(form)
    }

    fn read(r: &mut Reader, form: Form) -> Result<Self, DecodeError> {
        Self::read_present(r, form)?.ok_or_else(|| r.error(DecodeFault::UnexpectedNull))
    }

    fn write<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError> {
        s.length(form, Some(self.len()))?;
        self.iter().try_for_each(|element| element.write(s, form))
    }
}

impl<T: Value> Nullable for Vec<T> {
    fn read_present(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        let count = r.element_count(form.flexible, T::size_min(form), size_of::<T>())?;
        let Some(count) = count else { return Ok(None) };
        let mut elements = Vec::with_capacity(count.min(INITIAL_CAPACITY_MAX));
        for index in 0..count {
            if index == INITIAL_CAPACITY_MAX {
                // A thousand elements have proved real; the rest is already charged.
                elements.reserve_exact(count - index);
            }
            elements.push(T::read(r, form)?);
        }
        Ok(Some(elements))
    }
}

/// A struct inside a message; the derive marks each.
pub trait Struct: Value {}

impl<T: Struct> Nullable for T {
    fn size_min_nullable(_form: Form) -> usize {
        1
    }

    fn read_present(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        if r.i8()? < 0 { Ok(None) } else { T::read(r, form).map(Some) }
    }

    /// In a tag, null is the byte 0 instead of one below 0.
    fn read_tagged(r: &mut Reader, form: Form) -> Result<Option<Self>, DecodeError> {
        if r.unsigned_varint()? == 0 { Ok(None) } else { T::read(r, form).map(Some) }
    }

    fn write_present<S: Sink>(&self, s: &mut S, form: Form) -> Result<(), EncodeError> {
        s.i8(1);
        self.write(s, form)
    }

    fn write_null<S: Sink>(s: &mut S, _form: Form) -> Result<(), EncodeError> {
        s.i8(-1);
        Ok(())
    }
}
