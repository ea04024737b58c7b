//! How the settings of groups must fit together, and a group's own within the broker's bounds.
//! Kafka: `GroupCoordinatorConfig`, `ShareGroupConfig`, `GroupConfig.validate`.

use super::Settings;
use super::values::Values;
use crate::fault::{ConfigFault, Conflict, GroupFault, Relation, Rule};
use crate::properties::Properties;
use crate::table;
use crate::value::Value;
use std::collections::BTreeMap;

/// Names that are parts of longer ones: `group.consumer.min.session.timeout.ms`.
const KINDS: [Kind; 3] = [
    Kind { own: "consumer", of_broker: "group.consumer" },
    Kind { own: "share", of_broker: "group.share" },
    Kind { own: "streams", of_broker: "group.streams" },
];

struct Kind {
    own: &'static str,
    of_broker: &'static str,
}

impl Kind {
    /// The broker's property; the table has it.
    fn broker(&self, rest: &str) -> &'static str {
        let name = format!("{}.{rest}", self.of_broker);
        table::broker().get(name.as_str()).unwrap_or_else(|| panic!("no broker property {name}")).name
    }

    /// The group's property; the table has it.
    fn group(&self, rest: &str) -> &'static str {
        let name = format!("{}.{rest}", self.own);
        table::group().get(name.as_str()).unwrap_or_else(|| panic!("no group property {name}")).name
    }
}

/// Bounds of share groups, in the order in which Kafka looks at them.
const OF_SHARE: [(&str, Relation, &str); 7] = [
    ("group.share.max.delivery.count.limit", Relation::AtLeast, "group.share.delivery.count.limit"),
    ("group.share.delivery.count.limit", Relation::AtLeast, "group.share.min.delivery.count.limit"),
    (
        "group.share.max.partition.max.record.locks",
        Relation::AtLeast,
        "group.share.partition.max.record.locks",
    ),
    (
        "group.share.partition.max.record.locks",
        Relation::AtLeast,
        "group.share.min.partition.max.record.locks",
    ),
    ("group.share.record.lock.duration.ms", Relation::AtLeast, "group.share.min.record.lock.duration.ms"),
    ("group.share.max.record.lock.duration.ms", Relation::AtLeast, "group.share.record.lock.duration.ms"),
    ("group.share.max.share.sessions", Relation::AtLeast, "group.share.max.size"),
];

const OF_STREAMS: [(&str, Relation, &str); 3] = [
    ("group.streams.num.standby.replicas", Relation::AtMost, "group.streams.max.standby.replicas"),
    ("group.streams.task.offset.interval.ms", Relation::AtLeast, "group.streams.min.task.offset.interval.ms"),
    ("group.streams.num.warmup.replicas", Relation::AtMost, "group.streams.max.warmup.replicas"),
];

/// What of the broker's settings concerns groups and makes Kafka refuse to start.
pub(super) fn check(values: &Values) -> Result<(), ConfigFault> {
    check_codec(values, "offsets.topic.compression.codec")?;
    for kind in &KINDS {
        check_between(values, kind, "heartbeat.interval.ms")?;
        check_between(values, kind, "session.timeout.ms")?;
        let (heartbeat, session) = (kind.broker("heartbeat.interval.ms"), kind.broker("session.timeout.ms"));
        check_order(values, heartbeat, Relation::Less, session)?;
        if kind.own == "share" && values.list("group.share.assignors").len() != 1 {
            let found = values.list("group.share.assignors").len();
            return Err(Conflict::OneShareAssignor { found }.into());
        }
        check_between(values, kind, "assignment.interval.ms")?;
    }
    check_orders(values, &OF_STREAMS)?;
    if has_duplicates(values.originals().get("group.streams.rack.aware.assignment.tags")) {
        return Err(Rule::RackTagTwice.into());
    }
    check_orders(values, &OF_SHARE)?;
    check_codec(values, "share.coordinator.state.topic.compression.codec")
}

/// Kafka: `CompressionType.forId`.
fn check_codec(values: &Values, name: &str) -> Result<(), ConfigFault> {
    match values.int(name) {
        0..=4 => Ok(()),
        id => Err(Conflict::UnknownCodec { id }.into()),
    }
}

/// `max >= min`, `value >= min`, `value <= max`.
fn check_between(values: &Values, kind: &Kind, rest: &str) -> Result<(), ConfigFault> {
    let (value, min, max) =
        (kind.broker(rest), kind.broker(&format!("min.{rest}")), kind.broker(&format!("max.{rest}")));
    check_order(values, max, Relation::AtLeast, min)?;
    check_order(values, value, Relation::AtLeast, min)?;
    check_order(values, value, Relation::AtMost, max)
}

fn check_orders(
    values: &Values,
    orders: &[(&'static str, Relation, &'static str)],
) -> Result<(), ConfigFault> {
    orders.iter().try_for_each(|(name, relation, other)| check_order(values, name, *relation, other))
}

fn check_order(
    values: &Values,
    name: &'static str,
    relation: Relation,
    other: &'static str,
) -> Result<(), ConfigFault> {
    match relation.holds(values.long(name), values.long(other)) {
        true => Ok(()),
        false => Err(Conflict::Order { name, relation, other }.into()),
    }
}

/// Looks at the text: reading it as a list would drop what is there twice.
fn has_duplicates(text: Option<&String>) -> bool {
    let Some(text) = text.map(|text| text.trim()).filter(|text| !text.is_empty()) else { return false };
    let elements: Vec<&str> = text.split(',').map(str::trim).collect();
    (1..elements.len()).any(|at| elements[..at].contains(&elements[at]))
}

