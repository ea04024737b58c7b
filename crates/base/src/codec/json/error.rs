//! Why a message has no JSON, or a JSON is no message.

use std::fmt;

/// A message and its JSON do not go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    pub message: &'static str,
    pub fault: JsonFault,
}

/// What keeps them apart. `field` is the name in Kafka's definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonFault {
    UnsupportedVersion(i16),
    /// A field that may not be dropped has a value, and the version has no such field.
    FieldNotInVersion {
        field: &'static str,
        version: i16,
    },
    /// Null where this version has none.
    UnexpectedNull {
        field: &'static str,
        version: i16,
    },
    /// A field that the version must have is not there.
    Missing {
        field: &'static str,
        version: i16,
    },
    /// A value of another kind.
    Expected(&'static str),
    /// A number outside of its type.
    OutOfRange,
    /// Records that lie elsewhere have no bytes to show.
    Gap,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.message)?;
        match self.fault {
            JsonFault::UnsupportedVersion(version) => write!(f, "no version {version}"),
            JsonFault::FieldNotInVersion { field, version } => {
                write!(f, "{field} is set, and version {version} has no such field")
            }
            JsonFault::UnexpectedNull { field, version } => {
                write!(f, "{field} is null, and version {version} has no null there")
            }
            JsonFault::Missing { field, version } => {
                write!(f, "{field} is missing, and version {version} must have it")
            }
            JsonFault::Expected(what) => write!(f, "{what} is expected"),
            JsonFault::OutOfRange => f.write_str("a number outside of its type"),
            JsonFault::Gap => f.write_str("the records lie elsewhere"),
        }
    }
}

impl std::error::Error for JsonError {}
