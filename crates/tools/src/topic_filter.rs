//! Topics by a regular expression, as Kafka's tools take it (Kafka: `TopicFilter.IncludeList`).

use regex::Regex;

use crate::exception::Exception;

/// Topics that Kafka makes for itself (Kafka: `Topic.isInternal`).
pub fn is_internal(topic: &str) -> bool {
    matches!(topic, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// Matches whole names. Commas stand for "or"; blanks and quotes around it do not count.
pub struct TopicFilter {
    pattern: Regex,
}

impl TopicFilter {
    /// # Errors
    /// Java's exception for a text that is no expression.
    pub fn new(text: &str) -> Result<TopicFilter, Exception> {
        let text = text.trim().replace(',', "|").replace(' ', "");
        let text = text.trim_matches(['"', '\'']);
        let pattern = Regex::new(&format!("^(?:{text})$"));
        let invalid =
            |_| Exception::new("java.lang.RuntimeException", format!("{text} is an invalid regex."));
        Ok(TopicFilter { pattern: pattern.map_err(invalid)? })
    }

    pub fn allows(&self, topic: &str) -> bool {
        self.pattern.is_match(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_whole_names() {
        let filter = TopicFilter::new(" 'a, b.*' ").expect("an expression");
        for (topic, expected) in [("a", true), ("ab", false), ("bc", true), ("cb", false)] {
            assert_eq!(filter.allows(topic), expected, "{topic}");
        }
        let refused = TopicFilter::new("[").err().expect("no expression");
        assert_eq!(refused.to_string(), "java.lang.RuntimeException: [ is an invalid regex.");
    }
}
