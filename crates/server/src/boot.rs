//! The order of starting and stopping, written once. Kafka: `KafkaRaftServer`, `BrokerServer`, `SocketServer`.
//!
//! Start: bind the listeners (a taken port is noticed first, and nobody is let in) → open the node (lock, recover,
//! quorum, image, registration) → disk threads → shards → listen and accept → say so.
//!
//! Stop: accept nobody → shards answer what they owe and close → disk threads finish their turn → the node stops
//! (checkpoints, clean-shutdown markers, locks given back).

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;

use klamm_config::settings::{Endpoint, SocketSettings};
use klamm_config::{Settings, nearest};
use klamm_log::disk::real::RealDisk;
use klamm_node::{ListenerRole, Node, NodeOptions};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet};
use tracing::{error, info, warn};

use crate::admission::Admission;
use crate::clock::Clock;
use crate::connection::{ConnectionLimits, Pools};
use crate::descriptors::raise_limit;
use crate::fault::ServerFault;
use crate::http::{BoundHttp, Subject};
use crate::limits::admission;
use crate::listener::{Bound, Doorway, Listener, SocketBuffers, accept, bind, machine_name};
use crate::metrics::Observed;
use crate::metrics::requests::{Meter, RequestFigures};
use crate::panics::in_owned_state;
use crate::random::OsRng;
use crate::service::NodeService;
use crate::shard::Shard;
use crate::signals::{StopSignals, StoppedBy};
use crate::start_threads::StartThreads;
use crate::work::Work;
use crate::{logging, news};

const LOGGER: &str = "kafka.server.KafkaRaftServer";
const LIFECYCLE_LOGGER: &str = "kafka.server.BrokerLifecycleManager";

/// A listener that is bound and lets nobody in yet.
struct BoundListener {
    listener: Listener,
    bound: Bound,
}

/// Runs a node until SIGTERM or SIGINT, or until it cannot go on. `ready` is called with the settings as they came to
/// be (ports that were left to the system are known) once clients are let in.
///
/// Blocks the thread; connections are served by others. A signal during the start counts as soon as that is over, so
/// that the directories are left clean; a second one ends the process at once.
///
/// # Errors
/// [`ServerFault`], one line each.
pub fn serve(settings: Settings, ready: impl FnOnce(&Settings)) -> Result<StoppedBy, ServerFault> {
    let settings = match raise_limit() {
        Some(descriptors) => settings.with_descriptors(descriptors),
        None => settings,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| ServerFault::System { what: "event queue", source })?;
    LocalSet::new().block_on(&runtime, run(settings, ready))
}

async fn run(mut settings: Settings, ready: impl FnOnce(&Settings)) -> Result<StoppedBy, ServerFault> {
    let mut signals =
        StopSignals::catch().map_err(|source| ServerFault::System { what: "signal handler", source })?;
    logging::adopt(&settings.observing);
    let clock = Clock::start();
    let listeners = bind_listeners(&mut settings)?;
    let http = BoundHttp::bind(settings.observing.http.as_mut())?;
    make_absolute(&mut settings)?;
    name_ignored_settings(&settings);
    let options = NodeOptions {
        disk: RealDisk::shared(),
        settings: settings.clone(),
        rng: Box::new(OsRng),
        workers: Box::new(StartThreads),
        now: clock.now(),
    };
    let node_id = settings.identity.node_id;
    let (subject, mut told) = (Subject::default(), JoinSet::new());
    http.map(|http| open_http(http, &mut told, &subject)).transpose()?;
    let (node, is_stopped) = open(&mut signals, options, node_id).await?;
    if is_stopped {
        let stopped = beside("klamm-stop", move || stop_node(&node, clock, node_id))?;
        return signals.unless_hurried(stopped).await.map(|()| signals.stopped_by());
    }
    let (work, disk_threads) = Work::start(node, clock).map_err(no_thread)?;
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let pools = pools(&settings.sockets, cores);
    let (shards, requests) = start_shards(&work, &settings.sockets, &pools, cores)?;
    let shards = Rc::new(shards);
    let mut tasks = JoinSet::new();
    let admissions = open_listeners(&mut tasks, listeners, &settings, &shards, &work)?;
    *subject.borrow_mut() = Some(Observed::new(work.clone(), requests, admissions.into(), pools));
    let timed = work.clone();
    tasks.spawn_local(async move { timed.run_timers().await });
    announce(&settings);
    logging::bound(&settings.observing);
    ready(&settings);
    tokio::select! {
        _ = signals.next() => info!(target: LOGGER, "[KafkaRaftServer nodeId={node_id}] stopping"),
        () = work.fault() => {}
        // They never end but by a panic, which has been logged: nobody would be let in any more, or time would stand still.
        _ = tasks.join_next() => std::process::abort(),
    }
    told.shutdown().await;
    tasks.shutdown().await;
    let shards = Rc::into_inner(shards).unwrap_or_else(|| panic!("a listener is still open"));
    let stopped = beside("klamm-stop", move || stop(shards, &work, disk_threads, node_id))?;
    signals.unless_hurried(stopped).await.map(|()| signals.stopped_by())
}

