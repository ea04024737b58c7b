//! Requests, connections and the threads that serve them (Kafka: `RequestMetrics`, `RequestChannel`, `SocketServer`,
//! `KafkaRequestHandlerPool`, `LogFlushStats`).

use std::collections::BTreeMap;
use std::sync::Arc;

use klamm_base::{ErrorCode, Mono};
use klamm_wire::ApiKey;

use super::requests::{ApiFigures, RequestFigures, VERSIONS};
use super::text::Text;
use super::windows::Windows;
use crate::admission::{Admission, ListenerFigures};
use crate::connection::PoolFigures;
use crate::counting::{Counts, Histogram};

const QUANTILES: [(&str, f64); 6] =
    [("0.50", 0.5), ("0.75", 0.75), ("0.95", 0.95), ("0.98", 0.98), ("0.99", 0.99), ("0.999", 0.999)];

/// What is shown before anybody has asked for it.
const ALWAYS: [ApiKey; 3] = [ApiKey::Produce, ApiKey::Fetch, ApiKey::Metadata];

/// A distribution of requests: its name, help, unit, and where it is.
type Distribution = (&'static str, &'static str, f64, Option<fn(&ApiFigures) -> &Histogram>);

const MICROS_PER_MS: f64 = 1_000.0;

const DISTRIBUTIONS: [Distribution; 7] = [
    (
        "totaltimems",
        "Milliseconds from the whole request to its answer.",
        MICROS_PER_MS,
        Some(|api| &api.total),
    ),
    (
        "localtimems",
        "Milliseconds of that until it waited or was done.",
        MICROS_PER_MS,
        Some(|api| &api.local),
    ),
    ("remotetimems", "Milliseconds of that spent waiting.", MICROS_PER_MS, Some(|api| &api.remote)),
    ("requestqueuetimems", "There is no queue: always 0.", MICROS_PER_MS, None),
    ("responsequeuetimems", "There is no queue: always 0.", MICROS_PER_MS, None),
    ("throttletimems", "Nobody is told to wait yet: always 0.", MICROS_PER_MS, None),
    ("requestbytes", "Bytes of a request.", 1.0, Some(|api| &api.bytes)),
];

/// A name that requests are counted under, and the API that it means; `None` for what never comes.
struct Named {
    name: &'static str,
    api: Option<ApiKey>,
}

/// Fetch counts under three names. Partitions have no followers, so all are those of consumers.
fn names(requests: &[Arc<RequestFigures>]) -> Vec<Named> {
    let is_shown =
        |api: &ApiKey| ALWAYS.contains(api) || requests.iter().any(|shard| shard.of(*api).is_some());
    let mut names = Vec::new();
    for api in ApiKey::ALL.iter().copied().filter(is_shown) {
        names.push(Named { name: api.name(), api: Some(api) });
        if api == ApiKey::Fetch {
            names.push(Named { name: "FetchConsumer", api: Some(api) });
            names.push(Named { name: "FetchFollower", api: None });
        }
    }
    names
}

pub fn write_requests(text: &mut Text, requests: &[Arc<RequestFigures>], windows: &mut Windows, now: Mono) {
    let names = names(requests);
    let mut family = text.counter("kafka_network_requestmetrics_requests", "Requests answered.");
    for Named { name, api } in &names {
        let shards: Vec<_> = requests.iter().filter_map(|shard| shard.of((*api)?)).collect();
        for version in 0..VERSIONS {
            let answers: u64 = shards.iter().map(|shard| shard.answers[version].get()).sum();
            if answers > 0 {
                family.add(&[("request", name), ("version", &version.to_string())], answers);
            }
        }
    }
    let mut family =
        text.counter("kafka_network_requestmetrics_errors", "Errors in answers; NONE are answers without.");
    for Named { name, api } in &names {
        let mut errors: BTreeMap<i16, u64> = BTreeMap::new();
        for (code, count) in
            requests.iter().filter_map(|shard| shard.of((*api)?)).flat_map(|api| api.errors.iter())
        {
            *errors.entry(code).or_default() += count;
        }
        for (code, count) in errors {
            family.add(&[("error", ErrorCode::from_code(code).name()), ("request", name)], count);
        }
    }
    for (what, help, unit, of) in DISTRIBUTIONS {
        let mut counted = Vec::with_capacity(names.len());
        for Named { name, api } in &names {
            let (mut counts, mut answers) = (Counts::default(), 0);
            for api in requests.iter().filter_map(|shard| shard.of((*api)?)) {
                answers += api.answers.iter().map(|answers| answers.get()).sum::<u64>();
                if let Some(of) = of {
                    counts.add(of(api));
                }
            }
            let key = api.map_or(-1, |api| api.key());
            counted.push((*name, answers, windows.recent((what, key), &counts, now)));
        }
        write_distribution(
            text,
            &format!("kafka_network_requestmetrics_{what}"),
            help,
            unit,
            "request",
            &counted,
        );
    }
    let in_flight = requests.iter().fold(0, |sum: u64, shard| sum.wrapping_add(shard.in_flight.get()));
    text.number("klamm_requests_in_flight", "Requests that have begun and have no answer.", in_flight);
    let refused = requests.iter().map(|shard| shard.refused.get()).sum();
    text.total("klamm_requests_refused", "Requests answered with the end of their connections.", refused);
    for name in ["requestqueuesize", "responsequeuesize"] {
        text.number(&format!("kafka_network_requestchannel_{name}"), "There is no queue: always 0.", 0);
    }
}

