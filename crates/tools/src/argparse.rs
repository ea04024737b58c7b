//! Command lines as argparse4j reads them, for the commands that Kafka wrote with it.
//!
//! What it does differently from most: `--name value`, `--name=value`, `-nvalue`, `-n=value`, joined
//! short flags, any unambiguous beginning of a long name or a sub-command, `@file` for more arguments,
//! the last value of a repeated option, options before whatever is left. A value may not begin with a
//! dash. Usage errors are told on standard error with the usage, exit code 1.

mod similar;
mod usage;
mod wrap;

use std::collections::BTreeMap;
use std::fmt;

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// One value, the last one given.
    Value,
    /// One value, the last one given, that a Java `Integer` holds.
    Integer,
    /// A value each time it is given.
    Values,
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// Without dashes, e.g. `cluster-id`.
    pub long: &'static str,
    pub short: Option<char>,
    pub takes: Takes,
    pub required: bool,
    /// At most one option of those with the same number may be given; one must be, when they are required.
    pub exclusive: Option<u8>,
    pub help: &'static str,
}

/// A command or sub-command: `prog` is its whole name, e.g. `kafka-storage format`.
#[derive(Clone, Copy, Debug)]
pub struct Parser {
    pub prog: &'static str,
    pub description: &'static str,
    pub options: &'static [Opt],
    /// Name and one line of help each; empty for a command without.
    pub subcommands: &'static [(&'static str, &'static str)],
}

/// The options given, by long name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    values: BTreeMap<&'static str, Vec<String>>,
}

/// Why a command line was not understood. The text is argparse4j's, unwrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UsageFault {
    TooFewArguments,
    InvalidChoice {
        given: String,
        choices: Vec<&'static str>,
    },
    Unrecognized {
        given: String,
    },
    Ambiguous {
        given: String,
        matches: Vec<String>,
    },
    ExpectedOneArgument {
        option: String,
    },
    UnexpectedArgument {
        option: String,
        given: String,
    },
    NotAllowedWith {
        option: String,
        other: String,
    },
    Required {
        option: String,
    },
    /// One of these is.
    OneRequired {
        options: Vec<String>,
    },
    NoInteger {
        option: String,
        given: String,
    },
    UnreadableFile {
        path: String,
    },
}

/// What parsing ended in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    Matches(Matches),
    /// `-h` or `--help`: to be answered with [`Parser::help`].
    Help,
}

impl Matches {
    pub fn is_given(&self, long: &str) -> bool {
        self.values.contains_key(long)
    }

    /// The last value.
    pub fn value(&self, long: &str) -> Option<&str> {
        self.values.get(long).and_then(|values| values.last()).map(String::as_str)
    }

    pub fn values(&self, long: &str) -> &[String] {
        self.values.get(long).map_or(&[], Vec::as_slice)
    }
}

impl Opt {
    pub const fn new(long: &'static str, short: char, takes: Takes, help: &'static str) -> Opt {
        Opt { long, short: Some(short), takes, required: false, exclusive: None, help }
    }

    /// An option without a short name.
    pub const fn long_only(long: &'static str, takes: Takes, help: &'static str) -> Opt {
        Opt { long, short: None, takes, required: false, exclusive: None, help }
    }

    pub const fn required(mut self) -> Opt {
        self.required = true;
        self
    }

    pub const fn exclusive(mut self, group: u8) -> Opt {
        self.exclusive = Some(group);
        self
    }

    /// `--cluster-id/-t`.
    fn both_names(&self) -> String {
        let short = self.short.map_or_else(String::new, |short| format!("/-{short}"));
        format!("--{}{short}", self.long)
    }
}

