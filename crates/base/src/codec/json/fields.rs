//! The fields of a struct in the order of its schema.

use super::{JsonFault, JsonValue};
use crate::codec::schema::{FieldSchema, Type, struct_of};
use crate::codec::value::{Struct, Value as WireValue};
use serde_json::{Map, Value};

/// What the derive writes for each struct: every field once, in order.
pub trait JsonStruct: Sized {
    fn put_fields(&self, w: &mut FieldWriter) -> Result<(), JsonFault>;
    fn take_fields(r: &mut FieldReader<'_>) -> Result<Self, JsonFault>;
}

/// Written by the derive for each struct.
#[macro_export]
macro_rules! json_struct {
    ($name:ident { $($field:ident),* }) => {
        impl $crate::codec::json::JsonStruct for $name {
            fn put_fields(
                &self,
                _w: &mut $crate::codec::json::FieldWriter,
            ) -> Result<(), $crate::codec::json::JsonFault> {
                $(_w.put(&self.$field)?;)*
                Ok(())
            }

            fn take_fields(
                _r: &mut $crate::codec::json::FieldReader<'_>,
            ) -> Result<Self, $crate::codec::json::JsonFault> {
                Ok(Self { $($field: _r.take()?,)* })
            }
        }
    };
}

impl<T: JsonStruct + Struct + Default + PartialEq> JsonValue for T {
    fn to_json(&self, version: i16) -> Result<Value, JsonFault> {
        let mut writer = FieldWriter::new(<T as WireValue>::TYPE, version);
        self.put_fields(&mut writer)?;
        assert!(writer.fields.next().is_none(), "a field was left out of the JSON");
        Ok(Value::Object(writer.object))
    }

    fn from_json(json: &Value, version: i16) -> Result<Self, JsonFault> {
        let object = json.as_object().ok_or(JsonFault::Expected("an object"))?;
        let fields = struct_of(<T as WireValue>::TYPE).fields.iter();
        T::take_fields(&mut FieldReader { fields, version, object })
    }

    fn is_empty(&self) -> bool {
        *self == T::default()
    }

    fn empty() -> Self {
        T::default()
    }
}

/// Collects the fields of one struct.
pub struct FieldWriter {
    fields: std::slice::Iter<'static, FieldSchema>,
    version: i16,
    object: Map<String, Value>,
}

impl FieldWriter {
    fn new(ty: &'static Type, version: i16) -> FieldWriter {
        FieldWriter { fields: struct_of(ty).fields.iter(), version, object: Map::new() }
    }

    /// Adds the next field, if this version shows it.
    pub fn put<T: JsonValue>(&mut self, value: &T) -> Result<(), JsonFault> {
        let field = self.fields.next().expect("one value for each field of the schema");
        let version = self.version;
        if !field.versions.contains(version) {
            if !field.ignorable && !value.is_default(field.default) {
                return Err(JsonFault::FieldNotInVersion { field: field.name, version });
            }
            return Ok(());
        }
        if field.tagged.contains(version) && value.is_default(field.default) {
            return Ok(());
        }
        let json = value.to_json(version)?;
        if json.is_null() && !field.nullable.contains(version) {
            return Err(JsonFault::UnexpectedNull { field: field.name, version });
        }
        self.object.insert(field.json_name(), json);
        Ok(())
    }
}

/// Hands out the fields of one struct.
pub struct FieldReader<'a> {
    fields: std::slice::Iter<'static, FieldSchema>,
    version: i16,
    object: &'a Map<String, Value>,
}

impl FieldReader<'_> {
    /// The next field, or its default if it is not there and need not be.
    pub fn take<T: JsonValue>(&mut self) -> Result<T, JsonFault> {
        let field = self.fields.next().expect("one value for each field of the schema");
        let version = self.version;
        match self.object.get(&field.json_name()) {
            Some(json) if json.is_null() && !field.nullable.contains(version) => {
                Err(JsonFault::UnexpectedNull { field: field.name, version })
            }
            Some(json) => T::from_json(json, version),
            None if field.versions.contains(version) && !field.tagged.contains(version) => {
                Err(JsonFault::Missing { field: field.name, version })
            }
            None => Ok(T::default_of(field.default)),
        }
    }
}
