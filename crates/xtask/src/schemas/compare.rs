//! Both sides next to each other, property by property.

use super::definition::{Definition, Field};
use std::collections::BTreeMap;
use std::fmt;

/// Something that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The message, then the fields down to the one in question.
    pub place: String,
    pub property: &'static str,
    pub kafka: String,
    pub klamm: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { place, property, kafka, klamm } = self;
        write!(f, "{place}: {property} is {kafka} in Kafka, {klamm} here")
    }
}

/// Everything that differs, in both directions: what only Kafka has, what only we have, what is not the same.
pub fn compare(kafka: &[Definition], klamm: &[Definition]) -> Vec<Difference> {
    let mut differences = Differences { found: Vec::new() };
    for (name, pair) in paired(kafka, klamm, |definition| &definition.name) {
        match pair {
            (Some(kafka), Some(klamm)) => differences.message(kafka, klamm),
            (kafka, klamm) => differences.presence(name, "message", kafka.is_some(), klamm.is_some()),
        }
    }
    differences.found
}

type Pair<'a, T> = (Option<&'a T>, Option<&'a T>);

fn paired<'a, T>(kafka: &'a [T], klamm: &'a [T], name: fn(&T) -> &String) -> BTreeMap<&'a str, Pair<'a, T>> {
    let mut pairs: BTreeMap<&str, Pair<'a, T>> = BTreeMap::new();
    for item in kafka {
        pairs.entry(name(item)).or_default().0 = Some(item);
    }
    for item in klamm {
        pairs.entry(name(item)).or_default().1 = Some(item);
    }
    pairs
}

struct Differences {
    found: Vec<Difference>,
}

impl Differences {
    fn message(&mut self, kafka: &Definition, klamm: &Definition) {
        let place = &kafka.name;
        self.same(place, "type", &kafka.kind, &klamm.kind);
        self.same(place, "API key", &number(kafka.api_key), &number(klamm.api_key));
        self.same(place, "versions", &kafka.versions, &klamm.versions);
        self.same(place, "flexible versions", &kafka.flexible, &klamm.flexible);
        self.same(place, "listeners", &kafka.listeners.join(", "), &klamm.listeners.join(", "));
        let (kafka_unstable, klamm_unstable) = (kafka.latest_version_unstable, klamm.latest_version_unstable);
        self.same(place, "latest version unstable", &kafka_unstable, &klamm_unstable);
        self.fields(place, &kafka.fields, &klamm.fields);
    }

    fn fields(&mut self, place: &str, kafka: &[Field], klamm: &[Field]) {
        let before = self.found.len();
        for (name, pair) in paired(kafka, klamm, |field| &field.name) {
            let inner = format!("{place}.{name}");
            match pair {
                (Some(kafka), Some(klamm)) => self.field(&inner, kafka, klamm),
                (kafka, klamm) => self.presence(&inner, "field", kafka.is_some(), klamm.is_some()),
            }
        }
        let names =
            |fields: &[Field]| fields.iter().map(|field| &field.name[..]).collect::<Vec<_>>().join(", ");
        let same_names = self.found[before..].iter().all(|difference| difference.property != "field");
        if same_names {
            self.same(place, "order", &names(kafka), &names(klamm));
        }
    }

    fn field(&mut self, place: &str, kafka: &Field, klamm: &Field) {
        self.same(place, "type", &kafka.ty, &klamm.ty);
        self.same(place, "versions", &kafka.versions, &klamm.versions);
        self.same(place, "nullable versions", &kafka.nullable, &klamm.nullable);
        self.same(place, "tagged versions", &kafka.tagged, &klamm.tagged);
        self.same(place, "tag", &number(kafka.tag), &number(klamm.tag));
        self.same(place, "default", &kafka.default, &klamm.default);
        self.same(place, "ignorable", &kafka.ignorable, &klamm.ignorable);
        self.same(place, "key", &kafka.key, &klamm.key);
        self.same(place, "flexible versions", &number(kafka.flexible), &number(klamm.flexible));
        self.fields(place, &kafka.fields, &klamm.fields);
    }

    fn same<T: PartialEq + fmt::Display>(
        &mut self,
        place: &str,
        property: &'static str,
        kafka: &T,
        klamm: &T,
    ) {
        if kafka != klamm {
            let (kafka, klamm) = (kafka.to_string(), klamm.to_string());
            self.found.push(Difference { place: place.to_owned(), property, kafka, klamm });
        }
    }

    fn presence(&mut self, place: &str, property: &'static str, kafka: bool, klamm: bool) {
        let word = |present| if present { "present" } else { "absent" }.to_owned();
        self.same(place, property, &word(kafka), &word(klamm));
    }
}

fn number<T: fmt::Display>(value: Option<T>) -> String {
    value.map_or("none".to_owned(), |value| value.to_string())
}