impl fmt::Display for UsageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UsageFault::TooFewArguments => f.write_str("too few arguments"),
            UsageFault::InvalidChoice { given, choices } => {
                let choices: Vec<String> = choices.iter().map(|choice| format!("'{choice}'")).collect();
                write!(f, "invalid choice: '{given}' (choose from {})", choices.join(", "))
            }
            UsageFault::Unrecognized { given } => write!(f, "unrecognized arguments: '{given}'"),
            UsageFault::Ambiguous { given, matches } => {
                write!(f, "ambiguous option: {given} could match {}", matches.join(", "))
            }
            UsageFault::ExpectedOneArgument { option } => {
                write!(f, "argument {option}: expected one argument")
            }
            UsageFault::UnexpectedArgument { option, given } => {
                write!(f, "argument {option}: ignore implicit argument '{given}'")
            }
            UsageFault::NotAllowedWith { option, other } => {
                write!(f, "argument {option}: not allowed with argument {other}")
            }
            UsageFault::Required { option } => write!(f, "argument {option} is required"),
            UsageFault::OneRequired { options } => {
                write!(f, "one of the arguments {} is required", options.join(" "))
            }
            UsageFault::NoInteger { option, given } => write!(
                f,
                "argument {option}: could not convert '{given}' to Integer (For input string: \"{given}\")"
            ),
            UsageFault::UnreadableFile { path } => write!(f, "Could not read arguments from file '{path}'"),
        }
    }
}

/// `args` with each `@file` replaced by the file's lines, which `read` gives.
pub fn expand_files(
    args: &[String],
    read: impl Fn(&str) -> Option<String>,
) -> Result<Vec<String>, UsageFault> {
    let mut expanded = Vec::with_capacity(args.len());
    for arg in args {
        match arg.strip_prefix('@') {
            Some(path) => {
                let text = read(path).ok_or_else(|| UsageFault::UnreadableFile { path: path.to_string() })?;
                expanded.extend(text.lines().map(str::to_string));
            }
            None => expanded.push(arg.clone()),
        }
    }
    Ok(expanded)
}

