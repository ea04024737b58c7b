//! Broker properties: process roles, identity, the controller quorum and its log.

use crate::definition::{Bounds, Definition, Kind, boolean, int, list, long, null, required};

pub(super) const ROWS: &[Definition] = &[
    int("background.threads", 10).at_least(1).cluster().doc("Threads for work that no request waits for."),
    int("broker.heartbeat.interval.ms", 2000)
        .works("Pause between two heartbeats of the broker to the controller."),
    int("broker.id", -1).works("Old name of node.id."),
    null("broker.rack", Kind::String).works("Where the broker stands, told to clients in metadata."),
    int("broker.session.timeout.ms", 9000).works("Silence after which the controller fences a broker."),
    list("config.providers", "")
        .cluster()
        .refused("references to other files and variables are not resolved yet")
        .doc("Names of sources that values may refer to, such as files and variables."),
    boolean("controlled.shutdown.enable", true)
        .doc("Whether a stopping broker hands over its leaderships first."),
    required("controller.listener.names", Kind::List)
        .some_of(&[])
        .works("Listeners that belong to the controller role."),
    int("controller.quorum.append.linger.ms", 25)
        .at_least(0)
        .doc("How long the leader of the quorum gathers records before writing them."),
    boolean("controller.quorum.auto.join.enable", false)
        .doc("Whether a controller that is no voter asks to become one."),
    list("controller.quorum.bootstrap.servers", "")
        .bounds(Bounds::Servers)
        .works("Controllers to ask for the quorum when its members are kept in the metadata log."),
    int("controller.quorum.election.backoff.max.ms", 1000)
        .at_least(0)
        .doc("Longest pause after a lost election, chosen at random."),
    int("controller.quorum.election.timeout.ms", 1000)
        .at_least(0)
        .doc("How long an election may take before the next one."),
    int("controller.quorum.fetch.max.bytes", 1_048_576)
        .at_least(1)
        .doc("Most bytes of metadata log that one fetch of a quorum member asks for."),
    int("controller.quorum.fetch.snapshot.max.bytes", 1_048_576)
        .at_least(1)
        .doc("Most bytes of a metadata snapshot that one fetch asks for."),
    int("controller.quorum.fetch.timeout.ms", 2000)
        .at_least(0)
        .doc("Silence of the leader after which a voter stands for election."),
    int("controller.quorum.request.timeout.ms", 2000)
        .at_least(0)
        .doc("How long a quorum member waits for an answer."),
    int("controller.quorum.retry.backoff.ms", 20)
        .at_least(0)
        .doc("Pause before a request in the quorum is sent again."),
    list("controller.quorum.voters", "")
        .bounds(Bounds::Voters)
        .works("The fixed set of controllers; served so far: this node alone."),
    null("early.start.listeners", Kind::List)
        .doc("Listeners that open before the node has caught up with the metadata."),
    int("initial.broker.registration.timeout.ms", 60_000)
        .doc("How long a starting broker tries to register with the controller."),
    null("metadata.log.dir", Kind::String)
        .works("Directory of the metadata log; unset, the first log directory."),
    long("metadata.log.max.record.bytes.between.snapshots", 20_971_520)
        .at_least(1)
        .works("Bytes of metadata records after which a snapshot is written."),
    long("metadata.log.max.snapshot.interval.ms", 3_600_000)
        .at_least(0)
        .works("Time after which a snapshot is written when there are new metadata records; 0 turns it off."),
    int("metadata.log.segment.bytes", 1_073_741_824)
        .at_least(8_388_608)
        .works("Size at which a metadata log segment is closed."),
    long("metadata.log.segment.ms", 604_800_000).works("Age at which a metadata log segment is closed."),
    int("metadata.max.idle.interval.ms", 500)
        .at_least(0)
        .works("Pause after which an idle controller writes a no-op record; 0 turns it off."),
    long("metadata.max.retention.bytes", 104_857_600)
        .works("Size of metadata log and snapshots above which old ones are deleted."),
    long("metadata.max.retention.ms", 604_800_000)
        .works("Age of metadata log and snapshots at which old ones are deleted."),
    required("node.id", Kind::Int)
        .at_least(0)
        .works("Number of this node in the cluster, one name space for brokers and controllers."),
    required("process.roles", Kind::List)
        .some_of(&["broker", "controller"])
        .works("Parts this node plays; served so far: both in one process."),
    // Internal: described only when set.
    long("controller.performance.always.log.threshold.ms", 2000)
        .at_least(0)
        .internal()
        .doc("Duration of a controller event that is always logged."),
    long("controller.performance.sample.period.ms", 60_000)
        .at_least(100)
        .internal()
        .doc("Pause between two reports of slow controller events."),
    long("internal.metadata.delete.delay.millis", 60_000)
        .internal()
        .doc("Pause between marking a metadata log file deleted and removing it."),
    null("internal.metadata.log.segment.bytes", Kind::Int)
        .internal()
        .works("Size at which a metadata log segment is closed, below the usual least; for tests."),
    int("internal.metadata.max.batch.size.in.bytes", 8_388_608)
        .internal()
        .doc("Largest batch of the metadata log."),
    long("server.max.startup.time.ms", i64::MAX).at_least(0).internal().doc("How long the start may take."),
    boolean("unstable.api.versions.enable", false)
        .internal()
        .refused("only production API versions are served")
        .doc("Whether versions of requests still under development are served."),
    boolean("unstable.feature.versions.enable", false)
        .internal()
        .refused("only production feature levels are served")
        .doc("Whether feature levels still under development may be used."),
];
