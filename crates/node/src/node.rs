//! The node as the server sees it: requests, time, disk work, stop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use klamm_base::rng::{Rng, random_uuid};
use klamm_base::{Mono, Now};
use klamm_config::Settings;
use klamm_log::{Disk, Done, LogFault};
use klamm_replica::fetch_session::FetchSessionCache;
use parking_lot::{Mutex, RwLock};

use crate::answer::Answer;
use crate::api::pipeline;
use crate::boot::{self, Directories};
use crate::broker::Broker;
use crate::controller::ActiveController;
use crate::disposal::Disposal;
use crate::fault::{NodeFault, StartFault};
use crate::gather::Wakes;
use crate::housekeeping::{Housekeeping, Job};
use crate::image::ImageCell;
use crate::lifecycle::Lifecycle;
use crate::partitions::{Directory, Owner, Partitions, checkpoints};
use crate::producer_ids::ProducerIds;
use crate::publisher::{DirectoryFault, Publisher};
use crate::random::SharedRng;
use crate::request::Connection;
use crate::timers::Timers;

/// Everything a node is made from.
pub struct NodeOptions {
    pub disk: Arc<dyn Disk>,
    /// Listeners with the ports they are really bound to: they are registered and told to clients.
    pub settings: Settings,
    pub rng: Box<dyn Rng + Send>,
    pub now: Now,
}

/// The broker without a network. Shared by all threads of a server.
pub struct Node {
    broker: Arc<Broker>,
    publisher: Publisher,
    directories: Vec<Arc<Directory>>,
    lifecycle: Mutex<Lifecycle>,
    housekeeping: Mutex<Housekeeping>,
    /// When [`Node::advance`] has something to do besides ending long polls, in microseconds.
    next_chore: AtomicU64,
    fault: Mutex<Option<NodeFault>>,
}

impl Node {
    /// Starts a node: lock, recover, quorum, image, registration. Blocks on the disk until the node can serve;
    /// the listeners are opened after it.
    ///
    /// # Errors
    /// [`StartFault`]; all locks are given back.
    pub fn open(options: NodeOptions) -> Result<Arc<Node>, StartFault> {
        let NodeOptions { disk, settings, rng, now } = options;
        let settings = Arc::new(settings);
        let mut rng = SharedRng::new(rng);
        let directories = boot::open_directories(&disk, &settings, &mut rng, now)?;
        let (loaded, start) = boot::load_metadata(&directories, &settings, now)?;
        let controller = ActiveController::new(loaded, rng.clone());
        let node = Node::assemble(&directories, settings, controller, rng, now);
        let elected = node.broker.controller.start(start, now);
        elected.map_err(|fault| boot::metadata_fault(&directories.metadata, fault))?;
        node.settle(now);
        node.enter_cluster(&directories, now)?;
        Ok(Arc::new(node))
    }

    fn assemble(
        directories: &Directories,
        settings: Arc<Settings>,
        controller: ActiveController,
        mut rng: SharedRng,
        now: Now,
    ) -> Node {
        let incarnation_id = random_uuid(&mut rng);
        let broker = Broker {
            node_id: settings.identity.node_id,
            cluster_id: directories.cluster_id.clone(),
            image: ImageCell::new(Arc::default()),
            partitions: Partitions::default(),
            directories: directories.all[..directories.data].to_vec(),
            controller,
            fetch_sessions: Mutex::new(FetchSessionCache::new(
                settings.fetch.session_cache_slots.max(0) as usize
            )),
            producer_ids: ProducerIds::default(),
            timers: Timers::new(),
            rng,
            settings: RwLock::new(settings.clone()),
        };
        Node {
            broker: Arc::new(broker),
            directories: directories.all.clone(),
            lifecycle: Mutex::new(Lifecycle::new(&settings, incarnation_id)),
            housekeeping: Mutex::new(Housekeeping::new(&settings.log, now.mono)),
            publisher: Publisher {
                directories: directories.all[..directories.data].to_vec(),
                static_settings: settings,
                disposal: Disposal::default(),
                is_serving: AtomicBool::new(false),
            },
            next_chore: AtomicU64::new(0),
            fault: Mutex::new(None),
        }
    }

