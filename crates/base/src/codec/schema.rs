//! The schema of a message as a static value: what the attributes on its fields say.
//!
//! Field versions are kept as written; a field that says nothing is in every version.

use std::fmt;

/// A range of versions, both ends included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub min: i16,
    /// `i16::MAX` for a range without an end.
    pub max: i16,
}

impl Versions {
    pub const ALL: Versions = Versions { min: 0, max: i16::MAX };
    pub const NONE: Versions = Versions { min: 0, max: -1 };

    pub const fn new(min: i16, max: i16) -> Versions {
        Versions { min, max }
    }

    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    pub const fn is_empty(self) -> bool {
        self.min > self.max
    }

    /// Every version of a range that has an end.
    pub fn iter(self) -> impl Iterator<Item = i16> {
        assert!(self.max < i16::MAX, "versions from {} on have no end", self.min);
        self.min..=self.max
    }
}

/// The schema language's notation: `none`, `3`, `3-5`, `3+`.
impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, max) if min > max => f.write_str("none"),
            (min, i16::MAX) => write!(f, "{min}+"),
            (min, max) if min == max => write!(f, "{min}"),
            (min, max) => write!(f, "{min}-{max}"),
        }
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A type of the schema language.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Type {
    Bool,
    Int8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Float64,
    Uuid,
    String,
    Bytes,
    Records,
    Array(&'static Type),
    Struct(&'static StructSchema),
}

/// The schema of a struct type.
pub const fn struct_of(ty: &'static Type) -> &'static StructSchema {
    match ty {
        Type::Struct(schema) => schema,
        _ => panic!("only structs have fields"),
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Bool => "bool",
            Type::Int8 => "int8",
            Type::Int16 => "int16",
            Type::Uint16 => "uint16",
            Type::Int32 => "int32",
            Type::Uint32 => "uint32",
            Type::Int64 => "int64",
            Type::Float64 => "float64",
            Type::Uuid => "uuid",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Records => "records",
            Type::Array(element) => return write!(f, "[]{element}"),
            Type::Struct(schema) => schema.name,
        })
    }
}

/// A struct: the message itself, or one nested in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StructSchema {
    pub name: &'static str,
    /// In the order in which they are written; tagged ones stand among them.
    pub fields: &'static [FieldSchema],
}

/// One field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldSchema {
    /// Kafka's spelling, such as `TopicId`.
    pub name: &'static str,
    pub ty: &'static Type,
    pub versions: Versions,
    pub nullable: Versions,
    pub tagged: Versions,
    pub tag: Option<u32>,
    pub default: FieldDefault,
    /// Whether a version without the field drops its value silently.
    pub ignorable: bool,
    /// Whether the field is (part of) the key of the array it stands in.
    pub map_key: bool,
    /// Set where a field is not flexible when its message is.
    pub flexible: Option<Versions>,
}

impl FieldSchema {
    /// The name in Kafka's JSON: the same with a small first letter.
    pub fn json_name(&self) -> String {
        let mut name = self.name.to_owned();
        name[..1].make_ascii_lowercase();
        name
    }
}

/// What a field holds when nobody set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldDefault {
    /// 0, false, "", no bytes, no elements, a struct of defaults; null for `records`.
    Empty,
    Null,
    True,
    Int(i64),
}

/// Which listeners serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    Broker,
    Controller,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request {
        api_key: i16,
        listeners: &'static [Listener],
    },
    Response {
        api_key: i16,
    },
    Header,
    /// A record of the metadata log.
    Metadata {
        api_key: i16,
    },
    /// The key of a record of a coordinator's log.
    CoordinatorKey {
        api_key: i16,
    },
    /// The value of a record of a coordinator's log.
    CoordinatorValue {
        api_key: i16,
    },
    /// Anything else that is written in this form.
    Data,
}

/// A message with all its versions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MessageSchema {
    pub kind: Kind,
    pub versions: Versions,
    pub flexible: Versions,
    /// Whether the highest version is still being worked on and served only on demand.
    pub latest_version_unstable: bool,
    pub body: &'static StructSchema,
}

impl MessageSchema {
    pub const fn name(&self) -> &'static str {
        self.body.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_print_in_the_schema_language() {
        for (range, text) in [
            (Versions::NONE, "none"),
            (Versions::ALL, "0+"),
            (Versions::new(3, 3), "3"),
            (Versions::new(3, 5), "3-5"),
            (Versions::new(12, i16::MAX), "12+"),
        ] {
            assert_eq!(range.to_string(), text);
        }
        assert_eq!(Versions::new(2, 4).iter().collect::<Vec<_>>(), [2, 3, 4]);
        assert!(!Versions::NONE.contains(0) && Versions::NONE.is_empty());
    }
}
