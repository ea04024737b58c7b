//! Command lines as joptsimple reads them, for the commands that Kafka wrote with it.
//!
//! What it does differently from most: `--name value`, `--name=value`, and the same with one dash; a required value
//! may begin with a dash; an option without value ignores one that is joined to it; what is no option is left over;
//! repeating is no fault until one value is asked for, and numbers are not looked at before; `--` ends the options.
//! Nothing may be abbreviated.
//!
//! - [`Opt`] and [`Parser`]: what a command knows; [`Options`]: what it was given; [`JoptFault`]: what was not understood
//! - [`checks`]: Kafka's own rules about combinations (`CommandLineUtils`); [`usage`]: the table of `--help`
//! - [`exit`]: how a command ends before its end

pub mod checks;
pub mod exit;
mod fault;
mod options;
#[cfg(test)]
mod tests;
pub mod usage;

pub use fault::JoptFault;
pub use options::Options;

use std::fmt;

/// Every command has it.
pub const HELP: Opt = Opt::new("help", "Say how the command is used.");
/// Every command has it.
pub const VERSION: Opt = Opt::new("version", "Print the version of Kafka.");

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    Value,
    /// A value, unless the next word is an option.
    MaybeValue,
}

/// What a value is read as, when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Long,
    Double,
    /// Anything else: how the usage names it.
    Other(&'static str),
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Without dashes.
    pub name: &'static str,
    pub help: &'static str,
    pub takes: Takes,
    /// What the value is, in the usage; may be empty.
    pub described_as: &'static str,
    pub kind: Kind,
    pub default: Option<&'static str>,
    /// Characters that end a value and begin another.
    pub separator: Option<char>,
    pub is_required: bool,
    /// Options of which one must be there too; empty: none need be.
    pub only_with: &'static [&'static str],
}

/// What a command knows. [`HELP`] and [`VERSION`] come by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Parser {
    pub options: &'static [Opt],
}

impl Opt {
    /// An option that takes nothing.
    pub const fn new(name: &'static str, help: &'static str) -> Opt {
        Opt {
            name,
            help,
            takes: Takes::Nothing,
            described_as: "",
            kind: Kind::Text,
            default: None,
            separator: None,
            is_required: false,
            only_with: &[],
        }
    }

    /// Kafka: `withRequiredArg().describedAs(..)`.
    pub const fn takes(mut self, described_as: &'static str) -> Opt {
        self.takes = Takes::Value;
        self.described_as = described_as;
        self
    }

    /// Kafka: `withOptionalArg().describedAs(..)`.
    pub const fn may_take(mut self, described_as: &'static str) -> Opt {
        self.takes = Takes::MaybeValue;
        self.described_as = described_as;
        self
    }

    /// Kafka: `ofType(..)`.
    pub const fn of(mut self, kind: Kind) -> Opt {
        self.kind = kind;
        self
    }

    /// Kafka: `defaultsTo(..)`.
    pub const fn or(mut self, default: &'static str) -> Opt {
        self.default = Some(default);
        self
    }

    /// Kafka: `withValuesSeparatedBy(..)`.
    pub const fn separated_by(mut self, separator: char) -> Opt {
        self.separator = Some(separator);
        self
    }

    /// Kafka: `required()`.
    pub const fn required(mut self) -> Opt {
        self.is_required = true;
        self
    }

    /// Kafka: `availableIf(..)`.
    pub const fn only_with(mut self, others: &'static [&'static str]) -> Opt {
        self.only_with = others;
        self
    }

    /// Whether the value can be read as what it is to be.
    fn accepts(&self, text: &str) -> bool {
        match self.kind {
            Kind::Text | Kind::Other(_) => true,
            Kind::Integer => text.parse::<i32>().is_ok(),
            Kind::Long => text.parse::<i64>().is_ok(),
            Kind::Double => text.trim().parse::<f64>().is_ok(),
        }
    }

    /// The values that one word holds. Separators without anything between them are no values.
    fn split<'a>(&self, word: &'a str) -> Vec<&'a str> {
        let Some(separator) = self.separator else { return vec![word] };
        let parts: Vec<&str> = word.split(separator).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { vec![word] } else { parts }
    }
}

