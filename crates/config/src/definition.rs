//! What the table says about one property. Kafka: `ConfigDef.ConfigKey`.
//!
//! The builders are `const`, so that a row of the table is one readable line:
//! `int("num.partitions", 1).at_least(1).works("...")`.

use crate::java_text::java_double;

/// One property of one kind of resource.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub name: &'static str,
    pub kind: Kind,
    pub default: Default,
    pub bounds: Bounds,
    /// Of a broker property; those of other resources are dynamic always.
    pub dynamic: Dynamic,
    /// Left out of descriptions unless set.
    pub internal: bool,
    pub status: Status,
    /// What the property is for: one line in our own words, told by DescribeConfigs.
    pub doc: &'static str,
    /// The broker properties that stand in for a topic or group property, strongest first.
    pub synonyms: &'static [Synonym],
}

/// Kafka: `ConfigDef.Type`; the discriminants are those of DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Kind {
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

impl Kind {
    /// Kafka's name of the type, as in its messages.
    pub fn java_name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::String => "STRING",
            Kind::Int => "INT",
            Kind::Short => "SHORT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
            Kind::Password => "PASSWORD",
        }
    }
}

/// The value of a property nobody set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// No value: described as null.
    Null,
    /// The property must be set.
    Required,
    Boolean(bool),
    /// Of an int, short or long.
    Number(i64),
    Double(f64),
    /// Of a string, class or list (comma-separated).
    Text(&'static str),
}

/// What a parsed value must satisfy. Kafka: `ConfigDef.Validator`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    Any,
    /// Inclusive; `max` is infinite when only the lower end is bound.
    Range {
        min: f64,
        max: f64,
    },
    /// -1 or 1..=9.
    GzipLevel,
    OneOf(&'static [&'static str]),
    OneOfIgnoringCase(&'static [&'static str]),
    NonEmptyText,
    /// A list: its elements are not empty and, unless `allowed` is empty, one of `allowed`. Duplicates
    /// are dropped.
    Elements {
        allowed: &'static [&'static str],
        may_be_empty: bool,
    },
    /// `id@host:port` each.
    Voters,
    /// `host:port` each.
    Servers,
    /// `*` or `partition:broker` each.
    ThrottledReplicas,
    /// `latest`, `earliest` or `by_duration:` and an ISO-8601 duration.
    OffsetReset,
}

/// How a running broker may be told another value. Kafka: `DynamicBrokerConfig` update modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamic {
    ReadOnly,
    PerBroker,
    ClusterWide,
}

/// What setting the property does here. Kept true: a property is promoted with the code that honours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Works,
    /// Works but for what the text names.
    Partly(&'static str),
    /// Read, checked, described; changes nothing yet.
    NoEffectYet,
    /// Any value but the default stops the start, with this reason.
    Refused(&'static str),
}

/// A broker property that stands in for a topic's, with the factor from its unit to the topic's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synonym {
    pub name: &'static str,
    pub factor: i64,
}

/// A broker property of the same unit.
pub(crate) const fn as_is(name: &'static str) -> Synonym {
    Synonym { name, factor: 1 }
}

/// A broker property in minutes for one in milliseconds.
pub(crate) const fn minutes(name: &'static str) -> Synonym {
    Synonym { name, factor: 60_000 }
}

/// A broker property in hours for one in milliseconds.
pub(crate) const fn hours(name: &'static str) -> Synonym {
    Synonym { name, factor: 3_600_000 }
}

const ANY_ELEMENTS: Bounds = Bounds::Elements { allowed: &[], may_be_empty: true };

const fn row(name: &'static str, kind: Kind, default: Default) -> Definition {
    let bounds = if matches!(kind, Kind::List) { ANY_ELEMENTS } else { Bounds::Any };
    let dynamic = Dynamic::ReadOnly;
    let status = Status::NoEffectYet;
    Definition { name, kind, default, bounds, dynamic, internal: false, status, doc: "", synonyms: &[] }
}

