//! Our side: the schemas that the derive keeps beside every message.

use super::definition::{Default, Definition, Field};
use klamm_base::codec::{FieldDefault, FieldSchema, Kind, Listener, MessageSchema, MessageType, Type};

/// Every message of every room, sorted by name.
pub fn definitions() -> Vec<Definition> {
    let mut definitions: Vec<Definition> = registries().map(|message| definition(message.schema)).collect();
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    definitions
}

/// The rooms that have messages.
fn registries() -> impl Iterator<Item = &'static MessageType> {
    let rooms = klamm_wire::registry().iter().chain(klamm_metadata::records::registry());
    rooms.chain(klamm_coordinator::registry()).chain(klamm_raft::records::registry())
}

fn definition(schema: &MessageSchema) -> Definition {
    let (kind, api_key, listeners) = match schema.kind {
        Kind::Request { api_key, listeners } => ("request", Some(api_key), listeners),
        Kind::Response { api_key } => ("response", Some(api_key), &[][..]),
        Kind::Header => ("header", None, &[][..]),
        Kind::Metadata { api_key } => ("metadata", Some(api_key), &[][..]),
        Kind::CoordinatorKey { api_key } => ("coordinator-key", Some(api_key), &[][..]),
        Kind::CoordinatorValue { api_key } => ("coordinator-value", Some(api_key), &[][..]),
        Kind::Data => ("data", None, &[][..]),
    };
    let mut listeners: Vec<String> = listeners.iter().map(|listener| word(*listener).to_owned()).collect();
    listeners.sort();
    Definition {
        name: schema.name().to_owned(),
        kind: kind.to_owned(),
        api_key,
        versions: schema.versions,
        flexible: schema.flexible,
        listeners,
        latest_version_unstable: schema.latest_version_unstable,
        fields: schema.body.fields.iter().map(field).collect(),
    }
}

fn word(listener: Listener) -> &'static str {
    match listener {
        Listener::Broker => "broker",
        Listener::Controller => "controller",
    }
}

fn field(schema: &FieldSchema) -> Field {
    Field {
        name: schema.name.to_owned(),
        ty: schema.ty.to_string(),
        versions: schema.versions,
        nullable: schema.nullable,
        tagged: schema.tagged,
        tag: schema.tag,
        default: match schema.default {
            FieldDefault::Empty => Default::Empty,
            FieldDefault::Null => Default::Null,
            FieldDefault::True => Default::True,
            FieldDefault::Int(value) => Default::Int(value),
        },
        ignorable: schema.ignorable,
        key: schema.map_key,
        flexible: schema.flexible,
        fields: inner_fields(schema.ty),
    }
}

fn inner_fields(ty: &Type) -> Vec<Field> {
    match ty {
        Type::Array(element) => inner_fields(element),
        Type::Struct(schema) => schema.fields.iter().map(field).collect(),
        _ => Vec::new(),
    }
}
