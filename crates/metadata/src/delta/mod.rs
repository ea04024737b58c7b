//! From one image to the next: records are applied one by one, and what they touched is noted.
//! Kafka: `MetadataDelta`, `MetadataBatchLoader`.

mod changes;
mod history;

pub use changes::{Changes, TopicChange};
pub use history::{ImageHistory, LogBatch, Published};

use crate::MetadataRecord;
use crate::image::MetadataImage;
use crate::replay_fault::ReplayFault;

/// Applies `record` to `image`. Transactions are not its business: see [`ImageHistory`].
pub(crate) fn replay(
    image: &mut MetadataImage,
    changes: &mut Changes,
    record: &MetadataRecord,
) -> Result<(), ReplayFault> {
    use MetadataRecord as R;
    match record {
        R::Topic(_) | R::Partition(_) | R::PartitionChange(_) | R::RemoveTopic(_) | R::ClearElr(_) => {
            replay_topics(image, changes, record)
        }
        R::RegisterBroker(_)
        | R::UnregisterBroker(_)
        | R::BrokerRegistrationChange(_)
        | R::FenceBroker(_)
        | R::UnfenceBroker(_)
        | R::RegisterController(_)
        | R::UnregisterController(_) => replay_cluster(image, changes, record),
        R::Config(record) => {
            changes.configs.insert(image.configs.replay(record));
            Ok(())
        }
        R::FeatureLevel(record) => {
            changes.features = true;
            image.features.replay(record)
        }
        R::ProducerIds(record) => {
            changes.producer_ids = true;
            image.producer_ids.replay(record)
        }
        R::AccessControlEntry(_)
        | R::RemoveAccessControlEntry(_)
        | R::UserScramCredential(_)
        | R::RemoveUserScramCredential(_)
        | R::ClientQuota(_)
        | R::DelegationToken(_)
        | R::RemoveDelegationToken(_) => replay_kept(image, changes, record),
        // The migration state is history: it says that there once was a ZooKeeper.
        R::NoOp(_) | R::ZkMigrationState(_) => Ok(()),
        R::BeginTransaction(_) | R::EndTransaction(_) | R::AbortTransaction(_) => {
            unreachable!("transaction records are handled where batches are")
        }
    }
}

fn replay_topics(
    image: &mut MetadataImage,
    changes: &mut Changes,
    record: &MetadataRecord,
) -> Result<(), ReplayFault> {
    let topics = &mut image.topics;
    match record {
        MetadataRecord::Topic(record) => {
            changes.topic(record.topic_id);
            topics.replay_topic(record)
        }
        MetadataRecord::Partition(record) => {
            changes.partition(record.topic_id, record.partition_id);
            topics.replay_partition(record)
        }
        MetadataRecord::PartitionChange(record) => {
            changes.partition(record.topic_id, record.partition_id);
            topics.replay_partition_change(record)
        }
        MetadataRecord::RemoveTopic(record) => {
            let removed = topics.replay_remove(record)?;
            changes.topic(record.topic_id);
            changes.configs.insert(crate::image::ConfigResource::topic(&*removed.name));
            image.configs.remove_topic(&removed.name);
            Ok(())
        }
        MetadataRecord::ClearElr(record) => {
            for (topic_id, partition) in topics.replay_clear_elr(record)? {
                changes.partition(topic_id, partition);
            }
            Ok(())
        }
        _ => unreachable!("{record:?} is no topic record"),
    }
}

fn replay_cluster(
    image: &mut MetadataImage,
    changes: &mut Changes,
    record: &MetadataRecord,
) -> Result<(), ReplayFault> {
    let cluster = &mut image.cluster;
    match record {
        MetadataRecord::RegisterBroker(record) => {
            changes.brokers.insert(record.broker_id);
            cluster.replay_register_broker(record);
            Ok(())
        }
        MetadataRecord::UnregisterBroker(record) => {
            changes.brokers.insert(record.broker_id);
            cluster.replay_unregister_broker(record)
        }
        MetadataRecord::BrokerRegistrationChange(record) => {
            changes.brokers.insert(record.broker_id);
            cluster.replay_change(record)
        }
        MetadataRecord::FenceBroker(record) => {
            changes.brokers.insert(record.id);
            cluster.replay_fencing(record.id, record.epoch, true)
        }
        MetadataRecord::UnfenceBroker(record) => {
            changes.brokers.insert(record.id);
            cluster.replay_fencing(record.id, record.epoch, false)
        }
        MetadataRecord::RegisterController(record) => {
            changes.controllers.insert(record.controller_id);
            cluster.replay_register_controller(record);
            Ok(())
        }
        MetadataRecord::UnregisterController(record) => {
            changes.controllers.insert(record.controller_id);
            cluster.replay_unregister_controller(record)
        }
        _ => unreachable!("{record:?} is no cluster record"),
    }
}

fn replay_kept(
    image: &mut MetadataImage,
    changes: &mut Changes,
    record: &MetadataRecord,
) -> Result<(), ReplayFault> {
    match record {
        MetadataRecord::AccessControlEntry(record) => image.acls.replay(record),
        MetadataRecord::RemoveAccessControlEntry(record) => image.acls.replay_remove(record)?,
        MetadataRecord::UserScramCredential(record) => image.scram.replay(record),
        MetadataRecord::RemoveUserScramCredential(record) => image.scram.replay_remove(record),
        MetadataRecord::ClientQuota(record) => image.client_quotas.replay(record),
        MetadataRecord::DelegationToken(record) => image.delegation_tokens.replay(record),
        MetadataRecord::RemoveDelegationToken(record) => image.delegation_tokens.replay_remove(record),
        _ => unreachable!("{record:?} is not among the kept records"),
    }
    changes.kept = true;
    Ok(())
}
