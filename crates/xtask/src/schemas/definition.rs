//! A message definition in a form that both sides are brought into.

use klamm_base::codec::Versions;
use std::collections::BTreeSet;
use std::fmt;

/// One message: a request, a response, a header, a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub name: String,
    /// Kafka's word: `request`, `metadata`, `coordinator-key`, ...
    pub kind: String,
    pub api_key: Option<i16>,
    pub versions: Versions,
    pub flexible: Versions,
    /// Sorted; only requests have them.
    pub listeners: Vec<String>,
    pub latest_version_unstable: bool,
    pub fields: Vec<Field>,
}

/// One field, with the fields of its struct inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    pub name: String,
    /// The schema language's: `int32`, `[]string`, `Cursor`, `[]FetchTopic`.
    pub ty: String,
    pub versions: Versions,
    pub nullable: Versions,
    pub tagged: Versions,
    pub tag: Option<u32>,
    pub default: Default,
    pub ignorable: bool,
    pub key: bool,
    /// Set where the field is flexible in other versions than its message.
    pub flexible: Option<Versions>,
    pub fields: Vec<Field>,
}

/// What a field holds when nobody set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    Empty,
    Null,
    True,
    Int(i64),
    Text(String),
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Default::Empty => f.write_str("empty"),
            Default::Null => f.write_str("null"),
            Default::True => f.write_str("true"),
            Default::Int(value) => write!(f, "{value}"),
            Default::Text(text) => write!(f, "\"{text}\""),
        }
    }
}

/// How much was compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub messages: usize,
    /// The messages themselves and the structs inside them, each once.
    pub structs: usize,
    /// The fields of these structs.
    pub fields: usize,
    pub versions: usize,
}

impl Extent {
    pub fn of(definitions: &[Definition]) -> Extent {
        let mut extent = Extent { messages: 0, structs: 0, fields: 0, versions: 0 };
        for definition in definitions {
            extent.messages += 1;
            extent.versions += definition.versions.iter().count();
            extent.add(&definition.fields, &mut BTreeSet::new());
        }
        extent
    }

    fn add<'a>(&mut self, fields: &'a [Field], seen: &mut BTreeSet<&'a str>) {
        self.structs += 1;
        self.fields += fields.len();
        for field in fields.iter().filter(|field| !field.fields.is_empty()) {
            if seen.insert(field.ty.trim_start_matches("[]")) {
                self.add(&field.fields, seen);
            }
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Extent { messages, structs, fields, versions } = self;
        write!(f, "{messages} messages in {versions} versions, {structs} structs, {fields} fields")
    }
}
