//! Broker properties: listeners, connections and request limits.

use crate::definition::{Definition, Kind, int, list, long, null, string};

pub(super) const ROWS: &[Definition] = &[
    null("advertised.listeners", Kind::List)
        .some_of(&[])
        .works("Addresses told to clients; unset, the bound ones."),
    int("connection.failed.authentication.delay.ms", 100)
        .at_least(0)
        .doc("How long the answer to a failed authentication is held back."),
    long("connections.max.idle.ms", 600_000).works("Silence after which a connection is closed."),
    int("fetch.max.bytes", 57_671_680).at_least(1024).works("Most bytes one fetch answer holds."),
    null("inter.broker.listener.name", Kind::String).works("Listener other brokers connect to."),
    string(
        "listener.security.protocol.map",
        "SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
    )
    .per_broker()
    .partly(
        "a listener may only use PLAINTEXT; none is added while it runs",
        "Protocol of each listener name.",
    ),
    list("listeners", "PLAINTEXT://:9092").some_of(&[]).per_broker().partly(
        "none is opened or closed while it runs",
        "Addresses to bind, NAME://host:port each; no host means every interface.",
    ),
    int("klamm.connection.max.request.bytes.in.flight", 4 * 1024 * 1024)
        .at_least(1)
        .works("Bytes of one connection's requests that are answered at a time; one request always is."),
    int("klamm.connection.max.requests.in.flight", 64)
        .at_least(1)
        .works("Requests of one connection that are answered at a time."),
    int("klamm.connection.max.unsent.bytes", 1024 * 1024).at_least(1).works(
        "Bytes of answers that a connection did not take yet, above which none of its requests begins.",
    ),
    long("klamm.first.request.max.ms", 60_000)
        .at_least(1)
        .works("Time in which a new connection must have sent its first request whole."),
    long("klamm.frame.max.ms", 30_000)
        .at_least(1)
        .works("Time in which a request must be whole, besides what klamm.frame.min.bytes.per.second adds."),
    int("klamm.frame.min.bytes.per.second", 1024).at_least(1).works(
        "A request that takes longer must have come at this rate at least, or its connection is closed.",
    ),
    long("klamm.queued.max.response.bytes", 64 * 1024 * 1024).at_least(1024 * 1024).works(
        "Memory of all answers that are not taken yet; near it, connections that take none are closed.",
    ),
    long("klamm.send.stall.max.ms", 120_000)
        .at_least(1)
        .works("Time after which a connection is closed that takes nothing of the answers it asked for."),
    int("max.connection.creation.rate", 5_000)
        .at_least(0)
        .cluster()
        .works("New connections a second that are accepted; a listener may have less for itself."),
    int("max.connections", 16_384).at_least(0).cluster().works(
        "Connections at a time over all listeners but that of the brokers; less where descriptors are few.",
    ),
    int("max.connections.per.ip", 12_288)
        .at_least(0)
        .cluster()
        .works("Connections from one address at a time; less where descriptors are few."),
    string("max.connections.per.ip.overrides", "")
        .cluster()
        .works("Other limits for single addresses, `address:count` each."),
    int("max.incremental.fetch.session.cache.slots", 1000)
        .at_least(0)
        .works("Fetch sessions kept at a time."),
    int("max.request.partition.size.limit", 2000)
        .at_least(1)
        .works("Most partitions one describe-topic-partitions answer lists."),
    int("num.io.threads", 8).at_least(1).cluster().doc("Threads that answer requests."),
    int("num.network.threads", 3)
        .at_least(1)
        .cluster()
        .doc("Threads of a listener that read and write connections."),
    long("queued.max.request.bytes", 128 * 1024 * 1024).works(
        "Memory of all requests that arrive or are answered; near it, large ones wait. -1 sets no limit.",
    ),
    int("queued.max.requests", 500)
        .at_least(1)
        .doc("Bounds a queue in Kafka; here there is none, requests begin on the thread that read them."),
    int("request.timeout.ms", 30_000).doc("How long this node waits for answers of others."),
    string("security.inter.broker.protocol", "PLAINTEXT")
        .one_of(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"])
        .works("Protocol between brokers, naming the listener of the same name."),
    long("socket.connection.setup.timeout.max.ms", 30_000)
        .doc("Longest time given to a connection to another node."),
    long("socket.connection.setup.timeout.ms", 10_000)
        .doc("Time given to the first attempt of a connection to another node."),
    int("socket.listen.backlog.size", 1024)
        .at_least(1)
        .works("Connections the system may queue before they are accepted."),
    int("socket.receive.buffer.bytes", 102_400).works(
        "Receive buffer of a connection; -1 leaves it to the system. Large frames make it 512 KiB at least.",
    ),
    int("socket.request.max.bytes", 104_857_600).at_least(1).works("Largest request read from a connection."),
    int("socket.send.buffer.bytes", 102_400)
        .works("Send buffer of a connection; -1 leaves it to the system."),
];
