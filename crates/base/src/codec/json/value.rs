//! Each type of the schema language as JSON, both ways.

use super::JsonFault;
use crate::Uuid;
use crate::base64;
use crate::codec::schema::FieldDefault;
use crate::codec::value::Records;
use bytes::Bytes;
use serde_json::Value;

/// A value with a JSON form.
pub trait JsonValue: Sized {
    fn to_json(&self, version: i16) -> Result<Value, JsonFault>;

    fn from_json(json: &Value, version: i16) -> Result<Self, JsonFault>;

    /// Whether it is what a field holds that says nothing about its default.
    fn is_empty(&self) -> bool;

    /// What a field holds that says nothing about its default.
    fn empty() -> Self;

    /// Whether it is the default of a field.
    fn is_default(&self, default: FieldDefault) -> bool {
        matches!(default, FieldDefault::Empty) && self.is_empty()
    }

    /// The default of a field.
    fn default_of(default: FieldDefault) -> Self {
        assert_eq!(default, FieldDefault::Empty, "the type has no such default");
        Self::empty()
    }
}

macro_rules! integers {
    ($($rust:ty),*) => {
        $(impl JsonValue for $rust {
            fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
                Ok(Value::from(*self))
            }

            fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
                let number = json.as_i64().ok_or(JsonFault::Expected("an integer"))?;
                number.try_into().map_err(|_| JsonFault::OutOfRange)
            }

            fn is_empty(&self) -> bool {
                *self == 0
            }

            fn empty() -> Self {
                0
            }

            fn is_default(&self, default: FieldDefault) -> bool {
                *self == Self::default_of(default)
            }

            fn default_of(default: FieldDefault) -> Self {
                match default {
                    FieldDefault::Int(value) => value.try_into().expect("a default of its own type"),
                    _ => 0,
                }
            }
        })*
    };
}

integers!(i8, i16, u16, i32, u32, i64);

impl JsonValue for bool {
    fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
        Ok(Value::Bool(*self))
    }

    fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
        json.as_bool().ok_or(JsonFault::Expected("true or false"))
    }

    fn is_empty(&self) -> bool {
        !self
    }

    fn empty() -> Self {
        false
    }

    fn is_default(&self, default: FieldDefault) -> bool {
        *self == Self::default_of(default)
    }

    fn default_of(default: FieldDefault) -> Self {
        default == FieldDefault::True
    }
}

impl JsonValue for f64 {
    /// Numbers that JSON has no digits for are their names as text, as Jackson writes them.
    fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
        Ok(match self {
            number if number.is_nan() => Value::from("NaN"),
            &f64::INFINITY => Value::from("Infinity"),
            &f64::NEG_INFINITY => Value::from("-Infinity"),
            number => Value::from(*number),
        })
    }

    fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
        match json.as_str() {
            Some("NaN") => Ok(f64::NAN),
            Some("Infinity") => Ok(f64::INFINITY),
            Some("-Infinity") => Ok(f64::NEG_INFINITY),
            _ => json.as_f64().ok_or(JsonFault::Expected("a number")),
        }
    }

    fn is_empty(&self) -> bool {
        *self == 0.0
    }

    fn empty() -> Self {
        0.0
    }
}

impl JsonValue for Uuid {
    fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
        Ok(Value::from(self.to_string()))
    }

    fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
        let text = json.as_str().ok_or(JsonFault::Expected("an id"))?;
        text.parse().map_err(|_| JsonFault::Expected("an id"))
    }

    fn is_empty(&self) -> bool {
        self.is_zero()
    }

    fn empty() -> Self {
        Uuid::ZERO
    }
}

impl JsonValue for String {
    fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
        Ok(Value::from(self.as_str()))
    }

    fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
        json.as_str().map(str::to_owned).ok_or(JsonFault::Expected("a text"))
    }

    fn is_empty(&self) -> bool {
        str::is_empty(self)
    }

    fn empty() -> Self {
        String::new()
    }
}

impl JsonValue for Bytes {
    fn to_json(&self, _version: i16) -> Result<Value, JsonFault> {
        Ok(Value::from(base64::encode(self)))
    }

    fn from_json(json: &Value, _version: i16) -> Result<Self, JsonFault> {
        let bytes = json.as_str().and_then(base64::decode);
        bytes.map(Bytes::from).ok_or(JsonFault::Expected("base64"))
    }

    fn is_empty(&self) -> bool {
        <[u8]>::is_empty(self)
    }

    fn empty() -> Self {
        Bytes::new()
    }
}

impl JsonValue for Records {
    fn to_json(&self, version: i16) -> Result<Value, JsonFault> {
        match self {
            Records::Null => Ok(Value::Null),
            Records::Bytes(bytes) => bytes.to_json(version),
            Records::Gap(_) => Err(JsonFault::Gap),
        }
    }

    fn from_json(json: &Value, version: i16) -> Result<Self, JsonFault> {
        match json {
            Value::Null => Ok(Records::Null),
            json => Bytes::from_json(json, version).map(Records::Bytes),
        }
    }

    /// Kafka's default for records is null, whatever the definition says.
    fn is_empty(&self) -> bool {
        *self == Records::Null
    }

    fn empty() -> Self {
        Records::Null
    }

    fn is_default(&self, _default: FieldDefault) -> bool {
        self.is_empty()
    }

    fn default_of(_default: FieldDefault) -> Self {
        Records::Null
    }
}

impl<T: JsonValue> JsonValue for Vec<T> {
    fn to_json(&self, version: i16) -> Result<Value, JsonFault> {
        self.iter().map(|element| element.to_json(version)).collect::<Result<Vec<_>, _>>().map(Value::Array)
    }

    fn from_json(json: &Value, version: i16) -> Result<Self, JsonFault> {
        let elements = json.as_array().ok_or(JsonFault::Expected("an array"))?;
        elements.iter().map(|element| T::from_json(element, version)).collect()
    }

    fn is_empty(&self) -> bool {
        <[T]>::is_empty(self)
    }

    fn empty() -> Self {
        Vec::new()
    }
}

impl<T: JsonValue> JsonValue for Option<T> {
    fn to_json(&self, version: i16) -> Result<Value, JsonFault> {
        match self {
            Some(value) => value.to_json(version),
            None => Ok(Value::Null),
        }
    }

    fn from_json(json: &Value, version: i16) -> Result<Self, JsonFault> {
        match json {
            Value::Null => Ok(None),
            json => T::from_json(json, version).map(Some),
        }
    }

    /// A nullable field without a default of null is empty, not null.
    fn is_empty(&self) -> bool {
        self.as_ref().is_some_and(T::is_empty)
    }

    fn empty() -> Self {
        Some(T::empty())
    }

    fn is_default(&self, default: FieldDefault) -> bool {
        match default {
            FieldDefault::Null => self.is_none(),
            default => self.as_ref().is_some_and(|value| value.is_default(default)),
        }
    }

    fn default_of(default: FieldDefault) -> Self {
        match default {
            FieldDefault::Null => None,
            default => Some(T::default_of(default)),
        }
    }
}