/// `[topic]`, as Kafka's messages name an option.
impl fmt::Display for Opt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.name)
    }
}

impl Parser {
    pub const fn new(options: &'static [Opt]) -> Parser {
        Parser { options }
    }

    /// All options, in the order in which Kafka declares them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Opt> {
        [&HELP, &VERSION].into_iter().chain(self.options)
    }

    fn find(&self, name: &str) -> Option<&Opt> {
        self.all().find(|option| option.name == name)
    }

    /// Reads a command line.
    ///
    /// # Errors
    /// [`JoptFault`]; values of a wrong kind, or too many of them, show when they are asked for.
    pub fn parse(&self, arguments: &[String]) -> Result<Options, JoptFault> {
        let mut given = Options::new(arguments.is_empty());
        let mut rest = arguments.iter().peekable();
        while let Some(word) = rest.next() {
            match option_part(word) {
                None if word == "--" => {
                    rest.by_ref().for_each(|word| given.add_non_option(word));
                }
                None => given.add_non_option(word),
                Some(part) => {
                    let (name, joined) =
                        part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
                    let option = self.find(name).ok_or_else(|| unrecognized(word, name))?;
                    take(&mut given, option, joined, &mut rest)?;
                }
            }
        }
        self.check(&given)?;
        Ok(given)
    }

    /// What is required is there, unless help is wanted.
    fn check(&self, given: &Options) -> Result<(), JoptFault> {
        if given.has(&HELP) || given.has(&VERSION) {
            return Ok(());
        }
        let missing = self.all().filter(|option| option.is_required && !given.has(option));
        let missing: Vec<&'static str> = missing.map(|option| option.name).collect();
        if !missing.is_empty() {
            return Err(JoptFault::MissingRequired(missing));
        }
        let lonely = self.all().filter(|option| given.has(option) && !option.only_with.is_empty());
        let lonely = lonely.filter(|option| !option.only_with.iter().any(|name| given.has_name(name)));
        let lonely: Vec<&'static str> = lonely.map(|option| option.name).collect();
        if lonely.is_empty() { Ok(()) } else { Err(JoptFault::Unavailable(lonely)) }
    }
}

/// What stands behind the dashes, for a word that is an option.
fn option_part(word: &str) -> Option<&str> {
    match word.strip_prefix("--") {
        Some("") => None,
        Some(part) => Some(part),
        None => word.strip_prefix('-').filter(|part| !part.is_empty()),
    }
}

/// Words with one dash that are no name are taken for single letters, of which the first is unknown.
fn unrecognized(word: &str, name: &str) -> JoptFault {
    let first = if word.starts_with("--") {
        name
    } else {
        &word[1..=word[1..].chars().next().map_or(0, char::len_utf8)]
    };
    JoptFault::Unrecognized(first.to_owned())
}

fn take<'a>(
    given: &mut Options,
    option: &Opt,
    joined: Option<&str>,
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'a String>>,
) -> Result<(), JoptFault> {
    let value = match (option.takes, joined) {
        (Takes::Nothing, _) => None,
        (_, Some(value)) => Some(value),
        (Takes::Value, None) => match rest.next() {
            Some(value) => Some(value.as_str()),
            None => return Err(JoptFault::MissingValue(option.name)),
        },
        (Takes::MaybeValue, None) => rest.next_if(|next| may_be_value(option, next)).map(String::as_str),
    };
    given.add(option.name);
    for value in value.into_iter().flat_map(|value| option.split(value)) {
        given.add_value(option.name, value);
    }
    Ok(())
}

/// A negative number is a value although it looks like an option.
fn may_be_value(option: &Opt, next: &str) -> bool {
    let is_number = matches!(option.kind, Kind::Integer | Kind::Long | Kind::Double);
    (is_number || option_part(next).is_none()) && option.split(next).iter().all(|part| option.accepts(part))
}
