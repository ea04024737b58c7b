//! What a command was given (joptsimple: `OptionSet`).

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{JoptFault, Opt};

/// Options with their values in the order given, and what is no option.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    given: BTreeMap<&'static str, Vec<String>>,
    /// Names in the order given, again and again.
    order: Vec<&'static str>,
    non_options: Vec<String>,
    is_empty: bool,
}

impl Options {
    pub(super) fn new(is_empty: bool) -> Options {
        Options { is_empty, ..Options::default() }
    }

    pub(super) fn add(&mut self, name: &'static str) {
        self.order.push(name);
        self.given.entry(name).or_default();
    }

    pub(super) fn add_value(&mut self, name: &'static str, value: &str) {
        self.given.entry(name).or_default().push(value.to_owned());
    }

    pub(super) fn add_non_option(&mut self, word: &str) {
        self.non_options.push(word.to_owned());
    }

    /// The command line had no word.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The option was given, with a value or without.
    pub fn has(&self, option: &Opt) -> bool {
        self.has_name(option.name)
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The option was given with a value.
    pub fn has_value(&self, option: &Opt) -> bool {
        self.given.get(option.name).is_some_and(|values| !values.is_empty())
    }

    /// All values given, or the default.
    pub fn values<'a>(&'a self, option: &Opt) -> Vec<&'a str> {
        match self.given.get(option.name) {
            Some(values) if !values.is_empty() => values.iter().map(String::as_str).collect(),
            _ => option.default.into_iter().collect(),
        }
    }

    /// The one value given, or the default.
    ///
    /// # Errors
    /// [`JoptFault::Multiple`]
    pub fn value<'a>(&'a self, option: &Opt) -> Result<Option<&'a str>, JoptFault> {
        match self.values(option)[..] {
            [] => Ok(None),
            [value] => Ok(Some(value)),
            _ => Err(JoptFault::Multiple(option.name)),
        }
    }

    /// As [`Options::value`], read as the option's [`super::Kind`].
    ///
    /// # Errors
    /// [`JoptFault::Multiple`], [`JoptFault::Unreadable`]
    pub fn number<T: FromStr>(&self, option: &Opt) -> Result<Option<T>, JoptFault> {
        let numbers = self.numbers(option)?;
        if numbers.len() > 1 {
            return Err(JoptFault::Multiple(option.name));
        }
        Ok(numbers.into_iter().next())
    }

    /// As [`Options::values`], each read.
    ///
    /// # Errors
    /// [`JoptFault::Unreadable`]
    pub fn numbers<T: FromStr>(&self, option: &Opt) -> Result<Vec<T>, JoptFault> {
        let read = |text: &str| {
            text.parse().map_err(|_| JoptFault::Unreadable { option: option.name, value: text.to_owned() })
        };
        self.values(option).into_iter().map(read).collect()
    }

    /// The names of the options in the order given, each as often as it was.
    pub fn order(&self) -> &[&'static str] {
        &self.order
    }

    /// What is no option, in its order.
    pub fn non_options(&self) -> &[String] {
        &self.non_options
    }
}
