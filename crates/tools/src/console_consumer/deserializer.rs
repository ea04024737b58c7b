//! Bytes as the text of the object that one of Kafka's deserializers makes of them
//! (Kafka: `org.apache.kafka.common.serialization`).
//!
//! What Java prints of an object without a text of its own is `class@hash`, another number in every run: here the
//! hash is that of the bytes.

use std::fmt::Write;

use klamm_config::Properties;

use super::java_text::{Double, Float, PrintableBytes, uuid};
use crate::exception::Exception;

const PACKAGE: &str = "org.apache.kafka.common.serialization.";

/// A deserializer, by the name of its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deserializer {
    Boolean,
    ByteArray,
    ByteBuffer,
    Bytes,
    Double,
    Float,
    Integer,
    Long,
    Short,
    String(Encoding),
    Uuid(Encoding),
    Void,
}

/// A charset of Java.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Ascii,
    Latin1,
    /// With a mark of the byte order, or big-endian.
    Utf16,
    Utf16Be,
    Utf16Le,
}

impl Deserializer {
    /// The deserializer of a class, with the properties that begin with its own name in the formatter.
    ///
    /// # Errors
    /// What Java throws: no such class, no such charset, or a class that needs what a command line cannot give.
    pub fn new(class: &str, properties: &Properties, is_key: bool) -> Result<Deserializer, Exception> {
        let unknown = || Exception::new("java.lang.ClassNotFoundException", class);
        let name = class.strip_prefix(PACKAGE).and_then(|name| name.strip_suffix("Deserializer"));
        Ok(match name.ok_or_else(unknown)? {
            "Boolean" => Deserializer::Boolean,
            "ByteArray" => Deserializer::ByteArray,
            "ByteBuffer" => Deserializer::ByteBuffer,
            "Bytes" => Deserializer::Bytes,
            "Double" => Deserializer::Double,
            "Float" => Deserializer::Float,
            "Integer" => Deserializer::Integer,
            "Long" => Deserializer::Long,
            "Short" => Deserializer::Short,
            "String" => Deserializer::String(Encoding::of(properties, is_key)?),
            "UUID" => Deserializer::Uuid(Encoding::of(properties, is_key)?),
            "Void" => Deserializer::Void,
            "List" => {
                let needs = "Not able to determine the list class because it was neither passed via the \
                             constructor nor set in the config.";
                return Err(Exception::new(crate::exception::CONFIG, needs));
            }
            _ => return Err(unknown()),
        })
    }

    /// Adds the object's text to `out`.
    ///
    /// # Errors
    /// What Java throws for bytes that are no such object.
    pub fn print(self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Exception> {
        let text = match self {
            Deserializer::String(Encoding::Utf8) => {
                out.extend_from_slice(String::from_utf8_lossy(bytes).as_bytes());
                return Ok(());
            }
            Deserializer::String(encoding) => encoding.decode(bytes),
            Deserializer::Boolean => boolean(bytes)?.to_owned(),
            Deserializer::Short => i16::from_be_bytes(self.sized(bytes)?).to_string(),
            Deserializer::Integer => i32::from_be_bytes(self.sized(bytes)?).to_string(),
            Deserializer::Long => i64::from_be_bytes(self.sized(bytes)?).to_string(),
            Deserializer::Float => Float(f32::from_be_bytes(self.sized(bytes)?)).to_string(),
            Deserializer::Double => Double(f64::from_be_bytes(self.sized(bytes)?)).to_string(),
            Deserializer::Bytes => PrintableBytes(bytes).to_string(),
            Deserializer::Uuid(encoding) => uuid(&encoding.decode(bytes))
                .ok_or_else(|| serialization("Error parsing data into UUID".to_owned()))?,
            Deserializer::ByteArray => format!("[B@{:x}", hash(bytes)),
            Deserializer::ByteBuffer => {
                format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", bytes.len())
            }
            Deserializer::Void => {
                return Err(Exception::illegal_argument("Data should be null for a VoidDeserializer."));
            }
        };
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn sized<const N: usize>(self, bytes: &[u8]) -> Result<[u8; N], Exception> {
        let name = match self {
            Deserializer::Short => "ShortDeserializer",
            Deserializer::Integer => "IntegerDeserializer",
            Deserializer::Long => "LongDeserializer",
            // The two others do not say who they are.
            _ => "Deserializer",
        };
        bytes.try_into().map_err(|_| serialization(format!("Size of data received by {name} is not {N}")))
    }
}

fn serialization(message: String) -> Exception {
    Exception::new("org.apache.kafka.common.errors.SerializationException", message)
}

fn boolean(bytes: &[u8]) -> Result<&'static str, Exception> {
    match bytes {
        [0] => Ok("false"),
        [1] => Ok("true"),
        [other] => Err(serialization(format!(
            "Unexpected byte received by BooleanDeserializer: {}",
            other.cast_signed()
        ))),
        _ => Err(serialization("Size of data received by BooleanDeserializer is not 1".to_owned())),
    }
}

/// `Arrays.hashCode`, without its sign.
fn hash(bytes: &[u8]) -> u32 {
    let add = |hash: i32, &byte: &u8| hash.wrapping_mul(31).wrapping_add(i32::from(byte.cast_signed()));
    bytes.iter().fold(1, add).cast_unsigned()
}

impl Encoding {
    fn of(properties: &Properties, is_key: bool) -> Result<Encoding, Exception> {
        let own = if is_key { "key.deserializer.encoding" } else { "value.deserializer.encoding" };
        let name = properties.get(own).or_else(|| properties.get("deserializer.encoding"));
        let Some(name) = name else { return Ok(Encoding::Utf8) };
        Ok(match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Encoding::Utf8,
            "US-ASCII" | "ASCII" | "ISO646-US" => Encoding::Ascii,
            "ISO-8859-1" | "ISO8859_1" | "ISO8859-1" | "LATIN1" | "L1" => Encoding::Latin1,
            "UTF-16" | "UTF16" | "UTF_16" => Encoding::Utf16,
            "UTF-16BE" | "UTF_16BE" => Encoding::Utf16Be,
            "UTF-16LE" | "UTF_16LE" => Encoding::Utf16Le,
            _ => return Err(serialization(format!("Unsupported encoding {name}"))),
        })
    }

