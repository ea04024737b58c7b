//! Finalized levels of features go up and down. Kafka: `FeatureControlManager.updateFeatures`,
//! `ConfigurationControlManager.updateFeatures`, KIP-584, KIP-778, KIP-1022.
//!
//! All or nothing: the first update that is refused refuses the request. kraft.version has no record
//! of its own here: the quorum writes it into the log, and this decision says that it must.

use std::collections::BTreeMap;

use klamm_base::{ErrorCode, java_string_hash};
use klamm_wire::UpdateFeaturesRequest;

use super::decision::{ApiError, Decision};
use super::view::View;
use crate::MetadataVersion;
use crate::feature::{self, ELIGIBLE_LEADER_REPLICAS_VERSION, Feature, KRAFT_VERSION};
use crate::image::ConfigResource;
use crate::record::VersionedRecord;
use crate::records::{ConfigRecord, FeatureLevelRecord, NoOpRecord};

const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

/// What the decision needs besides the image.
pub(super) struct Features {
    pub node_id: i32,
    /// Finalized by the quorum's control records.
    pub kraft_version: i16,
    /// `min.insync.replicas` of the static configuration.
    pub min_insync_replicas: i32,
}

/// What becomes of a request that is accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeaturesUpdated {
    /// The quorum has to write this kraft.version into the log, before the records of the decision.
    pub kraft_version: Option<i16>,
}

/// What an update may do (Kafka: `FeatureUpdate.UpgradeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    /// Down, if nothing is lost by it.
    Down,
    /// Down in any case.
    UnsafeDown,
}

impl Direction {
    fn from_code(code: i8) -> Option<Direction> {
        match code {
            1 => Some(Direction::Up),
            2 => Some(Direction::Down),
            3 => Some(Direction::UnsafeDown),
            _ => None,
        }
    }
}

/// One feature to a new level.
struct Update<'a> {
    name: &'a str,
    level: i16,
    direction: Option<Direction>,
}

/// `Err` refuses the whole request, with the text of the first refused update.
pub(super) fn decide(
    view: &View<'_>,
    features: &Features,
    request: &UpdateFeaturesRequest,
) -> Result<Decision<FeaturesUpdated>, ApiError> {
    let updates = updates(request);
    let (mut records, response) = apply(view, features, &updates).map_err(|refused| {
        let why = refused.message.unwrap_or_default();
        let message =
            format!("The update failed for all features since the following feature had an error: {why}");
        ApiError::new(refused.error, message)
    })?;
    if request.validate_only {
        return Ok(Decision::answer(FeaturesUpdated::default()));
    }
    let elr = |update: &Update<'_>| update.name == ELIGIBLE_LEADER_REPLICAS_VERSION.name && update.level > 0;
    if updates.iter().any(elr) {
        records.splice(0..0, min_insync_replicas(view, features.min_insync_replicas));
    }
    Ok(Decision::atomic(records, response))
}

/// The records of all updates, or why the first of them that is refused is.
fn apply(
    view: &View<'_>,
    features: &Features,
    updates: &[Update<'_>],
) -> Result<(Vec<VersionedRecord>, FeaturesUpdated), ApiError> {
    let proposed = proposed_metadata_version(view, updates);
    let mut records = Vec::new();
    let mut response = FeaturesUpdated::default();
    for update in updates {
        update.check(view, features)?;
        match update.name {
            MetadataVersion::FEATURE_NAME => records.push(update.metadata_version(view)?),
            name if name == KRAFT_VERSION.name => {
                let current = features.kraft_version;
                if update.kraft_version(current)? {
                    response.kraft_version = (update.level != current).then_some(update.level);
                    // An offset to wait for, even if nothing changes.
                    records.push(VersionedRecord::new(NoOpRecord {}, 0));
                }
            }
            _ => records.push(update.feature(proposed)?),
        }
    }
    Ok((records, response))
}

/// Each feature once, the last mention counts; in the order of Kafka's hash map, which decides what
/// the client hears if several updates are refused.
fn updates(request: &UpdateFeaturesRequest) -> Vec<Update<'_>> {
    let mut updates: Vec<Update<'_>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for asked in &request.feature_updates {
        let direction = Direction::from_code(asked.upgrade_type);
        let update = Update { name: &asked.feature, level: asked.max_version_level, direction };
        match places.get(update.name) {
            Some(&at) => updates[at] = update,
            None => {
                places.insert(update.name, updates.len());
                updates.push(update);
            }
        }
    }
    // A table three quarters full is doubled; sixteen places is the smallest.
    let mut places = 16;
    while updates.len() * 4 > places * 3 {
        places *= 2;
    }
    updates.sort_by_key(|update| {
        let hash = java_string_hash(update.name) as u32;
        (hash ^ (hash >> 16)) as usize & (places - 1)
    });
    updates
}

/// The level the other features have to live with. One that does not exist is refused in its turn.
fn proposed_metadata_version(view: &View<'_>, updates: &[Update<'_>]) -> MetadataVersion {
    let asked = updates.iter().find(|update| update.name == MetadataVersion::FEATURE_NAME);
    let known = |update: &Update<'_>| MetadataVersion::from_level(update.level);
    asked.map_or(view.metadata_version(), |update| known(update).unwrap_or(MetadataVersion::LATEST))
}

