//! Kafka's side: the JSON definitions inside its jars, read by the rules of its own generator.

use super::definition::{Default, Definition, Field};
use klamm_base::codec::Versions;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The folders that definitions have inside the jars.
const FOLDERS: [&str; 3] = ["common/message", "common/metadata", "message"];

/// Every definition with a live version, sorted by name.
pub fn definitions(jars: &Path) -> std::io::Result<Vec<Definition>> {
    let mut definitions = Vec::new();
    for folder in FOLDERS {
        for entry in fs::read_dir(jars.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                definitions.extend(parse(&fs::read_to_string(&path)?));
            }
        }
    }
    definitions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(definitions)
}

/// A definition, or nothing if it only keeps a number reserved.
fn parse(text: &str) -> Option<Definition> {
    let spec: Value = serde_json::from_str(&without_comments(text)).expect("Kafka's definitions are JSON");
    let versions = versions(&spec["validVersions"]).expect("every definition has versions");
    if versions.is_empty() {
        return None;
    }
    let common = spec["commonStructs"].as_array().into_iter().flatten();
    let common: BTreeMap<&str, &Value> =
        common.map(|spec| (text_of(&spec["name"]), &spec["fields"])).collect();
    let mut listeners: Vec<String> = match spec["listeners"].as_array() {
        Some(names) => names.iter().map(|name| text_of(name).to_owned()).collect(),
        None => Vec::new(),
    };
    listeners.sort();
    Some(Definition {
        name: text_of(&spec["name"]).to_owned(),
        kind: text_of(&spec["type"]).to_owned(),
        api_key: spec["apiKey"].as_i64().map(|key| key as i16),
        versions,
        flexible: self::versions(&spec["flexibleVersions"]).expect("live definitions say which are flexible"),
        listeners,
        latest_version_unstable: spec["latestVersionUnstable"].as_bool().unwrap_or(false),
        fields: fields(&spec["fields"], &common),
    })
}

fn fields(specs: &Value, common: &BTreeMap<&str, &Value>) -> Vec<Field> {
    specs.as_array().into_iter().flatten().map(|spec| field(spec, common)).collect()
}

fn field(spec: &Value, common: &BTreeMap<&str, &Value>) -> Field {
    let ty = text_of(&spec["type"]);
    let inner = common.get(ty.trim_start_matches("[]")).copied().unwrap_or(&spec["fields"]);
    let tagged = versions(&spec["taggedVersions"]).unwrap_or(Versions::NONE);
    Field {
        name: text_of(&spec["name"]).to_owned(),
        ty: ty.to_owned(),
        // A tagged field need not repeat its versions.
        versions: versions(&spec["versions"]).unwrap_or(tagged),
        nullable: versions(&spec["nullableVersions"]).unwrap_or(Versions::NONE),
        tagged,
        tag: spec["tag"].as_u64().map(|tag| tag as u32),
        default: default(&spec["default"], ty),
        ignorable: spec["ignorable"].as_bool().unwrap_or(false),
        key: spec["mapKey"].as_bool().unwrap_or(false),
        flexible: versions(&spec["flexibleVersions"]),
        fields: fields(inner, common),
    }
}

/// Defaults are texts, numbers or flags; a JSON null is no default, only the text `null` means null.
fn default(spec: &Value, ty: &str) -> Default {
    let text = match spec {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (ty, text.as_str()) {
        ("bool", "true") => Default::True,
        ("bool", "" | "false") | (_, "") => Default::Empty,
        (ty, number) if ty.starts_with("int") || ty.starts_with("uint") => match integer(number) {
            0 => Default::Empty,
            value => Default::Int(value),
        },
        (_, "null") => Default::Null,
        (_, text) => Default::Text(text.to_owned()),
    }
}

fn integer(text: &str) -> i64 {
    let number = match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.unwrap_or_else(|e| panic!("default {text}: {e}"))
}

/// `none`, `3`, `3-5`, `3+`; nothing if it is not said.
fn versions(spec: &Value) -> Option<Versions> {
    let text = spec.as_str()?;
    let number = |text: &str| text.parse::<i16>().unwrap_or_else(|e| panic!("versions {text}: {e}"));
    Some(match (text, text.strip_suffix('+'), text.split_once('-')) {
        ("none", _, _) => Versions::NONE,
        (_, Some(min), _) => Versions::new(number(min), i16::MAX),
        (_, _, Some((min, max))) => Versions::new(number(min), number(max)),
        _ => Versions::new(number(text), number(text)),
    })
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

/// The same JSON without `//` comments.
fn without_comments(text: &str) -> String {
    let (mut json, mut quoted, mut skipping, mut before) = (String::new(), false, false, ' ');
    for c in text.chars() {
        match c {
            '\n' => skipping = false,
            '"' if !skipping && before != '\\' => quoted = !quoted,
            '/' if !quoted && !skipping && before == '/' => {
                json.pop();
                skipping = true;
            }
            _ => {}
        }
        if !skipping {
            json.push(c);
        }
        before = c;
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"// A comment.
        { "apiKey": 3, "type": "request", "name": "AskRequest", // "another"
          "listeners": ["controller", "broker"], "validVersions": "1-4", "flexibleVersions": "3+",
          "fields": [
            { "name": "Names", "type": "[]Name", "versions": "0+", "nullableVersions": "2+", "about": "http://x" },
            { "name": "Limit", "type": "int32", "versions": "2", "default": "0x7f", "ignorable": true },
            { "name": "Note", "type": "string", "taggedVersions": "3+", "tag": 1, "nullableVersions": "3+",
              "default": "null" },
            { "name": "Parts", "type": "[]int32", "versions": "0+", "nullableVersions": "0+", "default": null }
          ],
          "commonStructs": [ { "name": "Name", "versions": "0+", "fields": [
            { "name": "Text", "type": "string", "versions": "0+", "mapKey": true, "flexibleVersions": "none" } ] } ] }"#;

    #[test]
    fn definitions_are_read_as_kafkas_generator_reads_them() {
        let ask = parse(SPEC).expect("a live definition");
        assert_eq!((ask.name.as_str(), ask.api_key, ask.listeners.len()), ("AskRequest", Some(3), 2));
        assert_eq!((ask.versions, ask.flexible), (Versions::new(1, 4), Versions::new(3, i16::MAX)));
        let [names, limit, note, parts] = &ask.fields[..] else { panic!("four fields") };
        assert_eq!((&names.fields[0].name[..], names.fields[0].key), ("Text", true));
        assert_eq!(names.fields[0].flexible, Some(Versions::NONE));
        assert_eq!((limit.versions, &limit.default), (Versions::new(2, 2), &Default::Int(127)));
        assert_eq!((note.versions, &note.default, note.tag), (note.tagged, &Default::Null, Some(1)));
        assert_eq!(parts.default, Default::Empty, "a JSON null is no default");
        assert!(parse(&SPEC.replace("1-4", "none")).is_none());
    }
}