/// Directories are known by their whole paths, as Java's `File.getAbsolutePath` writes them.
fn make_absolute(settings: &mut Settings) -> Result<(), ServerFault> {
    for dir in settings.log.dirs.iter_mut().chain([&mut settings.metadata.log_dir]) {
        let absolute = std::path::absolute(&*dir)
            .map_err(|source| ServerFault::System { what: "working directory", source })?;
        *dir = absolute.components().collect();
    }
    Ok(())
}

/// Opens the node; with whether a signal has come meanwhile.
async fn open(
    signals: &mut StopSignals,
    options: NodeOptions,
    node_id: i32,
) -> Result<(Arc<Node>, bool), ServerFault> {
    let mut opening = std::pin::pin!(beside("klamm-start", || Node::open(options))?);
    let (opened, is_stopped) = tokio::select! {
        opened = &mut opening => (opened, false),
        _ = signals.next() => {
            info!(target: LOGGER, "[KafkaRaftServer nodeId={node_id}] stopping once the start is over");
            (signals.unless_hurried(opening).await, true)
        }
    };
    let node = opened?;
    logging::follow(node.loggers());
    news::write(&node);
    Ok((node, is_stopped))
}

/// Runs a blocking step on a thread of its own, so that signals are seen meanwhile.
fn beside<T: Send + 'static>(
    name: &'static str,
    step: impl FnOnce() -> T + Send + 'static,
) -> Result<impl Future<Output = T>, ServerFault> {
    let (done, result) = oneshot::channel();
    let step = move || {
        // Nobody waits any more when the process is being ended.
        let _ = done.send(in_owned_state(step));
    };
    std::thread::Builder::new().name(name.to_owned()).spawn(step).map_err(no_thread)?;
    Ok(async move {
        match result.await {
            Ok(value) => value,
            Err(_) => panic!("thread {name} ended without a result"),
        }
    })
}

fn no_thread(source: io::Error) -> ServerFault {
    ServerFault::System { what: "thread", source }
}

/// Binds every listener and completes what clients are told: ports that the system chose, the machine's name.
fn bind_listeners(settings: &mut Settings) -> Result<Vec<BoundListener>, ServerFault> {
    let listeners = &mut settings.listeners;
    let mut bound = bind_role(&mut listeners.broker, &mut listeners.advertised, ListenerRole::Broker)?;
    bound.extend(bind_role(
        &mut listeners.controller,
        &mut listeners.advertised_controller,
        ListenerRole::Controller,
    )?);
    let told = listeners.advertised.iter_mut().chain(&mut listeners.advertised_controller);
    for endpoint in told.filter(|endpoint| endpoint.host.is_empty()) {
        endpoint.host = machine_name();
    }
    Ok(bound)
}

fn bind_role(
    endpoints: &mut [Endpoint],
    advertised: &mut [Endpoint],
    role: ListenerRole,
) -> Result<Vec<BoundListener>, ServerFault> {
    let mut listeners = Vec::with_capacity(endpoints.len());
    for endpoint in endpoints {
        let bound = bind(&endpoint.host, endpoint.port)
            .map_err(|fault| ServerFault::Listener { name: endpoint.name.clone(), fault })?;
        endpoint.port = bound.port;
        for told in advertised.iter_mut().filter(|told| told.name == endpoint.name && told.port == 0) {
            told.port = bound.port;
        }
        listeners
            .push(BoundListener { listener: Listener { name: endpoint.name.as_str().into(), role }, bound });
    }
    Ok(listeners)
}

/// The memory of all connections. Without a limit on requests it is as if there were one that nobody reaches.
fn pools(sockets: &SocketSettings, shards: usize) -> Arc<Pools> {
    let limit = |bytes: i64| usize::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(usize::MAX / 2);
    Pools::new(limit(sockets.queued_max_request_bytes), limit(sockets.queued_max_response_bytes), shards)
}

/// One shard for each core, with what it counts.
fn start_shards(
    work: &Arc<Work>,
    sockets: &SocketSettings,
    pools: &Arc<Pools>,
    cores: usize,
) -> Result<(Vec<Shard>, Vec<Arc<RequestFigures>>), ServerFault> {
    let limits = ConnectionLimits::of_settings(sockets);
    (0..cores)
        .map(|number| {
            let work = work.clone();
            let figures: Arc<RequestFigures> = Arc::default();
            let meter = Meter::new(figures.clone());
            Shard::start(number, limits, pools.clone(), move || NodeService::new(work, meter))
                .map(|shard| (shard, figures))
                .map_err(no_thread)
        })
        .collect()
}