    fn decode(self, bytes: &[u8]) -> String {
        let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
            let mut text = String::from_utf16_lossy(&units);
            if !rest.is_empty() {
                let _ = text.write_char(char::REPLACEMENT_CHARACTER);
            }
            text
        };
        match (self, bytes) {
            (Encoding::Utf8, _) => String::from_utf8_lossy(bytes).into_owned(),
            (Encoding::Ascii, _) => {
                let known = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' };
                bytes.iter().map(known).collect()
            }
            (Encoding::Latin1, _) => bytes.iter().map(|byte| char::from(*byte)).collect(),
            (Encoding::Utf16, [0xff, 0xfe, rest @ ..]) => wide(rest, u16::from_le_bytes),
            (Encoding::Utf16, [0xfe, 0xff, rest @ ..]) => wide(rest, u16::from_be_bytes),
            (Encoding::Utf16 | Encoding::Utf16Be, _) => wide(bytes, u16::from_be_bytes),
            (Encoding::Utf16Le, _) => wide(bytes, u16::from_le_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, properties: &[(&str, &str)], bytes: &[u8]) -> String {
        let properties = properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let class = format!("{PACKAGE}{name}Deserializer");
        let mut out = Vec::new();
        let printed = Deserializer::new(&class, &properties.collect(), true)
            .and_then(|deserializer| deserializer.print(bytes, &mut out));
        match printed {
            Ok(()) => String::from_utf8(out).expect("texts are UTF-8"),
            Err(exception) => {
                format!("{}: {}", exception.class.rsplit('.').next().unwrap_or(""), exception.message())
            }
        }
    }

    #[test]
    fn objects_print_as_in_java() {
        for (name, bytes, text) in [
            ("String", "h\u{e4}".as_bytes(), "h\u{e4}"),
            ("String", b"\xff", "\u{fffd}"),
            ("Integer", &[0xff, 0xff, 0xff, 0xfe], "-2"),
            ("Integer", b"null", "1853189228"),
            ("Long", &[0, 0, 0, 0, 0, 0, 1, 0], "256"),
            ("Short", &[0x80, 0], "-32768"),
            ("Float", &[0x3f, 0x80, 0, 0], "1.0"),
            ("Double", &[0x3f, 0xf8, 0, 0, 0, 0, 0, 0], "1.5"),
            ("Boolean", &[1], "true"),
            ("Bytes", b"a\0", "a\\x00"),
            ("ByteBuffer", b"abc", "java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]"),
            ("ByteArray", b"", "[B@1"),
            ("UUID", b"1-2-3-4-5", "00000001-0002-0003-0004-000000000005"),
        ] {
            assert_eq!(shown(name, &[], bytes), text, "{name}");
        }
    }

    #[test]
    fn bytes_that_are_no_such_object() {
        for (name, text) in [
            ("Integer", "SerializationException: Size of data received by IntegerDeserializer is not 4"),
            ("Long", "SerializationException: Size of data received by LongDeserializer is not 8"),
            ("Float", "SerializationException: Size of data received by Deserializer is not 4"),
            ("Boolean", "SerializationException: Unexpected byte received by BooleanDeserializer: -1"),
            ("UUID", "SerializationException: Error parsing data into UUID"),
            ("Void", "IllegalArgumentException: Data should be null for a VoidDeserializer."),
            ("Foo", "ClassNotFoundException: org.apache.kafka.common.serialization.FooDeserializer"),
        ] {
            assert_eq!(shown(name, &[], b"\xff"), text);
        }
    }

    #[test]
    fn texts_have_charsets() {
        let encoded = |name, bytes: &[u8]| shown("String", &[("key.deserializer.encoding", name)], bytes);
        assert_eq!(encoded("iso-8859-1", b"\xe4"), "\u{e4}");
        assert_eq!(encoded("US-ASCII", b"a\xe4"), "a\u{fffd}");
        assert_eq!(encoded("UTF-16", b"\xff\xfea\0"), "a");
        assert_eq!(encoded("UTF-16", b"\0a\0"), "a\u{fffd}");
        assert_eq!(encoded("UTF-16LE", b"a\0"), "a");
        assert_eq!(encoded("klingon", b"a"), "SerializationException: Unsupported encoding klingon");
    }
}
