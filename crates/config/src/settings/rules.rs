//! How the settings must fit together. Kafka: `KafkaConfig.validateValues`, in its order.

use crate::ConfigFault;
use crate::addresses::is_host_char;
use crate::definition::Status;
use crate::fault::{Conflict, ListenerFault, ListenerRule, Rule};
use crate::settings::Settings;
use crate::settings::listeners::{Endpoint, SecurityProtocol, pairs};
use crate::settings::values::Values;
use crate::table;
use crate::value::Value;

type Check = Result<(), ConfigFault>;

fn require(holds: bool, rule: impl Into<ConfigFault>) -> Check {
    if holds { Ok(()) } else { Err(rule.into()) }
}

/// Everything that makes Kafka refuse a file whose values are fine one by one.
pub(super) fn check_kafkas_rules(settings: &Settings, values: &Values) -> Check {
    super::group_rules::check(values)?;
    check_early_start(settings, values)?;
    let protocols = values.list("group.coordinator.rebalance.protocols");
    require(protocols.iter().any(|protocol| protocol == "classic"), Rule::ClassicProtocol)?;
    let broker_id = values.int("broker.id");
    require(settings.identity.node_id == broker_id, Rule::NodeIdIsBrokerId)?;
    check_log(settings, values)?;
    check_replication(values)?;
    check_quorum(settings)?;
    check_roles(settings, values)?;
    if settings.identity.is_broker {
        check_broker_listeners(settings)?;
        check_cordoned(settings, values)?;
    }
    let listeners = &settings.listeners;
    let unroutable = |endpoint: &Endpoint| endpoint.host == "0.0.0.0";
    let explicit = !values.is_null("advertised.listeners");
    let told = listeners.advertised.iter().chain(&listeners.advertised_controller);
    let told_unroutable = told.into_iter().any(unroutable);
    require(
        !(told_unroutable && (explicit || settings.identity.is_broker)),
        ListenerRule::AdvertisedRoutable,
    )?;
    check_connections(values)
}

fn check_early_start(settings: &Settings, values: &Values) -> Check {
    let listeners = &settings.listeners;
    let known = |name: &String| listeners.broker.iter().chain(&listeners.controller).any(|e| e.name == *name);
    match values.list("early.start.listeners").iter().find(|name| !known(name)) {
        Some(listener) => Err(ListenerFault::EarlyStartUnknown { listener: listener.clone() }.into()),
        None => Ok(()),
    }
}

fn check_log(settings: &Settings, values: &Values) -> Check {
    let defaults = &settings.topic_defaults;
    require(defaults.segment_ms >= 1, Rule::RollTime)?;
    require(defaults.segment_jitter_ms >= 0, Rule::RollJitter)?;
    require(defaults.retention_ms >= 1 || defaults.retention_ms == -1, Rule::RetentionTime)?;
    let buffer_bytes = values.long("log.cleaner.dedupe.buffer.size");
    // With no thread at all Kafka fails as well, by dividing by zero.
    let per_thread = buffer_bytes.checked_div(values.long("log.cleaner.threads")).unwrap_or(0);
    require(per_thread > 1024 * 1024, Rule::DedupeBuffer)
}

fn check_replication(values: &Values) -> Check {
    let wait_ms = values.long("replica.fetch.wait.max.ms");
    require(wait_ms <= values.long("replica.socket.timeout.ms"), Rule::FetchWaitWithinSocketTimeout)?;
    require(wait_ms <= values.long("replica.lag.time.max.ms"), Rule::FetchWaitWithinReplicaLag)
}

fn check_quorum(settings: &Settings) -> Check {
    let quorum = &settings.quorum;
    require(!quorum.voters.is_empty() || !quorum.bootstrap_servers.is_empty(), Rule::SomeQuorum)
}

/// The rules that depend on `process.roles`.
fn check_roles(settings: &Settings, values: &Values) -> Check {
    let identity = &settings.identity;
    let node_id = identity.node_id;
    let voters: Vec<i32> = settings.quorum.voters.iter().map(|voter| voter.id).collect();
    let listeners = &settings.listeners;
    if !identity.is_controller {
        if voters.contains(&node_id) {
            return Err(Conflict::AmongTheVoters { node_id, voters }.into());
        }
        require(listeners.controller.is_empty(), ListenerRule::ControllerListenersNotBound)?;
        return require(!settings.quorum.auto_join, Rule::AutoJoinIsForControllers);
    }
    if !identity.is_broker {
        require(listeners.broker.is_empty(), ListenerRule::ControllerListenersOnly)?;
        let explicit = !values.is_null("inter.broker.listener.name");
        let clash = explicit && listeners.controller_names.contains(&listeners.inter_broker);
        require(!clash, ListenerRule::ControllerListenersNotInterBroker)?;
    }
    if !voters.is_empty() && !voters.contains(&node_id) {
        return Err(Conflict::NotAmongTheVoters { node_id, voters }.into());
    }
    require(!listeners.advertised_controller.is_empty(), ListenerRule::SomeControllerListener)?;
    let bound = |name: &String| listeners.controller.iter().any(|endpoint| endpoint.name == *name);
    require(listeners.controller_names.iter().all(bound), ListenerRule::ControllerListenersBound)
}

