//! Which topic names are legal, and which ones metrics cannot tell apart. Kafka: `Topic`.

use std::fmt;

/// Longest legal name in characters; directory names need room for the partition number.
pub const MAX_NAME_LENGTH: usize = 249;

/// The topic that holds the metadata log.
pub const CLUSTER_METADATA: &str = "__cluster_metadata";

/// What is wrong with a name. The text is Kafka's answer to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicNameFault<'a> {
    Empty,
    Dots { name: &'a str },
    TooLong { name: &'a str },
    IllegalCharacter { name: &'a str },
}

impl fmt::Display for TopicNameFault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TopicNameFault::Empty => f.write_str("Topic name is invalid: the empty string is not allowed"),
            TopicNameFault::Dots { name } => {
                write!(f, "Topic name is invalid: '{name}' is not allowed")
            }
            TopicNameFault::TooLong { name } => write!(
                f,
                "Topic name is invalid: the length of '{name}' is longer than the max allowed length {MAX_NAME_LENGTH}"
            ),
            TopicNameFault::IllegalCharacter { name } => write!(
                f,
                "Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
            ),
        }
    }
}

pub fn validate(name: &str) -> Result<(), TopicNameFault<'_>> {
    if name.is_empty() {
        Err(TopicNameFault::Empty)
    } else if name == "." || name == ".." {
        Err(TopicNameFault::Dots { name })
    } else if name.encode_utf16().count() > MAX_NAME_LENGTH {
        Err(TopicNameFault::TooLong { name })
    } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        Err(TopicNameFault::IllegalCharacter { name })
    } else {
        Ok(())
    }
}

pub fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// The form all names have that metrics cannot tell apart.
pub fn unify_collision_chars(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_names() {
        for name in ["a", "A.b_c-9", "...", &"x".repeat(249)] {
            assert_eq!(validate(name), Ok(()), "{name}");
        }
        for (name, fault) in [
            ("", TopicNameFault::Empty),
            (".", TopicNameFault::Dots { name: "." }),
            ("..", TopicNameFault::Dots { name: ".." }),
            ("a b", TopicNameFault::IllegalCharacter { name: "a b" }),
            ("käse", TopicNameFault::IllegalCharacter { name: "käse" }),
        ] {
            assert_eq!(validate(name), Err(fault));
        }
        assert!(matches!(validate(&"x".repeat(250)), Err(TopicNameFault::TooLong { .. })));
    }

    #[test]
    fn dots_and_underscores_collide() {
        assert_eq!(unify_collision_chars("a.b_c"), "a_b_c");
        assert!(has_collision_chars("a.b") && has_collision_chars("a_b") && !has_collision_chars("a-b"));
    }
}