/// Quantiles and count, as rules for Kafka's histograms write them.
fn write_distribution(
    text: &mut Text,
    name: &str,
    help: &str,
    unit: f64,
    label: &str,
    counted: &[(&str, u64, Counts)],
) {
    let mut family = text.gauge(name, help);
    for (of, _, recent) in counted {
        for (quantile, part) in QUANTILES {
            let labels = [("quantile", quantile), (label, of)];
            // What there is only one of has no label for it.
            let labels = if label.is_empty() { &labels[..1] } else { &labels };
            family.add(labels, recent.quantile(part) / unit);
        }
    }
    let name = format!("{name}_count");
    let mut family = text.counter(&name, "How many.");
    for (of, count, _) in counted {
        match label {
            "" => family.add(&[], count),
            label => family.add(&[(label, of)], count),
        }
    }
}

/// Syncs of the writers, each of which may serve many logs.
pub fn write_flushes(text: &mut Text, flushes: &[Histogram], windows: &mut Windows, now: Mono) {
    let mut counts = Counts::default();
    flushes.iter().for_each(|histogram| counts.add(histogram));
    let counted = [("", counts.total(), windows.recent(("flushes", 0), &counts, now))];
    let name = "kafka_log_logflushstats_logflushrateandtimems";
    write_distribution(text, name, "Milliseconds of a sync.", MICROS_PER_MS, "", &counted);
}

pub fn write_listeners(text: &mut Text, admissions: &[Arc<Admission>]) {
    const NAME: &str = "kafka_server_socket_server_metrics_connection";
    let listeners: Vec<_> = admissions.iter().flat_map(|admission| admission.listeners()).collect();
    let mut family = text.gauge("kafka_server_socket_server_metrics_connection_count", "Connections.");
    for listener in &listeners {
        family.add(&[("listener", &listener.name)], listener.connections);
    }
    type Of = fn(&ListenerFigures) -> u64;
    let totals: [(&str, &str, Of); 3] = [
        ("creation", "Connections that came.", |of| of.accepted),
        ("close", "Connections that went.", |of| of.accepted - of.connections as u64),
        ("refused", "Connections of addresses that had too many.", |of| of.refused),
    ];
    for (what, help, of) in totals {
        let name = format!("{NAME}_{what}");
        let mut family = text.counter(&name, help);
        for listener in &listeners {
            family.add(&[("listener", &listener.name)], of(listener));
        }
    }
}

/// The memory of requests is Kafka's pool (`queued.max.request.bytes`); that of answers it does not have.
pub fn write_pools(text: &mut Text, pools: PoolFigures) {
    let available = pools.request_bytes_max.saturating_sub(pools.request_bytes);
    text.number(
        "kafka_network_socketserver_memorypoolused",
        "Bytes of requests in memory.",
        pools.request_bytes,
    );
    text.number(
        "kafka_network_socketserver_memorypoolavailable",
        "Bytes that more requests may take.",
        available,
    );
    text.number("klamm_answer_bytes", "Bytes of answers in memory.", pools.answer_bytes);
    text.number("klamm_answer_bytes_max", "Bytes that answers may take.", pools.answer_bytes_max);
    text.number("klamm_connections_waiting", "Connections that wait for memory.", pools.waiting);
    text.total("klamm_connections_closed_for_memory", "Connections closed to make room.", pools.closed);
}

/// The same threads are Kafka's network processors and its request handlers.
pub fn write_threads(text: &mut Text, idle: &[f64]) {
    if idle.is_empty() {
        return;
    }
    let help = "Part of its time that a thread was idle.";
    let mut family = text.gauge("kafka_network_processor_idlepercent", help);
    for (number, idle) in idle.iter().enumerate() {
        family.add(&[("networkProcessor", &number.to_string())], idle);
    }
    let average = idle.iter().sum::<f64>() / idle.len() as f64;
    for name in [
        "kafka_network_socketserver_networkprocessoravgidlepercent",
        "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent",
    ] {
        text.number(name, help, average);
    }
}