fn open_listeners(
    tasks: &mut JoinSet<()>,
    listeners: Vec<BoundListener>,
    settings: &Settings,
    shards: &Rc<Vec<Shard>>,
    work: &Arc<Work>,
) -> Result<[Arc<Admission>; 2], ServerFault> {
    let sockets = &settings.sockets;
    let buffers = SocketBuffers {
        send_bytes: usize::try_from(sockets.send_buffer_bytes).ok(),
        receive_bytes: usize::try_from(sockets.receive_buffer_bytes).ok(),
    };
    let admissions = [admission(&work.node), admission(&work.node)];
    let of_broker = settings.listeners.broker.len();
    for BoundListener { listener, bound } in listeners {
        let name = listener.name.to_string();
        let open = bound
            .listen(sockets.listen_backlog)
            .map_err(|fault| ServerFault::Listener { name: name.clone(), fault })?;
        let is_brokers = listener.role == ListenerRole::Broker;
        let is_for_brokers = is_brokers && of_broker > 1 && name == settings.listeners.inter_broker;
        let gate = admissions[usize::from(is_brokers)].gate(listener.name.clone(), is_for_brokers);
        let doorway = Doorway { gate, listener, buffers };
        for socket in open {
            let socket = TcpListener::from_std(socket)
                .map_err(|source| ServerFault::System { what: "event queue", source })?;
            tasks.spawn_local(accept(socket, doorway.clone(), shards.clone()));
        }
    }
    Ok(admissions)
}

fn open_http(http: BoundHttp, tasks: &mut JoinSet<()>, subject: &Subject) -> Result<(), ServerFault> {
    for task in http.open(subject)? {
        tasks.spawn_local(task);
    }
    Ok(())
}

/// The lines that scripts and test frameworks wait for.
fn announce(settings: &Settings) {
    let node_id = settings.identity.node_id;
    for endpoint in settings.listeners.broker.iter().chain(&settings.listeners.controller) {
        let (name, host, port) = (&endpoint.name, &endpoint.host, endpoint.port);
        info!(target: "kafka.network.SocketServer", "listening on {name}://{host}:{port}");
    }
    if let Some(http) = &settings.observing.http {
        info!(target: "kafka.network.SocketServer", "listening on http://{}:{}", http.host, http.port);
    }
    if settings.identity.is_broker {
        info!(
            target: LIFECYCLE_LOGGER,
            "[BrokerLifecycleManager id={node_id}] unfenced: Transitioning from RECOVERY to RUNNING."
        );
    }
    info!(target: LOGGER, "[KafkaRaftServer nodeId={node_id}] Kafka Server started");
}

fn name_ignored_settings(settings: &Settings) {
    if !settings.unknown.is_empty() {
        let names: Vec<_> = settings.unknown.iter().map(|name| with_suggestion(name)).collect();
        warn!(target: LOGGER, "settings that nothing here knows: {}", names.join(", "));
    }
    if !settings.without_effect.is_empty() {
        warn!(target: LOGGER, "settings that have no effect yet: {}", settings.without_effect.join(", "));
    }
}

/// A name that is not known, with the one that may have been meant.
fn with_suggestion(name: &str) -> String {
    match nearest(name, klamm_config::table::broker().keys().copied()) {
        Some(meant) => format!("{name} (is {meant} meant?)"),
        None => name.to_owned(),
    }
}

/// The second half of stopping; nobody is let in any more and time stands still.
fn stop(
    shards: Vec<Shard>,
    work: &Work,
    disk_threads: Vec<JoinHandle<()>>,
    node_id: i32,
) -> Result<(), ServerFault> {
    let threads: Vec<_> = shards.into_iter().map(Shard::stop).collect();
    threads.into_iter().for_each(join);
    work.stop_threads();
    disk_threads.into_iter().for_each(join);
    stop_node(&work.node, work.clock, node_id)
}

/// The last step. A node that has failed is left as it stands, without a marker that says otherwise.
fn stop_node(node: &Node, clock: Clock, node_id: i32) -> Result<(), ServerFault> {
    let stopped = match node.fault() {
        Some(fault) => Err(ServerFault::Node(fault)),
        None => node.stop(clock.now()).map_err(ServerFault::Stop),
    };
    news::write(node);
    match &stopped {
        Err(fault) => error!(target: LOGGER, "[KafkaRaftServer nodeId={node_id}] {fault}"),
        Ok(()) => info!(target: LOGGER, "[KafkaRaftServer nodeId={node_id}] Kafka Server stopped"),
    }
    stopped
}

/// A panic of the thread has been reported when it happened.
fn join(thread: JoinHandle<()>) {
    let _ = thread.join();
}
