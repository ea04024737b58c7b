//! Properties files to begin with, by the names that Kafka's have.

/// Name and text.
pub const FILES: [(&str, &str); 5] = [
    ("server.properties", include_str!("config/server.properties")),
    ("broker.properties", include_str!("config/broker.properties")),
    ("controller.properties", include_str!("config/controller.properties")),
    ("producer.properties", include_str!("config/producer.properties")),
    ("consumer.properties", include_str!("config/consumer.properties")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use klamm_server::{Settings, parse_properties};

    #[test]
    fn nodes_may_be_started_with_them() {
        for (name, text) in FILES {
            let properties = parse_properties(text.as_bytes()).expect(name);
            assert!(!properties.is_empty(), "{name}");
            if properties.contains_key("process.roles") {
                // Of nodes with one role, the role is all that is refused.
                let refused =
                    Settings::from_properties(&properties, &[]).err().map(|fault| fault.to_string());
                let is_fine =
                    refused.as_ref().is_none_or(|text| text.starts_with("process.roles is refused: "));
                assert!(is_fine && refused.is_some() == (name != "server.properties"), "{name}: {refused:?}");
            }
        }
    }
}
