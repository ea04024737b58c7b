//! Clients made from properties by Kafka's names, as files and command lines hold them
//! (Kafka: `AdminClientConfig`, `ProducerConfig`, `ConsumerConfig`).
//!
//! Values are refused with Kafka's words. A name that is not known stops nothing; it is told as a
//! [`PropertiesNote`].
//!
//! - [`table`]: the rows; [`values`]: looked up, parsed and checked
//! - [`duration`]: such as `P2DT3H`
//! - [`fault`]: what is refused, and what is only said

pub mod duration;
mod fault;
mod table;
#[cfg(test)]
mod tests;
mod values;

use klamm_config::Properties;
use klamm_records::{Compression, CompressionType};

pub use fault::{PropertiesFault, PropertiesNote};

use crate::cluster::{ClusterOptions, Role};
use crate::connection::ConnectionOptions;
use crate::consumer::{ConsumerOptions, IsolationLevel, OffsetReset, OffsetSpec};
use crate::group::{Assignor, GroupOptions};
use crate::producer::{Acks, Partitioner, ProducerOptions};
use crate::{Address, NoAddress};
use values::Values;

/// An admin client's settings.
#[derive(Clone, Debug)]
pub struct AdminSettings {
    pub cluster: ClusterOptions,
    pub notes: Vec<PropertiesNote>,
}

/// A producer's settings.
#[derive(Clone, Debug)]
pub struct ProducerSettings {
    pub cluster: ClusterOptions,
    pub producer: ProducerOptions,
    pub notes: Vec<PropertiesNote>,
}

/// A consumer's settings.
#[derive(Clone, Debug)]
pub struct ConsumerSettings {
    pub cluster: ClusterOptions,
    pub consumer: ConsumerOptions,
    /// `None` without `group.id`.
    pub group: Option<GroupOptions>,
    /// What one poll returns at most.
    pub max_poll_records: usize,
    pub notes: Vec<PropertiesNote>,
}

/// Settings of an admin client.
///
/// # Errors
/// [`PropertiesFault`]
pub fn admin(properties: &Properties) -> Result<AdminSettings, PropertiesFault> {
    let values = Values::read(table::ADMIN, properties)?;
    let (servers, controllers) = (values.list("bootstrap.servers"), values.list("bootstrap.controllers"));
    let (list, role) = match (servers.is_empty(), controllers.is_empty()) {
        (true, true) => return Err(PropertiesFault::NoBootstrap),
        (false, false) => return Err(PropertiesFault::BothBootstraps),
        (false, true) => (servers, Role::Brokers),
        (true, false) => (controllers, Role::Controllers),
    };
    let mut notes = Vec::new();
    let mut cluster = cluster(&values, list, &mut notes)?;
    cluster.role = role;
    cluster.retries = u32::try_from(values.int("retries")).unwrap_or(0);
    note_unused(values, &mut notes);
    Ok(AdminSettings { cluster, notes })
}

/// Settings of a producer.
///
/// # Errors
/// [`PropertiesFault`]
pub fn producer(properties: &Properties) -> Result<ProducerSettings, PropertiesFault> {
    let values = Values::read(table::PRODUCER, properties)?;
    let mut notes = Vec::new();
    let mut cluster = cluster(&values, values.list("bootstrap.servers"), &mut notes)?;
    if !values.is_given("client.id") {
        cluster.connection.client_id = "producer-1".to_owned();
    }
    refuse_given(&values, "transactional.id")?;
    let acks = match values.text("acks") {
        Some("0") => Acks::None,
        Some("1") => Acks::Leader,
        _ => Acks::All,
    };
    let producer = ProducerOptions {
        acks,
        compression: compression(&values),
        linger: values.millis("linger.ms"),
        batch_size: values.bytes("batch.size"),
        buffer_memory: values.bytes("buffer.memory"),
        delivery_timeout: delivery_timeout(&values, &mut notes)?,
        block_timeout: values.millis("max.block.ms"),
        request_size_max: values.bytes("max.request.size"),
        retries: u32::try_from(values.int("retries")).unwrap_or(0),
        in_flight_max: values.bytes("max.in.flight.requests.per.connection"),
        idempotent: idempotent(&values, acks, &mut notes)?,
        partitioner: partitioner(&values)?,
        ignore_keys: values.flag("partitioner.ignore.keys"),
        create_topics: true,
    };
    note_unused(values, &mut notes);
    Ok(ProducerSettings { cluster, producer, notes })
}