impl Parser {
    /// The sub-command that the first of `args` names, with the arguments behind it; None = help wanted.
    pub fn subcommand<'a>(
        &self,
        args: &'a [String],
    ) -> Result<Option<(&'static str, &'a [String])>, UsageFault> {
        let Some((first, rest)) = args.split_first() else { return Err(UsageFault::TooFewArguments) };
        if first == "-h" || first == "--help" {
            return Ok(None);
        }
        if first.starts_with('-') && first.len() > 1 {
            return Err(UsageFault::Unrecognized { given: first.clone() });
        }
        let choices: Vec<&'static str> = self.subcommands.iter().map(|(name, _)| *name).collect();
        if let Some(exact) = choices.iter().find(|name| *name == first) {
            return Ok(Some((exact, rest)));
        }
        let beginning: Vec<&&'static str> =
            choices.iter().filter(|name| !first.is_empty() && name.starts_with(first.as_str())).collect();
        match beginning[..] {
            [name] => Ok(Some((name, rest))),
            _ => Err(UsageFault::InvalidChoice { given: first.clone(), choices }),
        }
    }

    /// Reads the options; whatever is no option is a fault, for none of these commands takes more.
    pub fn parse(&self, args: &[String]) -> Result<Parsed, UsageFault> {
        let mut matches = Matches::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--" {
                break;
            }
            if let Some(long) = arg.strip_prefix("--") {
                let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
                let Some(option) = self.long_option(name, arg)? else { return Ok(Parsed::Help) };
                self.take(&mut matches, option, value.map(str::to_string), &mut rest)?;
            } else if arg.starts_with('-') && arg.len() > 1 {
                if self.parse_short(&mut matches, arg, &mut rest)? {
                    return Ok(Parsed::Help);
                }
            } else {
                return Err(UsageFault::Unrecognized { given: arg.clone() });
            }
        }
        if let Some(given) = rest.next() {
            return Err(UsageFault::Unrecognized { given: given.clone() });
        }
        match self.missing(&matches).or_else(|| self.missing_group(&matches)) {
            Some(fault) => Err(fault),
            None => Ok(Parsed::Matches(matches)),
        }
    }

    /// The last one in the order of definition, as argparse4j goes through a hash map: with `--config`
    /// and `--cluster-id` both missing it names the latter.
    fn missing(&self, matches: &Matches) -> Option<UsageFault> {
        let is_alone = |option: &&Opt| option.required && option.exclusive.is_none();
        let missing =
            self.options.iter().rev().filter(is_alone).find(|option| !matches.is_given(option.long));
        missing.map(|option| UsageFault::Required { option: option.both_names() })
    }

    /// A group of which one must be given, and none is.
    fn missing_group(&self, matches: &Matches) -> Option<UsageFault> {
        let of_group = |group| self.options.iter().filter(move |option| option.exclusive == group);
        let missing = self.options.iter().filter(|option| option.required && option.exclusive.is_some());
        let missing = missing.map(|option| option.exclusive);
        let mut missing =
            missing.filter(|group| !of_group(*group).any(|option| matches.is_given(option.long)));
        missing
            .next()
            .map(|group| UsageFault::OneRequired { options: of_group(group).map(Opt::both_names).collect() })
    }

    /// None = help.
    fn long_option(&self, name: &str, arg: &str) -> Result<Option<&'static Opt>, UsageFault> {
        if name == "help" {
            return Ok(None);
        }
        if let Some(exact) = self.options.iter().find(|option| option.long == name) {
            return Ok(Some(exact));
        }
        let names = self.options.iter().map(|option| option.long).chain(["help"]);
        let matching: Vec<&str> = names.filter(|long| !name.is_empty() && long.starts_with(name)).collect();
        match matching[..] {
            [] => Err(UsageFault::Unrecognized { given: arg.to_string() }),
            [long] => Ok(self.options.iter().find(|option| option.long == long)),
            _ => {
                let matches = matching.iter().map(|long| format!("--{long}")).collect();
                Err(UsageFault::Ambiguous { given: format!("--{name}"), matches })
            }
        }
    }

    /// `-abc value`, `-cvalue`, `-c=value`; true if help is wanted.
    fn parse_short<'a>(
        &self,
        matches: &mut Matches,
        arg: &str,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<bool, UsageFault> {
        let mut letters = arg[1..].chars();
        while let Some(letter) = letters.next() {
            if letter == 'h' {
                return Ok(true);
            }
            let Some(option) = self.options.iter().find(|option| option.short == Some(letter)) else {
                return Err(UsageFault::Unrecognized { given: arg.to_string() });
            };
            let joined = letters.as_str();
            if option.takes == Takes::Nothing && !joined.starts_with('=') {
                self.take(matches, option, None, rest)?;
                continue;
            }
            let value = (!joined.is_empty()).then(|| joined.strip_prefix('=').unwrap_or(joined).to_string());
            self.take(matches, option, value, rest)?;
            break;
        }
        Ok(false)
    }

    fn take<'a>(
        &self,
        matches: &mut Matches,
        option: &'static Opt,
        joined: Option<String>,
        rest: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), UsageFault> {
        let clashes = |other: &&Opt| {
            other.long != option.long && other.exclusive == option.exclusive && matches.is_given(other.long)
        };
        if option.exclusive.is_some()
            && let Some(other) = self.options.iter().find(clashes)
        {
            let (option, other) = (option.both_names(), other.both_names());
            return Err(UsageFault::NotAllowedWith { option, other });
        }
        let values = matches.values.entry(option.long).or_default();
        match (option.takes, joined) {
            (Takes::Nothing, None) => {}
            (Takes::Nothing, Some(given)) => {
                return Err(UsageFault::UnexpectedArgument { option: option.both_names(), given });
            }
            (_, Some(value)) => values.push(value),
            (_, None) => match rest.next() {
                Some(value) if !(value.starts_with('-') && value.len() > 1) => values.push(value.clone()),
                _ => return Err(UsageFault::ExpectedOneArgument { option: option.both_names() }),
            },
        }
        let given =
            values.last().filter(|value| option.takes == Takes::Integer && value.parse::<i32>().is_err());
        match given.cloned() {
            Some(given) => Err(UsageFault::NoInteger { option: option.both_names(), given }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