/// Brings the dynamic pauses between assignments back within the broker's bounds. Kafka:
/// `GroupCoordinatorConfig.clampDynamicConfigs`.
pub(super) fn clamp(originals: &mut Properties) {
    let number = |originals: &Properties, name: &str| {
        let row = table::broker()[name];
        let text = originals.get(name).cloned().or_else(|| row.default_text());
        match Value::parse(row, &text?) {
            Ok(Value::Number(number)) => Some(number),
            _ => None,
        }
    };
    for kind in &KINDS {
        let name = kind.broker("assignment.interval.ms");
        let min = number(originals, kind.broker("min.assignment.interval.ms"));
        let max = number(originals, kind.broker("max.assignment.interval.ms"));
        let (Some(min), Some(max)) = (min, max) else { continue };
        if let Some(value) = number(originals, name).filter(|_| originals.contains_key(name))
            && min <= max
            && !(min..=max).contains(&value)
        {
            originals.insert(name.to_string(), value.clamp(min, max).to_string());
        }
    }
}

/// A group's own settings, parsed.
struct GroupValues(BTreeMap<&'static str, Value>);

impl GroupValues {
    fn parse(own: &Properties) -> Result<GroupValues, ConfigFault> {
        let group = table::group();
        if let Some(name) = own.keys().find(|name| !group.contains_key(name.as_str())) {
            return Err(ConfigFault::UnknownName { resource: "group", name: name.clone() });
        }
        if has_duplicates(own.get("streams.rack.aware.assignment.tags")) {
            return Err(GroupFault::TagTwice.into());
        }
        let parse = |(name, text): (&String, &String)| {
            let row = group[name.as_str()];
            Value::parse(row, text).map(|value| (row.name, value))
        };
        own.iter().map(parse).collect::<Result<_, _>>().map(GroupValues)
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl Settings {
    /// Checks all settings that a group would have of its own; a fault is INVALID_CONFIG.
    pub fn check_group_configs(&self, own: &Properties) -> Result<(), ConfigFault> {
        let group = GroupValues::parse(own)?;
        for kind in &KINDS {
            for rest in ["heartbeat.interval.ms", "session.timeout.ms"] {
                self.check_in_range(&group, kind, rest)?;
            }
            match kind.own {
                "share" => {
                    for rest in
                        ["record.lock.duration.ms", "delivery.count.limit", "partition.max.record.locks"]
                    {
                        self.check_in_range(&group, kind, rest)?;
                    }
                }
                "streams" => self.check_at_most(
                    &group,
                    "streams.num.standby.replicas",
                    "group.streams.max.standby.replicas",
                )?,
                _ => {}
            }
            self.check_in_range(&group, kind, "assignment.interval.ms")?;
        }
        self.check_at_least(
            &group,
            "streams.task.offset.interval.ms",
            "group.streams.min.task.offset.interval.ms",
        )?;
        self.check_at_most(&group, "streams.num.warmup.replicas", "group.streams.max.warmup.replicas")?;
        self.check_assignor(&group)?;
        for kind in &KINDS {
            self.check_session(&group, kind)?;
        }
        match group.text("errors.deadletterqueue.topic.name").is_some_and(|name| name.starts_with("__")) {
            true => Err(GroupFault::ReservedTopic.into()),
            false => Ok(()),
        }
    }

    fn check_in_range(&self, group: &GroupValues, kind: &Kind, rest: &str) -> Result<(), ConfigFault> {
        let name = kind.group(rest);
        let Some(value) = group.number(name) else { return Ok(()) };
        let min = self.values.long(kind.broker(&format!("min.{rest}")));
        let max = self.values.long(kind.broker(&format!("max.{rest}")));
        match (min..=max).contains(&value) {
            true => Ok(()),
            false => Err(GroupFault::Range { name, min, max }.into()),
        }
    }

    fn check_at_most(&self, group: &GroupValues, name: &'static str, bound: &str) -> Result<(), ConfigFault> {
        let max = self.values.long(bound);
        match group.number(name) {
            Some(value) if value > max => Err(GroupFault::AtMost { name, max }.into()),
            _ => Ok(()),
        }
    }

    fn check_at_least(
        &self,
        group: &GroupValues,
        name: &'static str,
        bound: &str,
    ) -> Result<(), ConfigFault> {
        let min = self.values.long(bound);
        match group.number(name) {
            Some(value) if value < min => Err(GroupFault::AtLeast { name, min }.into()),
            _ => Ok(()),
        }
    }

    fn check_assignor(&self, group: &GroupValues) -> Result<(), ConfigFault> {
        let known = self.values.list("group.streams.assignors");
        match group.text("streams.assignor.name") {
            Some(name) if !known.iter().any(|known| known == name) => {
                Err(GroupFault::UnknownAssignor { name: name.to_string(), known: known.to_vec() }.into())
            }
            _ => Ok(()),
        }
    }

    /// The session outlasts the heartbeat, where the group sets one of them.
    fn check_session(&self, group: &GroupValues, kind: &Kind) -> Result<(), ConfigFault> {
        let (session, heartbeat) = (kind.group("session.timeout.ms"), kind.group("heartbeat.interval.ms"));
        let (own_session, own_heartbeat) = (group.number(session), group.number(heartbeat));
        if own_session.is_none() && own_heartbeat.is_none() {
            return Ok(());
        }
        let session_ms = own_session.unwrap_or_else(|| self.values.long(kind.broker("session.timeout.ms")));
        let heartbeat_ms =
            own_heartbeat.unwrap_or_else(|| self.values.long(kind.broker("heartbeat.interval.ms")));
        match session_ms > heartbeat_ms {
            true => Ok(()),
            false => Err(GroupFault::SessionWithinHeartbeat { session, heartbeat }.into()),
        }
    }
}