/// Settings of a consumer, in a group where `group.id` is set.
///
/// # Errors
/// [`PropertiesFault`]
pub fn consumer(properties: &Properties) -> Result<ConsumerSettings, PropertiesFault> {
    let values = Values::read(table::CONSUMER, properties)?;
    let mut notes = Vec::new();
    let mut cluster = cluster(&values, values.list("bootstrap.servers"), &mut notes)?;
    if values.text("group.protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("consumer")) {
        return Err(PropertiesFault::NotServed { name: "group.protocol", value: "consumer".to_owned() });
    }
    let foreign = ["group.remote.assignor", "share.acknowledgement.mode", "share.acquire.mode"];
    let foreign: Vec<&str> = foreign.into_iter().filter(|name| values.is_given(name)).collect();
    if !foreign.is_empty() {
        return Err(PropertiesFault::NotInClassicGroups { names: foreign.join(", ") });
    }
    let group = group(&values)?;
    if cluster.connection.client_id.is_empty() {
        let instance = group.as_ref().and_then(|group| group.group_instance_id.as_deref());
        let group_id = values.text("group.id").unwrap_or("null");
        cluster.connection.client_id = format!("consumer-{group_id}-{}", instance.unwrap_or("1"));
    }
    let isolation_level = match values.text("isolation.level") {
        Some("read_committed") => IsolationLevel::ReadCommitted,
        _ => IsolationLevel::ReadUncommitted,
    };
    let consumer = ConsumerOptions {
        isolation_level,
        fetch_min_bytes: values.int("fetch.min.bytes"),
        fetch_max_bytes: values.int("fetch.max.bytes"),
        max_partition_fetch_bytes: values.int("max.partition.fetch.bytes"),
        fetch_max_wait: values.millis("fetch.max.wait.ms"),
        offset_reset: offset_reset(values.text("auto.offset.reset").unwrap_or_default())?,
        create_topics: values.flag("allow.auto.create.topics"),
        check_crcs: values.flag("check.crcs"),
        rack: values.text("client.rack").unwrap_or_default().to_owned(),
    };
    let max_poll_records = values.bytes("max.poll.records");
    note_unused(values, &mut notes);
    Ok(ConsumerSettings { cluster, consumer, group, max_poll_records, notes })
}

/// What all clients have in common.
fn cluster(
    values: &Values,
    bootstrap: &[String],
    notes: &mut Vec<PropertiesNote>,
) -> Result<ClusterOptions, PropertiesFault> {
    if let Some(protocol) = values.text("security.protocol")
        && !protocol.eq_ignore_ascii_case("PLAINTEXT")
    {
        let value = protocol.to_ascii_uppercase();
        return Err(PropertiesFault::NotServed { name: "security.protocol", value });
    }
    let (backoff_ms, max_ms) = (values.number("retry.backoff.ms"), values.number("retry.backoff.max.ms"));
    if backoff_ms > max_ms {
        notes.push(PropertiesNote::RetryBackoffStatic { backoff_ms, max_ms });
    }
    let reconnect_backoff = values.millis("reconnect.backoff.ms");
    let mut reconnect_backoff_max = values.millis("reconnect.backoff.max.ms");
    if values.is_given("reconnect.backoff.ms") && !values.is_given("reconnect.backoff.max.ms") {
        notes.push(PropertiesNote::ReconnectBackoffStatic);
        reconnect_backoff_max = reconnect_backoff;
    }
    let connection = ConnectionOptions {
        client_id: values.text("client.id").unwrap_or_default().to_owned(),
        setup_timeout: values.millis("socket.connection.setup.timeout.ms"),
        request_timeout: values.millis("request.timeout.ms"),
        send_buffer_bytes: buffer_bytes(values, "send.buffer.bytes"),
        receive_buffer_bytes: buffer_bytes(values, "receive.buffer.bytes"),
    };
    let addresses = bootstrap.iter().map(|url| address(url)).collect::<Result<Vec<_>, _>>()?;
    Ok(ClusterOptions {
        connection,
        api_timeout: values.millis("default.api.timeout.ms"),
        retry_backoff: values.millis("retry.backoff.ms").min(values.millis("retry.backoff.max.ms")),
        retry_backoff_max: values.millis("retry.backoff.max.ms"),
        reconnect_backoff,
        reconnect_backoff_max,
        metadata_max_age: values.millis("metadata.max.age.ms"),
        ..ClusterOptions::new(addresses)
    })
}

/// A socket's buffer: the system's own size, which grows as needed, unless another one was asked for.
fn buffer_bytes(values: &Values, name: &'static str) -> Option<u32> {
    u32::try_from(values.int(name)).ok().filter(|bytes| *bytes > 0 && values.is_given(name))
}

fn address(url: &str) -> Result<Address, PropertiesFault> {
    url.parse().map_err(|NoAddress { text }| {
        let port = text.rsplit_once(':').map_or("", |(_, port)| port);
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        match is_number {
            true => PropertiesFault::InvalidPort { url: text },
            false => PropertiesFault::InvalidUrl { url: text },
        }
    })
}

fn partitioner(values: &Values) -> Result<Partitioner, PropertiesFault> {
    const NAME: &str = "partitioner.class";
    let Some(class) = values.text(NAME) else { return Ok(Partitioner::BuiltIn) };
    let refused = || PropertiesFault::NotServed { name: NAME, value: class.to_owned() };
    Partitioner::from_class(class).ok_or_else(refused)
}

