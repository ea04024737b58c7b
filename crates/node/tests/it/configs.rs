//! Settings that change while it runs: they count from the answer on, and are told with where they come from. Kafka's
//! answers, field by field, are the business of the suite `interop/configs`.

use klamm_base::ErrorCode;
use klamm_node::{ListenerRole, LogLevel};
use klamm_sim::{Client, World};
use klamm_wire::describe_configs::{DescribeConfigsResource, DescribeConfigsResourceResult};
use klamm_wire::incremental_alter_configs::{AlterConfigsResource, AlterableConfig};
use klamm_wire::{
    ApiKey, DescribeConfigsRequest, DescribeConfigsResponse, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse, ListConfigResourcesRequest, ListConfigResourcesResponse,
};

use crate::support::{create_topic, produce_to};

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGER: i8 = 8;
const METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;

const LARGE: &str = "a value that does not fit into a batch of seventy bytes";

fn request(kind: i8, name: &str, key: &str, value: Option<&str>) -> IncrementalAlterConfigsRequest {
    let config = AlterableConfig {
        name: key.to_owned(),
        config_operation: if value.is_some() { SET } else { DELETE },
        value: value.map(str::to_owned),
    };
    let resource =
        AlterConfigsResource { resource_type: kind, resource_name: name.to_owned(), configs: vec![config] };
    IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false }
}

/// Sets one value, or deletes it; the error code.
fn alter(
    world: &mut World,
    client: &mut Client,
    kind: i8,
    name: &str,
    key: &str,
    value: Option<&str>,
) -> ErrorCode {
    let request = request(kind, name, key, value);
    let response: IncrementalAlterConfigsResponse =
        client.call(world, ApiKey::IncrementalAlterConfigs, 1, &request);
    ErrorCode::from_code(response.responses[0].error_code)
}

fn described(
    world: &mut World,
    client: &mut Client,
    kind: i8,
    name: &str,
    key: &str,
) -> Option<DescribeConfigsResourceResult> {
    let resource = DescribeConfigsResource {
        resource_type: kind,
        resource_name: name.to_owned(),
        configuration_keys: Some(vec![key.to_owned()]),
    };
    let request = DescribeConfigsRequest {
        resources: vec![resource],
        include_synonyms: true,
        ..DescribeConfigsRequest::default()
    };
    let response: DescribeConfigsResponse = client.call(world, ApiKey::DescribeConfigs, 4, &request);
    assert_eq!(response.results[0].error_code, 0, "{response:?}");
    response.results[0].configs.first().cloned()
}

/// Value and sources, strongest first.
fn told(world: &mut World, client: &mut Client, kind: i8, name: &str, key: &str) -> (String, Vec<i8>) {
    let entry = described(world, client, kind, name, key).expect("a setting of that name");
    assert_eq!(entry.config_source, entry.synonyms.first().map_or(5, |synonym| synonym.source));
    (entry.value.unwrap_or_default(), entry.synonyms.iter().map(|synonym| synonym.source).collect())
}

#[test]
fn a_topics_setting_counts_from_the_answer_on() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[LARGE]), 0);
    let key = "max.message.bytes";
    assert_eq!(alter(&mut world, &mut client, TOPIC, "t", key, Some("70")), ErrorCode::None);
    assert_eq!(told(&mut world, &mut client, TOPIC, "t", key), ("70".to_owned(), vec![1, 5]));
    let too_large = ErrorCode::MessageTooLarge.code();
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[LARGE]), too_large);
    for life in ["stopped", "killed"] {
        if life == "stopped" {
            world.stop()
        } else {
            world.kill()
        }
        world.start().expect("starts");
        client = Client::new(&world);
        assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[LARGE]), too_large, "{life}");
    }
    assert_eq!(alter(&mut world, &mut client, TOPIC, "t", key, None), ErrorCode::None);
    assert_eq!(produce_to(&mut world, &mut client, "t", 0, &[LARGE]), 0);
    assert_eq!(told(&mut world, &mut client, TOPIC, "t", key), ("1048588".to_owned(), vec![5]));
}

#[test]
fn brokers_settings_count_for_topics_without_their_own() {
    let mut world = World::started(1, &[("message.max.bytes", "2000")]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "plain", 1, &[]);
    create_topic(&mut world, &mut client, "own", 1, &[("max.message.bytes", "1000")]);
    let key = "message.max.bytes";
    assert_eq!(alter(&mut world, &mut client, BROKER, "", key, Some("70")), ErrorCode::None);
    let too_large = ErrorCode::MessageTooLarge.code();
    assert_eq!(produce_to(&mut world, &mut client, "plain", 0, &[LARGE]), too_large);
    assert_eq!(produce_to(&mut world, &mut client, "own", 0, &[LARGE]), 0);
    assert_eq!(alter(&mut world, &mut client, BROKER, "1", key, Some("900")), ErrorCode::None);
    assert_eq!(
        produce_to(&mut world, &mut client, "plain", 0, &[LARGE]),
        0,
        "this broker's beats all brokers'"
    );
    let of_topic = told(&mut world, &mut client, TOPIC, "plain", "max.message.bytes");
    assert_eq!(of_topic, ("900".to_owned(), vec![2, 3, 4, 5]));
    assert_eq!(told(&mut world, &mut client, BROKER, "1", key), ("900".to_owned(), vec![2, 3, 4, 5]));
    assert_eq!(told(&mut world, &mut client, BROKER, "", key), ("70".to_owned(), vec![3]));
}

