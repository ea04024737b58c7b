//! What the API functions work with: the owners of this node's state, side by side.

use std::sync::Arc;

use klamm_base::ErrorCode;
use klamm_base::owned::{Mutex, RwLock};
use klamm_config::{Settings, TopicConfig};
use klamm_metadata::{MetadataImage, TopicRights};
use klamm_replica::fetch_session::FetchSessionCache;
use klamm_wire::{AllocateProducerIdsRequest, CreateTopicsRequest};

use crate::controller::ActiveController;
use crate::coordinators::GroupCoordinators;
use crate::gather::Wakes;
use crate::image::ImageCell;
use crate::loggers::Loggers;
use crate::news::{News, NewsDesk};
use crate::partitions::{Directory, Partitions};
use crate::producer_ids::ProducerIds;
use crate::random::SharedRng;
use crate::request::RequestContext;
use crate::request_memory::RequestMemory;
use crate::slow_lane::SlowLane;
use crate::timers::Timers;

/// The owners. Each has its own short lock; nobody holds two.
pub struct Broker {
    pub node_id: i32,
    pub cluster_id: String,
    pub image: ImageCell,
    pub partitions: Partitions,
    /// The log directories in use for partitions, in the order of `log.dirs`.
    pub directories: Vec<Arc<Directory>>,
    /// Some of the configured directories are not among them.
    pub some_unusable: bool,
    pub controller: ActiveController,
    pub group_coordinators: GroupCoordinators,
    pub fetch_sessions: Mutex<FetchSessionCache>,
    pub producer_ids: ProducerIds,
    pub request_memory: RequestMemory,
    pub slow_lane: SlowLane,
    /// `klamm.max.decompressed.batch.bytes`
    pub decompressed_max: u64,
    /// `klamm.max.response.bytes`
    pub response_max: usize,
    pub timers: Arc<Timers>,
    pub rng: SharedRng,
    pub news: NewsDesk,
    pub loggers: Arc<Loggers>,
    /// The node's settings with the dynamic layers of the image on top.
    pub settings: RwLock<Arc<Settings>>,
}

impl Broker {
    /// The settings of a topic as of an image.
    pub fn topic_config(&self, image: &MetadataImage, topic: &str) -> Arc<TopicConfig> {
        Arc::new(self.settings().topic_config(image.configs.topic(topic)))
    }

    /// The settings as of now.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().clone()
    }

    /// The controller that decides, -1 while there is none.
    pub fn active_controller_id(&self) -> i32 {
        if self.controller.is_active() { self.node_id } else { -1 }
    }

    /// Lets the coordinators follow the newest image, as the partitions have done.
    pub fn coordinate(&self, wakes: &mut Wakes) {
        self.group_coordinators.follow(&self.image, self.node_id, &self.partitions, wakes);
    }

    /// Creates topics without waiting for the commit, and whatever the controller says to it. The client asked for
    /// something else and finds the topic missing; why, the log says.
    pub fn create_topics_in_passing(&self, request: &CreateTopicsRequest, context: &RequestContext) {
        // Nobody reads what the topics have come to be.
        let rights = TopicRights { may_describe_configs: &|_| false, ..TopicRights::ALL };
        let decided = self
            .controller
            .decide(context.now, |controller, rng| controller.create_topics(&rights, request, rng));
        // Without a controller clients ask again.
        let Ok(decided) = decided else { return };
        for topic in decided.uncommitted().topics {
            let error = ErrorCode::from_code(topic.error_code);
            // Somebody was quicker.
            if !matches!(error, ErrorCode::None | ErrorCode::TopicAlreadyExists) {
                let (topic, message) = (topic.name, topic.error_message);
                self.news.add(News::TopicNotCreated { topic, error, message });
            }
        }
    }

    /// A producer id that nobody else was or will be given (invariant 25). Requests that find no id left ask for a
    /// block; those that come after them share it while it is on its way.
    ///
    /// # Errors
    /// The controller's refusal.
    pub async fn next_producer_id(&self, context: &RequestContext) -> Result<i64, ErrorCode> {
        let reserved = loop {
            if let Some(reserved) = self.producer_ids.take() {
                break reserved;
            }
            let request = AllocateProducerIdsRequest {
                broker_id: self.node_id,
                broker_epoch: self.producer_ids.broker_epoch(),
            };
            let decided = self
                .controller
                .decide(context.now, |controller, _| controller.allocate_producer_ids(&request));
            let (block, offset) = decided.map_err(|error| error.error)?.with_offset();
            self.producer_ids.add(block.producer_id_start, block.producer_id_len, offset);
        };
        self.controller.wait_for(reserved.offset).await;
        Ok(reserved.id)
    }
}