fn check_broker_listeners(settings: &Settings) -> Check {
    let listeners = &settings.listeners;
    let names = |endpoints: &[Endpoint]| endpoints.iter().map(|e| e.name.clone()).collect::<Vec<_>>();
    let advertised = names(&listeners.advertised);
    require(!advertised.is_empty(), ListenerRule::SomeBrokerListener)?;
    if !advertised.contains(&listeners.inter_broker) {
        return Err(ListenerFault::InterBrokerNotAdvertised { advertised }.into());
    }
    let bound = [names(&listeners.broker), names(&listeners.controller)].concat();
    if !advertised.iter().all(|name| bound.contains(name)) {
        return Err(ListenerFault::AdvertisedNotBound { advertised, bound }.into());
    }
    Ok(())
}

/// `cordoned.log.dirs` is `*` alone or some of the log directories.
fn check_cordoned(settings: &Settings, values: &Values) -> Check {
    let cordoned = values.list("cordoned.log.dirs");
    if cordoned.iter().any(|dir| dir == "*") {
        return require(cordoned.len() == 1, Rule::CordonedAllAlone);
    }
    let known = |dir: &str| settings.log.dirs.iter().any(|known| known.as_os_str() == dir);
    let missing: Vec<String> = cordoned.iter().filter(|dir| !known(dir)).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Conflict::CordonedUnknown { missing }.into()) }
}

fn check_connections(values: &Values) -> Check {
    let queued = values.long("queued.max.request.bytes");
    // Our default is finite, and a file that says nothing of it must start as it does with Kafka.
    let is_default = !values.is_set("queued.max.request.bytes");
    let holds_one = is_default || queued <= 0 || queued >= values.long("socket.request.max.bytes");
    require(holds_one, Rule::QueuedBytesHoldARequest)?;
    const OVERRIDES: &str = "max.connections.per.ip.overrides";
    let overrides = pairs(OVERRIDES, values.text(OVERRIDES).unwrap_or_default())?;
    if let Some((_, text)) = overrides.iter().find(|(_, count)| count.parse::<i32>().is_err()) {
        return Err(Conflict::ConnectionOverrideCount { text: text.clone() }.into());
    }
    let none_at_all = values.int("max.connections.per.ip") == 0 && overrides.is_empty();
    require(!none_at_all, Rule::SomeConnections)?;
    let invalid = |address: &String| !address.chars().all(is_host_char);
    let addresses: Vec<String> = overrides.into_iter().map(|(address, _)| address).filter(invalid).collect();
    if !addresses.is_empty() {
        return Err(Conflict::ConnectionOverrideAddresses { addresses }.into());
    }
    let delay_ms = values.long("connection.failed.authentication.delay.ms");
    let max_idle_ms = values.long("connections.max.idle.ms");
    if max_idle_ms >= 0 && delay_ms >= max_idle_ms {
        return Err(Conflict::FailedAuthenticationDelay { delay_ms, max_idle_ms }.into());
    }
    Ok(())
}

/// What Kafka would start with and this broker cannot do.
pub(super) fn check_served(settings: &Settings, values: &Values) -> Check {
    require(settings.identity.is_broker && settings.identity.is_controller, Rule::BothRoles)?;
    let voters = settings.quorum.voters.len();
    if voters > 1 {
        return Err(Conflict::VotersBesideThisNode { voters }.into());
    }
    let listeners = &settings.listeners;
    let bound = listeners.broker.iter().chain(&listeners.controller);
    for endpoint in bound.chain(&listeners.advertised) {
        if endpoint.protocol != SecurityProtocol::Plaintext {
            let protocol = endpoint.protocol.name();
            return Err(ListenerFault::ProtocolNotServed { listener: endpoint.name.clone(), protocol }.into());
        }
    }
    for (name, definition) in table::broker() {
        if let Status::Refused(reason) = definition.status
            && *values.get(name) != Value::default_of(definition)
        {
            return Err(ConfigFault::Refused { name, reason });
        }
    }
    Ok(())
}
