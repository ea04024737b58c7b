//! From directories to a broker that serves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use klamm_base::Now;
use klamm_base::owned::{Mutex, RwLock};
use klamm_base::rng::random_uuid;
use klamm_config::Settings;
use klamm_metadata::ApiError;
use klamm_replica::fetch_session::FetchSessionCache;

use super::{Node, NodeOptions};
use crate::boot::directories::{self, Directories, Unusable};
use crate::boot::{self, markers, partitions};
use crate::broker::Broker;
use crate::controller::ActiveController;
use crate::controller::metadata_log::metadata_partition;
use crate::coordinators::GroupCoordinators;
use crate::disposal::Disposal;
use crate::fault::{NodeFault, StartFault};
use crate::gather::Wakes;
use crate::housekeeping::Housekeeping;
use crate::image::ImageCell;
use crate::lifecycle::{Lifecycle, Wish};
use crate::news::{News, NewsDesk};
use crate::partitions::Partitions;
use crate::producer_ids::ProducerIds;
use crate::publisher::Publisher;
use crate::random::SharedRng;
use crate::replicas::DirectoryFault;
use crate::request_memory::RequestMemory;
use crate::slow_lane::SlowLane;
use crate::timers::Timers;
use crate::workers::Workers;

impl Node {
    /// Starts a node, in the order that `boot` tells. Blocks on the disk until the node can serve; the listeners are
    /// opened after it.
    ///
    /// # Errors
    /// [`StartFault`]; all locks are given back.
    pub fn open(options: NodeOptions) -> Result<Arc<Node>, StartFault> {
        let NodeOptions { disk, settings, rng, workers, now } = options;
        let settings = Arc::new(settings);
        let mut rng = SharedRng::new(rng);
        let directories = directories::open(&disk, &settings, &mut rng, now)?;
        let (mut loaded, start) = boot::load_metadata(&directories, &settings, now)?;
        let cut = loaded.cut.take();
        let controller = ActiveController::new(loaded, rng.clone(), now);
        let node = Node::assemble(&directories, settings, controller, rng, now);
        if let Some(truncation) = cut {
            let dir = directories.metadata.path().to_owned();
            node.broker.news.add(News::Cut { dir, partition: metadata_partition(), truncation });
        }
        let elected = node.broker.controller.start(start, now);
        elected.map_err(|fault| boot::metadata_fault(&directories.metadata, fault))?;
        node.settle(now);
        node.enter_cluster(&directories, &*workers, now)?;
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
            partitions: Partitions::new(settings.limits.producer_ids),
            directories: directories.data().to_vec(),
            some_unusable: !directories.unusable.is_empty(),
            controller,
            group_coordinators: GroupCoordinators::default(),
            fetch_sessions: Mutex::new(FetchSessionCache::new(
                settings.fetch.session_cache_slots.max(0) as usize,
                settings.limits.fetch_session_partitions,
            )),
            producer_ids: ProducerIds::default(),
            slow_lane: SlowLane::default(),
            decompressed_max: settings.limits.decompressed_batch,
            request_memory: RequestMemory::new(
                settings.limits.decoded_requests,
                settings.limits.decoded_request,
            ),
            response_max: settings.limits.response,
            timers: Timers::new(),
            rng,
            news: NewsDesk::default(),
            loggers: Arc::default(),
            settings: RwLock::new(settings.clone()),
        };
        for Unusable { dir, fault } in &directories.unusable {
            broker.news.add(News::DirectoryOffline { dir: dir.clone(), fault: fault.clone() });
        }
        Node {
            broker: Arc::new(broker),
            directories: directories.all.clone(),
            lifecycle: Mutex::new(Lifecycle::new(&settings, incarnation_id)),
            housekeeping: Mutex::new(Housekeeping::new(&settings, now.mono)),
            publisher: Publisher {
                static_settings: settings,
                disposal: Disposal::default(),
                is_serving: AtomicBool::new(false),
            },
            next_chore: AtomicU64::new(0),
            must_tell: AtomicBool::new(false),
            must_repeat: AtomicBool::new(false),
            repeat_is_due: AtomicBool::new(false),
            fault: Mutex::new(None),
        }
    }

    /// From the elected controller to the unfenced broker, with every partition open and led.
    fn enter_cluster(
        &self,
        directories: &Directories,
        workers: &dyn Workers,
        now: Now,
    ) -> Result<(), StartFault> {
        let broker = &self.broker;
        let registered = broker.image.get().cluster.broker(broker.node_id).map(|broker| broker.epoch);
        let markers = markers::take(directories, registered)?;
        self.register(directories, markers.previous_broker_epoch, now)?;
        let mut wakes = Wakes::default();
        let failed = partitions::open(directories, &markers, broker, &self.publisher.disposal, workers, now)?;
        let some_failed = !failed.is_empty();
        for DirectoryFault { directory, fault } in failed {
            self.directory_failed(&directory, fault, &mut wakes);
        }
        let heartbeat = |wish| {
            let mut lifecycle = self.lifecycle.lock();
            let answer = lifecycle.heartbeat(broker, wish, now);
            answer.map_err(|error| self.refused(directories, error))
        };
        if some_failed {
            // Before leaders are chosen, the controller must know what cannot lead.
            heartbeat(Wish::StayFenced)?;
            self.settle(now);
        }
        // This heartbeat unfences, since all is caught up.
        let unfenced = heartbeat(Wish::Work)?;
        assert!(unfenced.is_caught_up, "a broker that has read its own registration is behind");
        self.settle(now);
        let aftermath = self.publisher.publish_all(broker, now, &mut wakes);
        self.deal_with(aftermath, now, &mut wakes);
        wakes.wake_all();
        self.settle(now);
        match self.fault() {
            Some(fault) => Err(stopped(directories, fault)),
            None => {
                self.note_next_chore();
                Ok(())
            }
        }
    }

    fn register(&self, directories: &Directories, previous_epoch: i64, now: Now) -> Result<(), StartFault> {
        let (broker, settings) = (&self.broker, &self.publisher.static_settings);
        let refused = |error| self.refused(directories, error);
        let mut lifecycle = self.lifecycle.lock();
        lifecycle.register_controller(&broker.controller, settings, now).map_err(refused)?;
        lifecycle
            .register(
                &broker.controller,
                settings,
                &directories.cluster_id,
                &broker.directories,
                previous_epoch,
                now,
            )
            .map_err(refused)?;
        broker.producer_ids.set_broker_epoch(lifecycle.broker_epoch);
        drop(lifecycle);
        self.settle(now);
        Ok(())
    }

    /// A refusal by a controller whose disk has failed says less than the disk.
    fn refused(&self, directories: &Directories, error: ApiError) -> StartFault {
        match self.fault() {
            Some(fault) => stopped(directories, fault),
            None => StartFault::Registration { error: error.error, message: error.message },
        }
    }
}

/// A node that failed before it served.
fn stopped(directories: &Directories, fault: NodeFault) -> StartFault {
    let dir = directories.metadata.path().to_owned();
    match fault {
        NodeFault::MetadataLog(fault) | NodeFault::AllDirectories(fault) => {
            StartFault::Unreadable { dir, fault }
        }
        NodeFault::Metadata(fault) => StartFault::Stopped { dir, fault },
    }
}
