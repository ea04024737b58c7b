//! Differences put in on purpose: a comparison that does not find them proves nothing.

use super::compare::{Difference, compare};
use super::definition::{Default, Definition, Field};
use crate::Findings;
use klamm_base::codec::Versions;

/// A difference of one kind.
struct Plant {
    property: &'static str,
    /// Puts it in at the first place that takes it and says whether there was one.
    put: fn(&mut [Definition]) -> bool,
}

const PLANTS: [Plant; 18] = [
    Plant { property: "message", put: |all| first(all, |_| true, |message| message.name.push('X')) },
    Plant { property: "type", put: |all| first(all, |_| true, |message| message.kind = "other".into()) },
    Plant { property: "API key", put: |all| first(all, |m| m.api_key == Some(1), |m| m.api_key = Some(2)) },
    Plant { property: "versions", put: |all| first(all, |_| true, |message| message.versions.max += 1) },
    Plant {
        property: "flexible versions",
        put: |all| first(all, |m| !m.flexible.is_empty(), |m| m.flexible.min += 1),
    },
    Plant {
        property: "listeners",
        put: |all| first(all, |m| m.listeners.len() == 2, |m| m.listeners.truncate(1)),
    },
    Plant {
        property: "latest version unstable",
        put: |all| first(all, |m| m.latest_version_unstable, |m| m.latest_version_unstable = false),
    },
    Plant { property: "order", put: |all| first(all, |m| m.fields.len() > 2, |m| m.fields.swap(0, 1)) },
    Plant { property: "field", put: |all| first(all, |m| m.fields.len() > 2, |m| drop(m.fields.pop())) },
    Plant { property: "field", put: |all| deep(all, |_| true, |field| field.name.push('s')) },
    Plant { property: "type", put: |all| deep(all, |f| f.ty == "int32", |field| field.ty = "uint32".into()) },
    Plant { property: "versions", put: |all| deep(all, |_| true, |field| field.versions.min += 1) },
    Plant {
        property: "nullable versions",
        put: |all| deep(all, |f| !f.nullable.is_empty(), |f| f.nullable = Versions::NONE),
    },
    Plant { property: "tagged versions", put: |all| deep(all, |f| f.tag.is_some(), |f| f.tagged.min += 1) },
    Plant { property: "tag", put: |all| deep(all, |f| f.tag == Some(0), |field| field.tag = Some(7)) },
    Plant {
        property: "default",
        put: |all| deep(all, |f| f.default == Default::Int(-1), |f| f.default = Default::Empty),
    },
    Plant { property: "ignorable", put: |all| deep(all, |f| f.ignorable, |field| field.ignorable = false) },
    Plant { property: "key", put: |all| deep(all, |field| field.key, |field| field.key = false) },
];

/// The first message for which `fits`.
fn first(all: &mut [Definition], fits: fn(&Definition) -> bool, change: fn(&mut Definition)) -> bool {
    all.iter_mut().find(|message| fits(message)).map(change).is_some()
}

/// The first field of an inner struct for which `fits`.
fn deep(all: &mut [Definition], fits: fn(&Field) -> bool, change: fn(&mut Field)) -> bool {
    fn inner(fields: &mut [Field], fits: fn(&Field) -> bool) -> Option<&mut Field> {
        fields.iter_mut().flat_map(|field| field.fields.iter_mut()).find(|field| fits(field))
    }
    all.iter_mut().find_map(|message| inner(&mut message.fields, fits)).map(change).is_some()
}

/// How many plants there are, or which of them a comparison of `klamm` with `kafka` overlooks.
pub fn check(kafka: &[Definition], klamm: &[Definition]) -> Result<usize, Findings> {
    let known = compare(kafka, klamm);
    let missed = |plant: &Plant| {
        let mut changed = klamm.to_vec();
        if !(plant.put)(&mut changed) {
            return Some(format!("no place to plant another {}", plant.property));
        }
        let found = compare(kafka, &changed);
        let is_it =
            |difference: &&Difference| difference.property == plant.property && !known.contains(difference);
        found.iter().find(is_it).is_none().then(|| format!("a planted {} was not found", plant.property))
    };
    let missed: Findings = PLANTS.iter().filter_map(missed).collect();
    if missed.is_empty() { Ok(PLANTS.len()) } else { Err(missed) }
}
