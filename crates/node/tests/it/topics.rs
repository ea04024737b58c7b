//! Topics come and go: CreateTopics, DeleteTopics, and Metadata that creates what it is asked for.

use klamm_base::Uuid;
use klamm_sim::{Client, World};
use klamm_wire::create_topics::{CreatableTopic, CreatableTopicResult};
use klamm_wire::delete_topics::DeleteTopicState;
use klamm_wire::metadata::{MetadataRequestTopic, MetadataResponseTopic};
use klamm_wire::{
    ApiKey, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest, DeleteTopicsResponse,
    MetadataRequest, MetadataResponse,
};

const UNKNOWN_TOPIC_OR_PARTITION: i16 = 3;
const REQUEST_TIMED_OUT: i16 = 7;

struct Admin {
    world: World,
    client: Client,
}

impl Admin {
    fn new(seed: u64, overrides: &[(&str, &str)]) -> Admin {
        let world = World::started(seed, overrides);
        let client = Client::new(&world);
        Admin { world, client }
    }

    fn create(&mut self, version: i16, request: &CreateTopicsRequest) -> Vec<CreatableTopicResult> {
        let response: CreateTopicsResponse =
            self.client.call(&mut self.world, ApiKey::CreateTopics, version, request);
        response.topics
    }

    /// Error codes by name.
    fn delete(&mut self, version: i16, request: &DeleteTopicsRequest) -> Vec<(Option<String>, i16)> {
        let response: DeleteTopicsResponse =
            self.client.call(&mut self.world, ApiKey::DeleteTopics, version, request);
        let mut results: Vec<_> =
            response.responses.into_iter().map(|result| (result.name, result.error_code)).collect();
        results.sort();
        results
    }

    fn metadata(&mut self, version: i16, request: &MetadataRequest) -> Vec<MetadataResponseTopic> {
        let response: MetadataResponse =
            self.client.call(&mut self.world, ApiKey::Metadata, version, request);
        response.topics
    }

    /// One topic, without creating it.
    fn look(&mut self, name: &str) -> MetadataResponseTopic {
        let request = MetadataRequest { allow_auto_topic_creation: false, ..asking_for(&[name]) };
        self.metadata(13, &request).remove(0)
    }

    fn names(&mut self) -> Vec<String> {
        let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
        self.metadata(13, &all).into_iter().filter_map(|topic| topic.name).collect()
    }
}

fn asking_for(names: &[&str]) -> MetadataRequest {
    let topic = |name: &&str| MetadataRequestTopic { name: Some((*name).to_owned()), ..Default::default() };
    MetadataRequest { topics: Some(names.iter().map(topic).collect()), ..MetadataRequest::default() }
}