#[test]
fn secrets_never_leave() {
    let mut world = World::started(1, &[("ssl.key.password", "secret")]);
    let mut client = Client::new(&world);
    let key = "listener.name.plaintext.ssl.keystore.password";
    assert_eq!(alter(&mut world, &mut client, BROKER, "1", key, Some("secret")), ErrorCode::None);
    for key in ["ssl.key.password", key] {
        let entry = described(&mut world, &mut client, BROKER, "1", key).expect("is set");
        assert!(entry.is_sensitive, "{key}");
        assert!(!format!("{entry:?}").contains("secret\""), "{entry:?}");
    }
}

#[test]
fn what_is_set_past_the_broker_and_does_not_hold_is_left_out() {
    let mut world = World::started(1, &[]);
    let mut controller = Client::on(world.connect_to("CONTROLLER", ListenerRole::Controller));
    let key = "log.segment.bytes";
    assert_eq!(alter(&mut world, &mut controller, BROKER, "1", key, Some("x")), ErrorCode::None);
    let mut client = Client::new(&world);
    assert_eq!(told(&mut world, &mut client, BROKER, "1", key), ("1073741824".to_owned(), vec![5]));
    let said: Vec<String> = world.node().take_news().iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|line| line.contains("Invalid value x for configuration log.segment.bytes")),
        "{said:?}"
    );
    assert_eq!(alter(&mut world, &mut client, BROKER, "1", key, Some("x")), ErrorCode::InvalidRequest);
    world.stop();
    world.start().expect("starts");
}

#[test]
fn values_that_do_not_fit_together_leave_the_others_as_they_are() {
    let mut world = World::started(1, &[]);
    let mut controller = Client::on(world.connect_to("CONTROLLER", ListenerRole::Controller));
    let mut client = Client::new(&world);
    assert_eq!(alter(&mut world, &mut client, BROKER, "", "message.max.bytes", Some("70")), ErrorCode::None);
    let key = "log.cleaner.dedupe.buffer.size";
    assert_eq!(alter(&mut world, &mut controller, BROKER, "", key, Some("5")), ErrorCode::None);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    let refused = produce_to(&mut world, &mut client, "t", 0, &[LARGE]);
    assert_eq!(refused, ErrorCode::MessageTooLarge.code());
    let buffer = described(&mut world, &mut client, BROKER, "1", key).expect("public");
    assert_eq!(
        (buffer.value.as_deref(), buffer.config_source),
        (Some("134217728"), 3),
        "stored, not counting"
    );
}

#[test]
fn loggers_levels_are_this_nodes_until_it_stops() {
    let mut world = World::started(1, &[]);
    world.node().loggers().register(["kafka.server.KafkaApis"], LogLevel::Info);
    let mut client = Client::new(&world);
    let logger = "kafka.server.KafkaApis";
    assert_eq!(alter(&mut world, &mut client, LOGGER, "1", logger, Some("DEBUG")), ErrorCode::None);
    let level = |world: &mut World, client: &mut Client, logger| {
        described(world, client, LOGGER, "1", logger).and_then(|entry| entry.value)
    };
    assert_eq!(level(&mut world, &mut client, logger).as_deref(), Some("DEBUG"));
    assert_eq!(level(&mut world, &mut client, "root").as_deref(), Some("INFO"));
    assert_eq!(
        alter(&mut world, &mut client, LOGGER, "1", "no.such", Some("DEBUG")),
        ErrorCode::InvalidConfig
    );
    assert_eq!(alter(&mut world, &mut client, LOGGER, "1", "root", None), ErrorCode::InvalidRequest);
    assert_eq!(alter(&mut world, &mut client, LOGGER, "1", logger, None), ErrorCode::None);
    assert_eq!(world.node().loggers().level(logger), LogLevel::Info);
}

#[test]
fn what_has_settings_is_listed() {
    let mut world = World::started(1, &[]);
    let mut client = Client::new(&world);
    create_topic(&mut world, &mut client, "t", 1, &[]);
    for (kind, name, key, value) in
        [(GROUP, "g", "share.isolation.level", "read_committed"), (METRICS, "m", "interval.ms", "500")]
    {
        assert_eq!(alter(&mut world, &mut client, kind, name, key, Some(value)), ErrorCode::None);
    }
    let mut list = |version, resource_types: Vec<i8>| -> Vec<(i8, String)> {
        let request = ListConfigResourcesRequest { resource_types };
        let answer: ListConfigResourcesResponse =
            client.call(&mut world, ApiKey::ListConfigResources, version, &request);
        assert_eq!(answer.error_code, 0);
        answer.config_resources.into_iter().map(|r| (r.resource_type, r.resource_name)).collect()
    };
    let owned = |kind, name: &str| (kind, name.to_owned());
    assert_eq!(list(0, vec![]), [owned(METRICS, "m")]);
    assert_eq!(list(1, vec![GROUP]), [owned(GROUP, "g")]);
    assert_eq!(
        list(1, vec![]),
        [owned(GROUP, "g"), owned(METRICS, "m"), owned(LOGGER, "1"), owned(BROKER, "1"), owned(TOPIC, "t")]
    );
}
