//! One machine: a disk that can lose what was not synced, a clock that stands until it is moved, and a node or none.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use klamm_base::rng::{Rng, SeededRng, random_uuid};
use klamm_base::{Mono, Now, Uuid};
use klamm_config::Settings;
use klamm_log::disk::sim::SimDisk;
use klamm_log::{Disk, LogDir, MetaProperties, MetadataDir, SnapshotId};
use klamm_metadata::bootstrap::{Format, FormatQuorum};
use klamm_node::{Answer, Connection, ListenerRole, Node, NodeOptions, OneWorker, Principal, StartFault};

use crate::executor::{Executor, TaskId};

/// The node's data directory on the simulated disk.
pub const DIR: &str = "/data";
/// Port of the broker's listener, as clients are told.
pub const PORT: u16 = 9092;
/// Where the wall clock begins.
const WALL_MS: i64 = 1_700_000_000_000;

/// See the module.
pub struct World {
    pub disk: SimDisk,
    pub now: Now,
    pub rng: SeededRng,
    pub cluster_id: String,
    overrides: Vec<(String, String)>,
    node: Option<Arc<Node>>,
    executor: Executor<Answer>,
}

impl World {
    /// A formatted disk with nothing running. `overrides` are settings on top of those of `klamm dev`.
    pub fn new(seed: u64, overrides: &[(&str, &str)]) -> World {
        let mut rng = SeededRng::new(seed);
        let cluster_id = random_uuid(&mut rng).to_string();
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let world = World {
            disk: SimDisk::new(),
            now: Now { mono: Mono::ZERO, wall_ms: WALL_MS },
            cluster_id,
            overrides: overrides.iter().map(own).collect(),
            node: None,
            executor: Executor::default(),
            rng,
        };
        let directory_id = random_uuid(&mut world.rng.clone());
        world.format(directory_id);
        world
    }

    /// A disk that another world has left.
    pub fn on(disk: SimDisk, seed: u64, overrides: &[(&str, &str)], cluster_id: &str) -> World {
        let mut world = World {
            disk,
            now: Now { mono: Mono::ZERO, wall_ms: WALL_MS + 10_000_000 },
            cluster_id: cluster_id.to_owned(),
            overrides: Vec::new(),
            node: None,
            executor: Executor::default(),
            rng: SeededRng::new(seed),
        };
        world.set_overrides(overrides);
        world
    }

    /// A running node.
    pub fn started(seed: u64, overrides: &[(&str, &str)]) -> World {
        let mut world = World::new(seed, overrides);
        world.start().unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
        world
    }

    /// Other settings for the next start.
    pub fn set_overrides(&mut self, overrides: &[(&str, &str)]) {
        self.overrides =
            overrides.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    }

    pub fn settings(&self) -> Settings {
        Settings::dev(Path::new(DIR), PORT, PORT + 1, &self.overrides)
            .unwrap_or_else(|fault| panic!("the settings are refused: {fault:?}"))
    }

    fn format(&self, directory_id: Uuid) {
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let dir = LogDir::open(disk.clone(), DIR).expect("a new disk takes a directory");
        let meta = MetaProperties {
            version: 1,
            cluster_id: Some(self.cluster_id.clone()),
            node_id: Some(1),
            directory_id: Some(directory_id),
        };
        dir.write_meta_properties(&meta, self.now.wall_ms).expect("a new disk takes a file");
        let formatted =
            Format::latest(FormatQuorum::Static).check().expect("the newest release goes with itself");
        let metadata = MetadataDir::open(disk.clone(), Path::new(DIR)).expect("a new disk takes a directory");
        let id = SnapshotId { end_offset: 0, epoch: 0 };
        metadata
            .write_snapshot(id, &formatted.snapshot(self.now.wall_ms), 1)
            .expect("a new disk takes a file");
        disk.sync_dir(Path::new("/")).expect("a new disk syncs");
    }

    /// Starts the node on what the disk holds.
    pub fn start(&mut self) -> Result<(), StartFault> {
        assert!(self.node.is_none(), "a node runs already");
        let node = Node::open(NodeOptions {
            disk: Arc::new(self.disk.clone()),
            settings: self.settings(),
            rng: Box::new(SeededRng::new(self.rng.next_u64())),
            workers: Box::new(OneWorker),
            now: self.now,
        })?;
        self.node = Some(node);
        Ok(())
    }

    pub fn node(&self) -> &Arc<Node> {
        self.node.as_ref().expect("no node runs")
    }

    pub fn is_running(&self) -> bool {
        self.node.is_some()
    }

    /// SIGTERM.
    pub fn stop(&mut self) {
        self.run();
        self.executor.clear();
        let node = self.node.take().expect("no node runs");
        node.stop(self.now).unwrap_or_else(|fault| panic!("the stop failed: {fault}"));
    }

    /// kill -9: whatever was written stays.
    pub fn kill(&mut self) {
        self.executor.clear();
        // The disk first: what the dropped node might still do must not reach it.
        self.disk.kill();
        self.node = None;
    }

    /// Pulls the plug: unsynced data survives as the seed decides.
    pub fn power_cut(&mut self) {
        self.executor.clear();
        let seed = self.rng.next_u64();
        self.disk.power_cut(seed);
        self.node = None;
    }

    /// A client's connection to the broker's listener.
    pub fn connect(&self) -> Arc<Connection> {
        self.connect_to("PLAINTEXT", ListenerRole::Broker)
    }

    pub fn connect_to(&self, listener: &str, role: ListenerRole) -> Arc<Connection> {
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Arc::new(Connection::new(Principal::anonymous(), listener.into(), role, address))
    }

    /// Hands a frame in; the future is polled once.
    pub fn send(&mut self, connection: &Arc<Connection>, frame: Bytes) -> TaskId {
        let future = self.node().handle(connection, frame, self.now);
        self.executor.spawn(future)
    }

    /// The answer of a request, if it has one by now.
    pub fn answer(&mut self, task: TaskId) -> Option<Answer> {
        self.executor.take(task)
    }

    pub fn is_waiting(&self, task: TaskId) -> bool {
        self.executor.is_waiting(task)
    }

    /// The client of a request goes away.
    pub fn give_up(&mut self, task: TaskId) {
        self.executor.drop_task(task);
    }

    /// Lets everything happen that can happen without time: writes, commits, wake-ups.
    pub fn run(&mut self) {
        loop {
            let wrote = self.write();
            let polled = self.executor.turn();
            if !wrote && !polled {
                return;
            }
        }
    }

    /// One turn of every writer that has work, then the syncs that were asked for; false when there was nothing.
    pub fn write(&mut self) -> bool {
        let node = self.node().clone();
        let mut wrote = false;
        for dir in 0..node.directories() {
            wrote |= node.write_work(dir) && node.write_turn(dir, self.now);
            wrote |= node.sync_work(dir) && node.sync_turn(dir, self.now);
        }
        wrote |= node.slow_work() && node.slow_turn();
        wrote
    }

    /// Slow work: flushes, checkpoints, removals.
    pub fn background(&mut self) {
        while self.node().background_work() && self.node().background_turn(self.now) {}
    }

    /// Moves the clock, stopping at each deadline on the way.
    pub fn advance(&mut self, ms: i64) {
        let end = self.now.mono.plus_ms(ms);
        loop {
            let next = self.node().next_deadline().min(end).max(self.now.mono);
            self.now.wall_ms += next.ms_since(self.now.mono);
            self.now.mono = next;
            let node = self.node().clone();
            node.advance(self.now);
            self.run();
            if next >= end {
                return;
            }
        }
    }
}
