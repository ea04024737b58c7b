//! Which partitions are meant (Kafka: `TopicPartitionFilter`, `TopicFilter.IncludeList`, `PartitionFilter`).
//!
//! Patterns are those of the crate `regex`: Java's without look-around, back references and possessive repetition,
//! which are refused.

use std::collections::BTreeSet;
use std::ops::Range;

use regex::Regex;

use crate::exception::Exception;

/// A partition is meant if one of the rules says so.
#[derive(Clone, Debug)]
pub struct TopicPartitionFilter {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Rule {
    topic: Regex,
    partitions: Partitions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Partitions {
    /// Empty: all.
    Among(BTreeSet<i32>),
    Within(Range<i32>),
}

impl TopicPartitionFilter {
    /// `--topic` and `--partitions`.
    ///
    /// # Errors
    /// What Kafka throws: no pattern, or no numbers.
    pub fn of_topic(
        topic: Option<&str>,
        partitions: Option<&str>,
    ) -> Result<TopicPartitionFilter, Exception> {
        let topic = include_list(topic.unwrap_or(".*"))?;
        let partitions = Partitions::Among(partition_set(partitions.unwrap_or_default())?);
        Ok(TopicPartitionFilter { rules: vec![Rule { topic, partitions }] })
    }

    /// `--topic-partitions`: `topic:1,topic:0-2,topic,:3-`.
    ///
    /// # Errors
    /// What Kafka throws.
    pub fn of_rules(text: &str) -> Result<TopicPartitionFilter, Exception> {
        let rules = split(text).map(Rule::parse).collect::<Result<_, _>>()?;
        Ok(TopicPartitionFilter { rules })
    }

    pub fn allows_topic(&self, topic: &str) -> bool {
        self.rules.iter().any(|rule| rule.topic.is_match(topic))
    }

    pub fn allows(&self, topic: &str, partition: i32) -> bool {
        self.rules.iter().any(|rule| rule.topic.is_match(topic) && rule.partitions.contain(partition))
    }
}

impl Rule {
    fn parse(text: &str) -> Result<Rule, Exception> {
        let (topic, partitions) = match text.split_once(':') {
            Some((topic, partitions)) => (topic, partitions),
            None => (text, ""),
        };
        let bounds = match partitions.split_once('-') {
            Some((from, to)) => [from, to],
            None => [partitions, ""],
        };
        if !bounds.iter().all(|bound| bound.bytes().all(|byte| byte.is_ascii_digit())) {
            let cause = format!("org.apache.kafka.tools.TerseException: Invalid rule specification: {text}");
            return Err(Exception::new("java.lang.RuntimeException", cause));
        }
        let number = |text: &str, default| if text.is_empty() { Ok(default) } else { integer(text) };
        let partitions = match (partitions.contains('-'), bounds) {
            (false, [one, _]) if !one.is_empty() => Partitions::Among(BTreeSet::from([integer(one)?])),
            (_, [from, to]) => Partitions::Within(number(from, 0)?..number(to, i32::MAX)?),
        };
        Ok(Rule { topic: include_list(if topic.is_empty() { ".*" } else { topic })?, partitions })
    }
}

impl Partitions {
    fn contain(&self, partition: i32) -> bool {
        match self {
            Partitions::Among(partitions) => partitions.is_empty() || partitions.contains(&partition),
            Partitions::Within(range) => range.contains(&partition),
        }
    }
}

/// A pattern for whole names; blanks and quotes around it do not count, and commas mean "or".
fn include_list(text: &str) -> Result<Regex, Exception> {
    let quotes = ['"', '\''];
    let text = text.trim().replace(',', "|").replace(' ', "");
    let text = text.trim_start_matches(quotes).trim_end_matches(quotes);
    let invalid = |_| Exception::new("java.lang.RuntimeException", format!("{text} is an invalid regex."));
    // Not anchored first: what is around it must not make a pattern of what is none.
    Regex::new(text).map_err(invalid)?;
    Regex::new(&format!("^(?:{text})$")).map_err(invalid)
}

fn partition_set(text: &str) -> Result<BTreeSet<i32>, Exception> {
    if text.is_empty() {
        return Ok(BTreeSet::new());
    }
    split(text).map(str::parse).collect::<Result<_, _>>().map_err(|_| {
        let wants = "--partitions expects a comma separated list of numeric partition ids, but received";
        Exception::new("org.apache.kafka.tools.TerseException", format!("{wants}: {text}"))
    })
}

fn integer(text: &str) -> Result<i32, Exception> {
    let no_number =
        |_| Exception::new("java.lang.NumberFormatException", format!("For input string: \"{text}\""));
    text.parse().map_err(no_number)
}

/// As `String.split(",")`: without what is empty at the end, unless it is everything.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let kept = text.trim_end_matches(',');
    let count = if kept.is_empty() && !text.is_empty() { 0 } else { usize::MAX };
    kept.split(',').take(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of some partitions are meant.
    fn meant(filter: &TopicPartitionFilter) -> String {
        let all = ["a", "ab", "b.c"].into_iter().flat_map(|topic| (0..4).map(move |index| (topic, index)));
        let meant: Vec<String> = all
            .filter(|(topic, index)| filter.allows(topic, *index))
            .map(|(topic, index)| format!("{topic}{index}"))
            .collect();
        meant.join(" ")
    }

    fn of_topic(topic: Option<&str>, partitions: Option<&str>) -> String {
        TopicPartitionFilter::of_topic(topic, partitions)
            .map_or_else(|exception| exception.message().to_owned(), |filter| meant(&filter))
    }

    fn of_rules(text: &str) -> String {
        TopicPartitionFilter::of_rules(text)
            .map_or_else(|exception| exception.message().to_owned(), |filter| meant(&filter))
    }

    #[test]
    fn a_topic_is_a_pattern_for_its_whole_name() {
        assert_eq!(of_topic(Some("a"), Some("1,3,")), "a1 a3");
        assert_eq!(of_topic(Some(" 'a.*, b' "), Some("0")), "a0 ab0");
        assert_eq!(of_topic(None, Some("+2")), "a2 ab2 b.c2");
        assert_eq!(of_topic(Some("a|b"), Some("0")), "a0");
        assert_eq!(of_topic(Some("["), None), "[ is an invalid regex.");
        assert_eq!(of_topic(Some("a)|(b"), None), "a)|(b is an invalid regex.");
        assert_eq!(
            of_topic(None, Some("0,x")),
            "--partitions expects a comma separated list of numeric partition ids, but received: 0,x"
        );
    }

    #[test]
    fn rules_have_ranges() {
        assert_eq!(of_rules("a:0-2,ab:3,b.*:2-,x"), "a0 a1 ab3 b.c2 b.c3");
        assert_eq!(of_rules(":-1"), "a0 ab0 b.c0");
        assert_eq!(of_rules("a:"), "a0 a1 a2 a3");
        assert_eq!(of_rules("a:-"), "a0 a1 a2 a3");
        for bad in ["a:x", "a:1:2", "a:1-2-3"] {
            let said = format!("org.apache.kafka.tools.TerseException: Invalid rule specification: {bad}");
            assert_eq!(of_rules(bad), said);
        }
        assert_eq!(of_rules("a:3000000000"), "For input string: \"3000000000\"");
    }

    #[test]
    fn topics_are_filtered_before_their_partitions_are_known() {
        let filter = TopicPartitionFilter::of_rules("a:7,b.*").expect("rules");
        assert!(filter.allows_topic("a") && filter.allows_topic("b.c") && !filter.allows_topic("ab"));
    }
}