pub const fn boolean(name: &'static str, default: bool) -> Definition {
    row(name, Kind::Boolean, Default::Boolean(default))
}

pub const fn int(name: &'static str, default: i32) -> Definition {
    row(name, Kind::Int, Default::Number(default as i64))
}

pub(crate) const fn short(name: &'static str, default: i16) -> Definition {
    row(name, Kind::Short, Default::Number(default as i64))
}

pub const fn long(name: &'static str, default: i64) -> Definition {
    row(name, Kind::Long, Default::Number(default))
}

pub(crate) const fn double(name: &'static str, default: f64) -> Definition {
    row(name, Kind::Double, Default::Double(default))
}

pub const fn string(name: &'static str, default: &'static str) -> Definition {
    row(name, Kind::String, Default::Text(default))
}

pub const fn class(name: &'static str, default: &'static str) -> Definition {
    row(name, Kind::Class, Default::Text(default))
}

pub const fn list(name: &'static str, default: &'static str) -> Definition {
    row(name, Kind::List, Default::Text(default))
}

pub const fn null(name: &'static str, kind: Kind) -> Definition {
    row(name, kind, Default::Null)
}

pub const fn required(name: &'static str, kind: Kind) -> Definition {
    row(name, kind, Default::Required)
}

impl Definition {
    pub const fn bounds(mut self, bounds: Bounds) -> Definition {
        self.bounds = bounds;
        self
    }

    pub const fn at_least(self, min: i32) -> Definition {
        self.bounds(Bounds::Range { min: min as f64, max: f64::INFINITY })
    }

    pub const fn between(self, min: i32, max: i32) -> Definition {
        self.bounds(Bounds::Range { min: min as f64, max: max as f64 })
    }

    pub const fn one_of(self, allowed: &'static [&'static str]) -> Definition {
        self.bounds(Bounds::OneOf(allowed))
    }

    /// A list whose elements are among `allowed`.
    pub const fn elements(self, allowed: &'static [&'static str]) -> Definition {
        self.bounds(Bounds::Elements { allowed, may_be_empty: true })
    }

    /// A list with at least one element, each among `allowed` (empty: anything).
    pub const fn some_of(self, allowed: &'static [&'static str]) -> Definition {
        self.bounds(Bounds::Elements { allowed, may_be_empty: false })
    }

    pub(crate) const fn per_broker(mut self) -> Definition {
        self.dynamic = Dynamic::PerBroker;
        self
    }

    pub(crate) const fn cluster(mut self) -> Definition {
        self.dynamic = Dynamic::ClusterWide;
        self
    }

    pub(crate) const fn internal(mut self) -> Definition {
        self.internal = true;
        self
    }

    pub(crate) const fn from(mut self, synonyms: &'static [Synonym]) -> Definition {
        self.synonyms = synonyms;
        self
    }

    /// Says what the property is for, of one that does not work.
    pub(crate) const fn doc(mut self, doc: &'static str) -> Definition {
        self.doc = doc;
        self
    }

    pub(crate) const fn works(mut self, doc: &'static str) -> Definition {
        self.status = Status::Works;
        self.doc = doc;
        self
    }

    pub(crate) const fn partly(mut self, missing: &'static str, doc: &'static str) -> Definition {
        self.status = Status::Partly(missing);
        self.doc = doc;
        self
    }

    pub(crate) const fn refused(mut self, reason: &'static str) -> Definition {
        self.status = Status::Refused(reason);
        self
    }

    /// Never shown in clear, in descriptions and logs.
    pub fn sensitive(&self) -> bool {
        self.kind == Kind::Password
    }

    /// The default as DescribeConfigs prints it; None = null or required.
    pub fn default_text(&self) -> Option<String> {
        match self.default {
            Default::Null | Default::Required => None,
            Default::Boolean(value) => Some(value.to_string()),
            Default::Number(value) => Some(value.to_string()),
            Default::Double(value) => Some(java_double(value)),
            Default::Text(value) => Some(value.to_string()),
        }
    }
}
