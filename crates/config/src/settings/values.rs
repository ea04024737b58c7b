//! All broker values of a moment, parsed. Kafka: `AbstractConfig`.

use crate::definition::Default;
use crate::fault::ConfigFault;
use crate::properties::Properties;
use crate::table;
use crate::value::Value;
use std::collections::BTreeMap;

/// Every broker property with the value that counts now.
///
/// The typed accessors assert that the table has a property of that name and type: they are called with
/// literals only.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Values {
    parsed: BTreeMap<&'static str, Value>,
    /// The texts that were set, unknown names among them.
    originals: Properties,
}

impl Values {
    /// Parses `originals`; the first rejected value is the fault. `defaults` come before those of the table.
    pub fn resolve(originals: Properties, defaults: &Properties) -> Result<Values, ConfigFault> {
        for name in ["process.roles", "node.id", "controller.listener.names"] {
            assert_eq!(table::broker()[name].default, Default::Required, "{name} has a default");
            if !originals.contains_key(name) {
                return Err(ConfigFault::Missing { name });
            }
        }
        let mut parsed = BTreeMap::new();
        for (name, definition) in table::broker() {
            let value = match originals.get(*name).or_else(|| defaults.get(*name)) {
                Some(text) => Value::parse(definition, text)?,
                None => Value::default_of(definition),
            };
            parsed.insert(*name, value);
        }
        Ok(Values { parsed, originals })
    }

    /// The texts that were set. Kafka: `AbstractConfig.originals`.
    pub fn originals(&self) -> &Properties {
        &self.originals
    }

    /// Whether `name` is set at any level, be it to its default.
    pub fn is_set(&self, name: &str) -> bool {
        self.originals.contains_key(name)
    }

    pub fn get(&self, name: &str) -> &Value {
        self.parsed.get(name).unwrap_or_else(|| panic!("the table has no broker property {name}"))
    }

    pub fn is_null(&self, name: &str) -> bool {
        *self.get(name) == Value::Null
    }

    pub fn boolean(&self, name: &str) -> bool {
        match self.get(name) {
            Value::Boolean(value) => *value,
            other => panic!("{name} is no boolean but {other:?}"),
        }
    }

    pub fn long(&self, name: &str) -> i64 {
        self.optional_long(name).unwrap_or_else(|| panic!("{name} is null"))
    }

    pub fn optional_long(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Value::Number(value) => Some(*value),
            Value::Null => None,
            other => panic!("{name} is no number but {other:?}"),
        }
    }

    pub fn int(&self, name: &str) -> i32 {
        let value = self.long(name);
        i32::try_from(value).unwrap_or_else(|_| panic!("{name} is no int: {value}"))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Value::Text(text) => Some(text),
            Value::Null => None,
            other => panic!("{name} is no string but {other:?}"),
        }
    }

    /// Empty when null.
    pub fn list(&self, name: &str) -> &[String] {
        match self.get(name) {
            Value::List(elements) => elements,
            Value::Null => &[],
            other => panic!("{name} is no list but {other:?}"),
        }
    }
}