impl Update<'_> {
    fn refused(&self, why: &str) -> ApiError {
        let Update { name, level, .. } = self;
        let message = format!("Invalid update version {level} for feature {name}. {why}");
        ApiError::new(ErrorCode::InvalidUpdateVersion, message)
    }

    fn current_level(&self, view: &View<'_>, features: &Features) -> i16 {
        match self.name {
            MetadataVersion::FEATURE_NAME => view.metadata_version().level(),
            name if name == KRAFT_VERSION.name => features.kraft_version,
            name => view.image.features.level(name),
        }
    }

    /// What holds for every feature.
    fn check(&self, view: &View<'_>, features: &Features) -> Result<(), ApiError> {
        let Some(direction) = self.direction else {
            return Err(self.refused("The controller does not support the given upgrade type."));
        };
        if self.level < 0 {
            return Err(self.refused("A feature version cannot be less than 0."));
        }
        self.check_support(view, features.node_id)?;
        let current = self.current_level(view, features);
        if self.level < current && direction == Direction::Up {
            return Err(self.refused(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
            ));
        }
        if self.level > current && direction != Direction::Up {
            return Err(self.refused("Can't downgrade to a newer version."));
        }
        Ok(())
    }

    /// This controller, every broker and every other controller must be able to live with the level.
    fn check_support(&self, view: &View<'_>, node_id: i32) -> Result<(), ApiError> {
        let own = feature::supported_features().get(self.name).copied();
        self.check_range(&format!("Local controller {node_id}"), own)?;
        for broker in view.image.cluster.brokers() {
            let range = broker.supported_features.get(self.name).copied();
            self.check_range(&format!("Broker {}", broker.id), range)?;
        }
        if !view.metadata_version().is_controller_registration_supported() {
            return Ok(());
        }
        let others = view.image.cluster.controllers().filter(|controller| controller.id != node_id);
        for controller in others {
            let range = controller.supported_features.get(self.name).copied();
            self.check_range(&format!("Controller {}", controller.id), range)?;
        }
        Ok(())
    }

    fn check_range(&self, who: &str, range: Option<(i16, i16)>) -> Result<(), ApiError> {
        match range.unwrap_or((0, 0)) {
            (min, max) if (min..=max).contains(&self.level) => Ok(()),
            (_, 0) => Err(self.refused(&format!("{who} does not support this feature."))),
            (min, max) if min == max => Err(self.refused(&format!("{who} only supports versions {min}"))),
            (min, max) => Err(self.refused(&format!("{who} only supports versions {min}-{max}"))),
        }
    }

    fn metadata_version(&self, view: &View<'_>) -> Result<VersionedRecord, ApiError> {
        let current = view.metadata_version();
        let new = MetadataVersion::from_level(self.level).expect("the range of levels is checked before");
        if new < current && new.metadata_changed_between(current) {
            let why = match self.direction {
                Some(Direction::UnsafeDown) => "Unsafe metadata downgrade is not supported in this version.",
                _ => {
                    "Refusing to perform the requested downgrade because it might delete metadata information."
                }
            };
            let (from, to) = (current.level(), new.level());
            let message = format!("Unsupported metadata.version downgrade from {from} to {to}. {why}");
            return Err(ApiError::new(ErrorCode::InvalidUpdateVersion, message));
        }
        Ok(self.record())
    }

    /// Whether the quorum has something to do: going down it never does.
    fn kraft_version(&self, current: i16) -> Result<bool, ApiError> {
        if self.direction == Some(Direction::Up) {
            return Ok(true);
        }
        match self.level == current {
            true => Ok(false),
            false => Err(self.refused("Can't downgrade the version of this feature.")),
        }
    }

    fn feature(&self, metadata_version: MetadataVersion) -> Result<VersionedRecord, ApiError> {
        let Some(feature) = Feature::by_name(self.name) else {
            // Level 0 of what nobody knows is in everybody's range.
            return Err(self.refused(&format!("Feature {} not found.", self.name)));
        };
        match feature.check_level(self.level, metadata_version) {
            Ok(()) => Ok(self.record()),
            Err(fault) => Err(self.refused(&fault.to_string())),
        }
    }

    fn record(&self) -> VersionedRecord {
        let (name, feature_level) = (self.name.to_owned(), self.level);
        VersionedRecord::new(FeatureLevelRecord { name, feature_level }, 0)
    }
}

/// With ELR on, how large an ISR has to be is the cluster's business: the value of the files moves
/// into the log, and what single brokers have set is removed.
fn min_insync_replicas(view: &View<'_>, of_files: i32) -> Vec<VersionedRecord> {
    let configs = &view.image.configs;
    let is_set = |resource: &ConfigResource| configs.get(resource).contains_key(MIN_INSYNC_REPLICAS);
    let mut values: BTreeMap<ConfigResource, Option<String>> = configs
        .iter()
        .map(|(resource, _)| resource)
        .filter(|resource| resource.is_single_broker() && is_set(resource))
        .map(|resource| (resource.clone(), None))
        .collect();
    if !is_set(&ConfigResource::cluster()) {
        values.insert(ConfigResource::cluster(), Some(of_files.to_string()));
    }
    let record = |(resource, value): (ConfigResource, Option<String>)| {
        let record = ConfigRecord {
            resource_type: resource.resource_type.id(),
            resource_name: resource.name,
            name: MIN_INSYNC_REPLICAS.to_owned(),
            value,
        };
        VersionedRecord::new(record, 0)
    };
    values.into_iter().map(record).collect()
}
