//! What joptsimple throws, with its texts.

use std::fmt;

use crate::java;

/// Why a command line was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoptFault {
    Unrecognized(String),
    MissingValue(&'static str),
    /// One value was asked for.
    Multiple(&'static str),
    Unreadable {
        option: &'static str,
        value: String,
    },
    MissingRequired(Vec<&'static str>),
    /// Options that mean something only together with others.
    Unavailable(Vec<&'static str>),
}

impl JoptFault {
    /// The Java class that says so.
    pub fn class(&self) -> &'static str {
        match self {
            JoptFault::Unrecognized(_) => "joptsimple.UnrecognizedOptionException",
            JoptFault::MissingValue(_) => "joptsimple.OptionMissingRequiredArgumentException",
            JoptFault::Multiple(_) => "joptsimple.MultipleArgumentsForOptionException",
            JoptFault::Unreadable { .. } => "joptsimple.OptionArgumentConversionException",
            JoptFault::MissingRequired(_) => "joptsimple.MissingRequiredOptionsException",
            JoptFault::Unavailable(_) => "joptsimple.UnavailableOptionException",
        }
    }
}

impl fmt::Display for JoptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoptFault::Unrecognized(option) => write!(f, "{option} is not a recognized option"),
            JoptFault::MissingValue(option) => write!(f, "Option {option} requires an argument"),
            JoptFault::Multiple(option) => {
                write!(f, "Found multiple arguments for option {option}, but you asked for only one")
            }
            JoptFault::Unreadable { option, value } => {
                write!(f, "Cannot parse argument '{value}' of option {option}")
            }
            JoptFault::MissingRequired(options) => {
                write!(f, "Missing required option(s) {}", java::list(options))
            }
            JoptFault::Unavailable(options) => write!(
                f,
                "Option(s) {} are unavailable given other options on the command line",
                java::list(options)
            ),
        }
    }
}