    /// From the elected controller to the unfenced broker, with every partition open and led.
    fn enter_cluster(&self, directories: &Directories, now: Now) -> Result<(), StartFault> {
        let refused = |error: klamm_metadata::ApiError| StartFault::Registration {
            error: error.error,
            message: error.message,
        };
        let broker = &self.broker;
        let settings = &self.publisher.static_settings;
        let mut lifecycle = self.lifecycle.lock();
        lifecycle.register_controller(&broker.controller, settings, now).map_err(refused)?;
        let ids = self.publisher.directories.iter().map(|directory| directory.id).collect();
        lifecycle
            .register(
                &broker.controller,
                settings,
                &directories.cluster_id,
                ids,
                directories.previous_broker_epoch,
                now,
            )
            .map_err(refused)?;
        self.settle(now);
        broker.producer_ids.set_broker_epoch(lifecycle.broker_epoch);
        boot::open_partitions(directories, broker, &self.publisher, now)?;
        // The first heartbeat unfences, since all is caught up.
        let unfenced = lifecycle.heartbeat(&broker.controller, false, now).map_err(refused)?;
        assert!(unfenced.is_caught_up, "a broker that has read its own registration is behind");
        drop(lifecycle);
        self.settle(now);
        let mut wakes = Wakes::default();
        for fault in self.publisher.publish_all(broker, now, &mut wakes) {
            self.directory_failed(&fault.directory, fault.fault, &mut wakes);
        }
        wakes.wake_all();
        self.note_next_chore();
        Ok(())
    }

