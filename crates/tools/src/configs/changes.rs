//! What `--add-config`, `--add-config-file` and `--delete-config` say.

use klamm_config::Properties;

use super::options::{ADD_CONFIG, ADD_CONFIG_FILE, DELETE_CONFIG};
use crate::connect::load_properties;
use crate::exception::Exception;
use crate::exit::Exit;
use crate::jopt::Options;

/// Settings to put in and to take out.
pub struct Changes {
    pub add: Properties,
    pub delete: Vec<String>,
}

impl Changes {
    pub fn of(options: &Options) -> Result<Changes, Exit> {
        let mut add = match options.value(&ADD_CONFIG_FILE)? {
            Some(file) => load_properties(file)?,
            None => Properties::new(),
        };
        if let Some(text) = options.value(&ADD_CONFIG)? {
            add.extend(parse(text)?);
        }
        let is_odd = |c: char| !(c.is_ascii_alphanumeric() || "$._-".contains(c));
        if let Some(name) = add.keys().find(|name| name.contains(is_odd)) {
            let text = format!("Invalid character found for config key: {name}");
            return Err(Exception::illegal_argument(text).into());
        }
        let delete = options.values(&DELETE_CONFIG).into_iter().map(|name| name.trim().to_owned());
        Ok(Changes { add, delete: delete.collect() })
    }
}

/// `k1=v1,k2=[v1,v2]`; brackets themselves are dropped.
fn parse(text: &str) -> Result<Properties, Exception> {
    let mut parts = split_outside(text, ',');
    while parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    let pair = |part: &str| match split_outside(part, '=')[..] {
        [name, value] => Some((name.trim().to_owned(), value.replace(['[', ']'], "").trim().to_owned())),
        _ => None,
    };
    parts.into_iter().map(pair).collect::<Option<Properties>>().ok_or_else(|| {
        Exception::illegal_argument(
            "Invalid entity config: all configs to be added must be in the format \"key=val\" or  \"key=[val1,val2]\" \
             to group values which contain commas.",
        )
    })
}

/// Splits at separators after which the next bracket, if any, opens.
fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices(separator) {
        let behind = &text[at + separator.len_utf8()..];
        let next = behind.find(['[', ']']).map(|bracket| behind.as_bytes()[bracket]);
        if next != Some(b']') {
            parts.push(&text[start..at]);
            start = at + separator.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match parse(text) {
            Ok(pairs) => pairs.iter().map(|(name, value)| format!("{name}:{value};")).collect(),
            Err(_) => "refused".to_owned(),
        }
    }

    #[test]
    fn lists_stand_in_brackets() {
        for (text, expected) in [
            ("a=1", "a:1;"),
            ("a=1,b=2", "a:1;b:2;"),
            ("a = [x,y] ,b=", "a:x,y;b:;"),
            ("SCRAM-SHA-256=[iterations=8192,password=p]", "SCRAM-SHA-256:iterations=8192,password=p;"),
            ("a=1,", "a:1;"),
            ("a", "refused"),
            ("a=b=c", "refused"),
            ("a=1,,b=2", "refused"),
            ("a=x,y", "refused"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