fn compression(values: &Values) -> Compression {
    match values.text("compression.type") {
        Some("gzip") => {
            Compression { codec: CompressionType::Gzip, level: values.int("compression.gzip.level") }
        }
        Some("snappy") => Compression::of(CompressionType::Snappy),
        Some("lz4") => {
            Compression { codec: CompressionType::Lz4, level: values.int("compression.lz4.level") }
        }
        Some("zstd") => {
            Compression { codec: CompressionType::Zstd, level: values.int("compression.zstd.level") }
        }
        _ => Compression::NONE,
    }
}

fn delivery_timeout(
    values: &Values,
    notes: &mut Vec<PropertiesNote>,
) -> Result<std::time::Duration, PropertiesFault> {
    let linger_ms = values.number("linger.ms").min(i32::MAX.into());
    let least = (linger_ms + values.number("request.timeout.ms")).min(i32::MAX.into());
    if values.number("delivery.timeout.ms") >= least {
        return Ok(values.millis("delivery.timeout.ms"));
    }
    if values.is_given("delivery.timeout.ms") {
        return Err(PropertiesFault::DeliveryTimeoutTooShort);
    }
    notes.push(PropertiesNote::DeliveryTimeoutRaised { to_ms: least });
    Ok(std::time::Duration::from_millis(u64::try_from(least).unwrap_or(0)))
}

/// Kafka: `ProducerConfig.postProcessAndValidateIdempotenceConfigs`
fn idempotent(values: &Values, acks: Acks, notes: &mut Vec<PropertiesNote>) -> Result<bool, PropertiesFault> {
    if !values.flag("enable.idempotence") {
        return Ok(false);
    }
    let is_asked_for = values.is_given("enable.idempotence");
    let mut idempotent = true;
    if values.int("retries") == 0 {
        if is_asked_for {
            return Err(PropertiesFault::IdempotenceNeedsRetries);
        }
        notes.push(PropertiesNote::IdempotenceOff { name: "retries", value: 0 });
        idempotent = false;
    }
    if acks != Acks::All {
        if is_asked_for {
            return Err(PropertiesFault::IdempotenceNeedsAllAcks);
        }
        notes.push(PropertiesNote::IdempotenceOff { name: "acks", value: acks as i64 });
        idempotent = false;
    }
    let in_flight = values.number("max.in.flight.requests.per.connection");
    if in_flight > 5 {
        return Err(PropertiesFault::IdempotenceInFlight { given: in_flight });
    }
    if !idempotent && values.is_given("transactional.id") {
        return Err(PropertiesFault::TransactionNeedsIdempotence);
    }
    Ok(idempotent)
}

fn group(values: &Values) -> Result<Option<GroupOptions>, PropertiesFault> {
    let auto_commit = values.flag("enable.auto.commit");
    let Some(group_id) = values.text("group.id") else {
        return match auto_commit && values.is_given("enable.auto.commit") {
            true => Err(PropertiesFault::AutoCommitWithoutGroup),
            false => Ok(None),
        };
    };
    if values.number("heartbeat.interval.ms") >= values.number("session.timeout.ms") {
        return Err(PropertiesFault::HeartbeatTooSlow);
    }
    let mut options = GroupOptions::new(group_id);
    if values.is_given("partition.assignment.strategy") {
        let classes = values.list("partition.assignment.strategy").iter().map(|class| {
            Assignor::from_class(class).ok_or_else(|| PropertiesFault::UnknownClass { class: class.clone() })
        });
        options.assignors = classes.collect::<Result<_, _>>()?;
    }
    let rack = values.text("client.rack").filter(|rack| !rack.is_empty());
    Ok(Some(GroupOptions {
        group_instance_id: values.text("group.instance.id").map(str::to_owned),
        session_timeout: values.millis("session.timeout.ms"),
        rebalance_timeout: values.millis("max.poll.interval.ms"),
        heartbeat_interval: values.millis("heartbeat.interval.ms"),
        auto_commit_interval: auto_commit.then(|| values.millis("auto.commit.interval.ms")),
        exclude_internal_topics: values.flag("exclude.internal.topics"),
        rack: rack.map(str::to_owned),
        ..options
    }))
}

fn offset_reset(text: &str) -> Result<OffsetReset, PropertiesFault> {
    let by_duration = || {
        let millis = text.strip_prefix("by_duration:").and_then(duration::parse_millis)?;
        Some(OffsetReset::ByDuration { ago_ms: u64::try_from(millis).ok()? })
    };
    match text {
        "earliest" => Ok(OffsetReset::To(OffsetSpec::Earliest)),
        "latest" => Ok(OffsetReset::To(OffsetSpec::Latest)),
        "none" => Ok(OffsetReset::Fail),
        _ => by_duration().ok_or_else(|| PropertiesFault::InvalidOffsetReset { value: text.to_owned() }),
    }
}

fn refuse_given(values: &Values, name: &'static str) -> Result<(), PropertiesFault> {
    match values.text(name).filter(|_| values.is_given(name)) {
        Some(value) => Err(PropertiesFault::NotServed { name, value: value.to_owned() }),
        None => Ok(()),
    }
}

fn note_unused(values: Values, notes: &mut Vec<PropertiesNote>) {
    if !values.unused.is_empty() {
        notes.push(PropertiesNote::Unused { names: values.unused });
    }
}