    /// Serves one request. `frame` is what follows the size field. The future appends, reads and registers at its
    /// first poll, and may be polled on any thread; dropping it gives up the answer, not what is already appended.
    /// Requests of one connection may be handed in before earlier ones are answered; their answers must be sent in
    /// order, and each future must be polled once before the next request is handed in.
    ///
    /// After polling, look at [`Node::write_work`] and [`Node::sync_work`].
    pub fn handle(
        self: &Arc<Self>,
        connection: &Arc<Connection>,
        frame: Bytes,
        now: Now,
    ) -> impl Future<Output = Answer> + Send + 'static {
        let (broker, connection) = (self.broker.clone(), connection.clone());
        async move { pipeline::serve(&broker, connection, frame, now).await }
    }

    /// The next point of time at which [`Node::advance`] has something to do. Two atomic reads.
    pub fn next_deadline(&self) -> Mono {
        let chore = Mono(self.next_chore.load(Ordering::Acquire));
        self.broker.timers.earliest().map_or(chore, |earliest| earliest.min(chore))
    }

    /// Time has passed: ends long polls, sends heartbeats, starts what is due. Cheap, no disk. Afterwards look at
    /// [`Node::write_work`], [`Node::sync_work`] and [`Node::background_work`].
    pub fn advance(&self, now: Now) {
        let mut wakes = Wakes::default();
        self.broker.timers.advance(now.mono, &mut wakes);
        wakes.wake_all();
        if self.next_chore.load(Ordering::Acquire) > now.mono.0 {
            return;
        }
        let mut lifecycle = self.lifecycle.lock();
        if lifecycle.next_heartbeat <= now.mono {
            // A refusal means that the controller is going down with this node.
            let _ = lifecycle.heartbeat(&self.broker.controller, false, now);
        }
        drop(lifecycle);
        self.broker.controller.advance(now);
        let disposal = self.publisher.disposal.next_due();
        self.housekeeping.lock().advance(now.mono, disposal);
        self.note_next_chore();
    }

    /// Number of log directories; they are named 0, 1, ... below.
    pub fn directories(&self) -> usize {
        self.directories.len()
    }

    /// Whether appended data of a directory waits to be written: whoever asks may call [`Node::write_turn`] at once, on
    /// its own thread. Cheap.
    pub fn write_work(&self, dir: usize) -> bool {
        self.directories[dir].writer.has_work()
    }

    /// Whether written data of a directory waits for a sync: for [`Node::sync_turn`], on a thread that may wait for the
    /// disk. Look after each write turn. Cheap.
    pub fn sync_work(&self, dir: usize) -> bool {
        self.directories[dir].writer.has_sync_work()
    }

    /// Writes what has arrived, moves ends, wakes who waited for them. Returns at once, with false, while another thread
    /// is in its turn for this directory: that one takes over what is queued.
    pub fn write_turn(&self, dir: usize, now: Now) -> bool {
        let writer = &self.directories[dir].writer;
        while writer.has_work() {
            let Some(done) = writer.try_turn() else { return false };
            self.all_progressed(done, now);
        }
        true
    }

    /// Syncs what asked for it, moves ends, wakes who waited for them; false when there was nothing. Write turns go on
    /// beside it. What it publishes may append: look at [`Node::write_work`] afterwards.
    pub fn sync_turn(&self, dir: usize, now: Now) -> bool {
        let done = self.directories[dir].writer.sync_turn();
        let worked = !done.is_empty();
        self.all_progressed(done, now);
        worked
    }

    fn all_progressed(&self, done: Vec<Done<Owner>>, now: Now) {
        let mut wakes = Wakes::default();
        for done in done {
            self.progressed(&done.owner, &done.progress, now, &mut wakes);
        }
        wakes.wake_all();
    }

    fn progressed(&self, owner: &Owner, progress: &klamm_log::Progress, now: Now, wakes: &mut Wakes) {
        match owner {
            Owner::Partition(partition) => {
                partition.on_progress(progress, wakes);
                if let Some(fault) = &progress.fault {
                    self.directory_failed(&partition.directory, fault.clone(), wakes);
                }
            }
            Owner::Metadata => {
                self.broker.controller.on_progress(progress, now);
                let mut faults = Vec::new();
                self.broker.controller.publish(wakes, |step, wakes| {
                    faults.extend(self.publisher.publish(&self.broker, step, now, wakes));
                });
                for DirectoryFault { directory, fault } in faults {
                    self.directory_failed(&directory, fault, wakes);
                }
                if let Some(fault) = self.broker.controller.fault() {
                    self.fault.lock().get_or_insert(fault);
                }
            }
        }
    }

    /// Takes a directory out of use with everything in it. Without the metadata log, or without any directory, the
    /// node cannot go on.
    fn directory_failed(&self, directory: &Arc<Directory>, fault: LogFault, wakes: &mut Wakes) {
        if !directory.fail(fault.clone()) {
            return;
        }
        for partition in self.broker.partitions.all() {
            if Arc::ptr_eq(&partition.directory, directory) {
                partition.fail(wakes);
            }
        }
        if Arc::ptr_eq(directory, &self.broker.controller.directory()) {
            self.fault.lock().get_or_insert(NodeFault::MetadataLog(fault));
        } else if self.publisher.directories.iter().all(|directory| directory.is_offline()) {
            self.fault.lock().get_or_insert(NodeFault::AllDirectories(fault));
        }
    }

    /// True while slow disk work waits (flush of rolled segments, checkpoints, removal of deleted partitions).
    pub fn background_work(&self) -> bool {
        self.directories.iter().any(|directory| directory.writer.has_flush_work())
            || self.housekeeping.lock().has_job()
    }

    /// Does one piece of slow disk work; false when there was none. Wants a thread of its own.
    pub fn background_turn(&self, now: Now) -> bool {
        if self.flush_turn(now) {
            return true;
        }
        let mut wakes = Wakes::default();
        let Some(job) = self.housekeeping.lock().take() else { return false };
        if let Err((directory, fault)) = self.work_off(job, now) {
            self.directory_failed(&directory, fault, &mut wakes);
        }
        wakes.wake_all();
        self.note_next_chore();
        true
    }

    /// Finishes one rolled segment; false when none waits.
    fn flush_turn(&self, now: Now) -> bool {
        let Some(done) = self.directories.iter().find_map(|directory| directory.writer.flush_turn()) else {
            return false;
        };
        self.all_progressed(vec![done], now);
        true
    }

    fn work_off(&self, job: Job, now: Now) -> Result<(), (Arc<Directory>, LogFault)> {
        match job {
            Job::Checkpoint(which) => {
                let partitions = self.broker.partitions.all();
                for directory in &self.publisher.directories {
                    if !directory.is_offline() && directory.take_moved(which) {
                        checkpoints::write(directory, which, &partitions)
                            .map_err(|fault| (directory.clone(), fault))?;
                    }
                }
                Ok(())
            }
            Job::ExpireProducers => {
                let partitions = self.broker.partitions.all();
                partitions.iter().for_each(|partition| partition.remove_expired_producers(now.wall_ms));
                Ok(())
            }
            Job::RemoveDeleted => {
                while let Some(removed) = self.publisher.disposal.turn(now.mono) {
                    removed?;
                }
                Ok(())
            }
        }
    }

    /// Sleeping requests by partition and kind: appends and fetches (Kafka: purgatory sizes).
    pub fn waiting(&self) -> (usize, usize) {
        let each = self.broker.partitions.all().into_iter().map(|partition| partition.waiting());
        each.fold((0, 0), |sum, (appends, fetches)| (sum.0 + appends, sum.1 + fetches))
    }

    /// Set once the node cannot go on: the process must end, without [`Node::stop`]. Look after each turn.
    pub fn fault(&self) -> Option<NodeFault> {
        self.fault.lock().clone()
    }

    /// Stops in good order: controlled shutdown, logs closed, checkpoints, clean-shutdown markers; the locks go back when
    /// the node is dropped. The listeners are closed and no other call is running. Blocks on the disk.
    ///
    /// # Errors
    /// What kept a directory from being left clean; the others are.
    pub fn stop(&self, now: Now) -> Result<(), NodeFault> {
        let mut lifecycle = self.lifecycle.lock();
        while let Ok(heartbeat) = lifecycle.heartbeat(&self.broker.controller, true, now) {
            self.settle(now);
            if heartbeat.should_shut_down || self.fault().is_some() {
                break;
            }
        }
        self.settle(now);
        let partitions = self.broker.partitions.all();
        let mut wakes = Wakes::default();
        for directory in self.publisher.directories.iter().filter(|directory| !directory.is_offline()) {
            if let Err(fault) = checkpoints::close_logs(directory, &partitions) {
                self.directory_failed(directory, fault, &mut wakes);
            }
        }
        self.broker.controller.stop(now)?;
        for directory in self.directories.iter().filter(|directory| !directory.is_offline()) {
            let left = checkpoints::leave_clean(directory, &partitions, lifecycle.broker_epoch);
            if let Err(fault) = left {
                self.directory_failed(directory, fault, &mut wakes);
            }
        }
        wakes.wake_all();
        self.fault().map_or(Ok(()), Err)
    }

    /// Writes, commits and publishes until nothing is left to do.
    fn settle(&self, now: Now) {
        while (0..self.directories.len()).any(|dir| self.write_work(dir) || self.sync_work(dir)) {
            for dir in 0..self.directories.len() {
                self.write_turn(dir, now);
                self.sync_turn(dir, now);
            }
        }
        while self.flush_turn(now) {}
    }

    fn note_next_chore(&self) {
        let next = [
            self.lifecycle.lock().next_heartbeat,
            self.broker.controller.next_deadline(),
            self.housekeeping.lock().next_due(self.publisher.disposal.next_due()),
        ];
        let next = next.into_iter().min().unwrap_or(Mono::NEVER);
        self.next_chore.store(next.0, Ordering::Release);
    }
}

impl Drop for Node {
    /// Writes that nobody has carried out hold on to their partitions, and those to their directory and its lock.
    fn drop(&mut self) {
        for directory in &self.directories {
            let path = directory.path().into();
            directory.writer.fail(LogFault::Offline { path });
            directory.writer.turn();
            directory.writer.sync_turn();
            while directory.writer.flush_turn().is_some() {}
        }
    }
}