fn creating(names: &[&str]) -> CreateTopicsRequest {
    let topic = |name: &&str| CreatableTopic {
        name: (*name).to_owned(),
        num_partitions: 2,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    CreateTopicsRequest { topics: names.iter().map(topic).collect(), timeout_ms: 1000, validate_only: false }
}

fn deleting(names: &[&str]) -> DeleteTopicsRequest {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    DeleteTopicsRequest { topic_names: names, timeout_ms: 1000, ..DeleteTopicsRequest::default() }
}

fn deleting_by_id(topic_id: Uuid) -> DeleteTopicsRequest {
    let topics = vec![DeleteTopicState { name: None, topic_id }];
    DeleteTopicsRequest { topics, timeout_ms: 1000, ..DeleteTopicsRequest::default() }
}

#[test]
fn asking_for_a_topic_creates_it_in_every_version() {
    let mut admin = Admin::new(1, &[("num.partitions", "3")]);
    for version in 0..=13 {
        let name = format!("t{version}");
        let request = asking_for(&[&name, "not/good"]);
        let first = admin.metadata(version, &request);
        let codes: Vec<i16> = first.iter().map(|topic| topic.error_code).collect();
        assert_eq!(codes, [UNKNOWN_TOPIC_OR_PARTITION, 17], "version {version}");
        let then = admin.metadata(version, &request);
        assert_eq!((then[0].error_code, then[0].partitions.len()), (0, 3), "version {version}");
        let leaders: Vec<i32> = then[0].partitions.iter().map(|partition| partition.leader_id).collect();
        assert_eq!(leaders, [1, 1, 1], "version {version}");
    }
}

#[test]
fn a_topic_is_not_created_against_the_will_of_client_or_settings() {
    let mut admin = Admin::new(1, &[]);
    for version in 4..=13 {
        let request = MetadataRequest { allow_auto_topic_creation: false, ..asking_for(&["t"]) };
        assert_eq!(admin.metadata(version, &request)[0].error_code, UNKNOWN_TOPIC_OR_PARTITION);
    }
    assert!(admin.names().is_empty());

    let mut admin = Admin::new(1, &[("auto.create.topics.enable", "false")]);
    for version in 0..=13 {
        let answer = admin.metadata(version, &asking_for(&["t"]));
        assert_eq!(answer[0].error_code, UNKNOWN_TOPIC_OR_PARTITION, "version {version}");
    }
    assert!(admin.names().is_empty());
}

#[test]
fn what_the_controller_refuses_stays_unknown() {
    let mut admin = Admin::new(1, &[("default.replication.factor", "2")]);
    for _ in 0..3 {
        assert_eq!(admin.metadata(13, &asking_for(&["t"]))[0].error_code, UNKNOWN_TOPIC_OR_PARTITION);
    }
    assert_eq!(admin.create(7, &creating(&["a.b"]))[0].error_code, 0);
    for _ in 0..2 {
        assert_eq!(admin.metadata(13, &asking_for(&["a_b"]))[0].error_code, UNKNOWN_TOPIC_OR_PARTITION);
    }
}

#[test]
fn internal_topics_are_created_by_their_own_settings() {
    let settings = [
        ("offsets.topic.num.partitions", "4"),
        ("transaction.state.log.num.partitions", "5"),
        ("share.coordinator.state.topic.num.partitions", "6"),
    ];
    let mut admin = Admin::new(1, &settings);
    for (name, partitions) in
        [("__consumer_offsets", 4), ("__transaction_state", 5), ("__share_group_state", 6)]
    {
        let first = admin.metadata(13, &asking_for(&[name])).remove(0);
        assert_eq!((first.error_code, first.is_internal), (UNKNOWN_TOPIC_OR_PARTITION, true));
        let then = admin.look(name);
        assert_eq!((then.error_code, then.is_internal, then.partitions.len()), (0, true, partitions));
    }
    let mut serving = Admin::new(1, &[("offsets.topic.replication.factor", "3")]);
    serving.metadata(13, &asking_for(&["__consumer_offsets"]));
    assert_eq!(serving.look("__consumer_offsets").error_code, UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn answers_of_create_topics_say_what_their_version_knows() {
    let mut admin = Admin::new(1, &[]);
    for version in 2..=7 {
        let name = format!("t{version}");
        let result = admin.create(version, &creating(&[&name])).remove(0);
        assert_eq!((result.name.as_str(), result.error_code), (name.as_str(), 0));
        let counts = (result.num_partitions, result.replication_factor);
        assert_eq!(counts, if version >= 5 { (2, 1) } else { (-1, -1) });
        assert_eq!(result.configs.is_some_and(|configs| configs.len() > 20), version >= 5);
        assert_eq!(result.topic_id.is_zero(), version < 7);
        let again = admin.create(version, &creating(&[&name])).remove(0);
        assert_eq!((again.error_code, again.error_message.is_some()), (36, true));
    }
}

#[test]
fn only_validated_means_nothing_is_there() {
    let mut admin = Admin::new(1, &[]);
    let request = CreateTopicsRequest { validate_only: true, ..creating(&["t"]) };
    let result = admin.create(7, &request).remove(0);
    assert_eq!((result.error_code, result.num_partitions), (0, 2));
    assert!(admin.names().is_empty());
}

#[test]
fn a_timeout_that_is_none_has_run_out() {
    let mut admin = Admin::new(1, &[]);
    admin.create(7, &creating(&["kept"]));
    for timeout_ms in [0, -1, i32::MIN] {
        let request = CreateTopicsRequest { timeout_ms, ..creating(&["t", "bad/name"]) };
        let codes: Vec<i16> = admin.create(5, &request).iter().map(|result| result.error_code).collect();
        assert_eq!(codes, [REQUEST_TIMED_OUT, REQUEST_TIMED_OUT]);
        let request = DeleteTopicsRequest { timeout_ms, ..deleting(&["kept"]) };
        assert_eq!(admin.delete(5, &request), [(Some("kept".to_owned()), REQUEST_TIMED_OUT)]);
    }
    assert_eq!(admin.names(), ["kept"]);
}

#[test]
fn a_deleted_topic_is_gone_and_can_be_made_again() {
    let mut admin = Admin::new(1, &[]);
    let mut ids = Vec::new();
    for version in 1..=5 {
        let made = admin.create(7, &creating(&["t"])).remove(0);
        assert_eq!(made.error_code, 0, "version {version}");
        ids.push(made.topic_id);
        let deleted = admin.delete(version, &deleting(&["t", "u"]));
        assert_eq!(deleted, [(Some("t".into()), 0), (Some("u".into()), UNKNOWN_TOPIC_OR_PARTITION)]);
        assert_eq!(admin.look("t").error_code, UNKNOWN_TOPIC_OR_PARTITION);
    }
    let last = admin.create(7, &creating(&["t"])).remove(0).topic_id;
    assert_eq!(admin.delete(6, &deleting_by_id(last)), [(Some("t".into()), 0)]);
    assert_eq!(admin.delete(6, &deleting_by_id(last)), [(None, 100)]);
    ids.push(last);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6, "every life of a topic has its own id");
    assert!(admin.names().is_empty());
}

#[test]
fn topics_stay_where_deletion_is_switched_off() {
    let mut admin = Admin::new(1, &[("delete.topic.enable", "false")]);
    let topic_id = admin.create(7, &creating(&["t"])).remove(0).topic_id;
    for version in 1..=5 {
        let error = if version < 3 { 42 } else { 73 };
        assert_eq!(admin.delete(version, &deleting(&["t"])), [(Some("t".into()), error)]);
    }
    assert_eq!(admin.delete(6, &deleting_by_id(topic_id)), [(None, 73)]);
    assert_eq!(admin.names(), ["t"]);
}

#[test]
fn what_was_answered_is_there_after_a_power_cut() {
    for seed in 0..20 {
        let mut admin = Admin::new(seed, &[]);
        admin.create(7, &creating(&["kept", "gone"]));
        admin.delete(5, &deleting(&["gone"]));
        admin.world.power_cut();
        admin.world.start().unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        admin.client = Client::new(&admin.world);
        assert_eq!(admin.names(), ["kept"], "seed {seed}");
        assert_eq!(admin.look("kept").partitions.len(), 2, "seed {seed}");
    }
}
