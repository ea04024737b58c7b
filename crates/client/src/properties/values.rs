//! Properties looked up in a table, each parsed and checked (Kafka: `AbstractConfig`).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use klamm_config::definition::{Default, Definition};
use klamm_config::value::Value;
use klamm_config::{ConfigFault, Properties};

use super::table;

/// The values of one client.
pub struct Values {
    values: BTreeMap<&'static str, Value>,
    given: BTreeSet<&'static str>,
    pub unused: Vec<String>,
}

impl Values {
    /// # Errors
    /// [`ConfigFault`]: in the order of the names.
    pub fn read(rows: &'static [Definition], properties: &Properties) -> Result<Values, ConfigFault> {
        let mut values = BTreeMap::new();
        let (mut given, mut unused) = (BTreeSet::new(), Vec::new());
        for (name, text) in properties {
            match table::find(rows, name) {
                Some(row) => {
                    values.insert(row.name, Value::parse(row, text)?);
                    given.insert(row.name);
                }
                None => unused.push(name.clone()),
            }
        }
        for row in rows.iter().chain(table::COMMON) {
            if row.default == Default::Required && !given.contains(row.name) {
                return Err(ConfigFault::Missing { name: row.name });
            }
            values.entry(row.name).or_insert_with(|| Value::default_of(row));
        }
        Ok(Values { values, given, unused })
    }

    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    fn get(&self, name: &'static str) -> &Value {
        self.values.get(name).unwrap_or_else(|| panic!("{name} is in no table"))
    }

    /// Of an int or long.
    pub fn number(&self, name: &'static str) -> i64 {
        match self.get(name) {
            Value::Number(number) => *number,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// Of an int.
    pub fn int(&self, name: &'static str) -> i32 {
        i32::try_from(self.number(name)).unwrap_or_else(|_| panic!("{name} is no int"))
    }

    pub fn flag(&self, name: &'static str) -> bool {
        match self.get(name) {
            Value::Boolean(flag) => *flag,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// `None` where it is null.
    pub fn text(&self, name: &'static str) -> Option<&str> {
        match self.get(name) {
            Value::Null => None,
            Value::Text(text) => Some(text),
            other => panic!("{name} is {other:?}"),
        }
    }

    pub fn list(&self, name: &'static str) -> &[String] {
        match self.get(name) {
            Value::Null => &[],
            Value::List(list) => list,
            other => panic!("{name} is {other:?}"),
        }
    }

    /// A number of milliseconds; a negative one is none.
    pub fn millis(&self, name: &'static str) -> Duration {
        Duration::from_millis(u64::try_from(self.number(name)).unwrap_or(0))
    }

    /// A number of bytes; a negative one is none.
    pub fn bytes(&self, name: &'static str) -> usize {
        usize::try_from(self.number(name)).unwrap_or(0)
    }
}
