//! The records of a broker being fenced, unfenced, shut down, found dead or forgotten. Kafka: the `handleBroker*`
//! methods of `ReplicationControlManager`.

use klamm_base::Uuid;

use super::leadership::{self, BrokerChange};
use super::view::View;
use crate::image::BrokerRegistration;
use crate::record::VersionedRecord;
use crate::records::{BrokerRegistrationChangeRecord, UnregisterBrokerRecord};

/// First everything it leads or is in sync with, then the broker itself.
pub(super) fn fence(view: &View<'_>, broker: &BrokerRegistration) -> Vec<VersionedRecord> {
    let mut records = Vec::new();
    leave_isrs(view, broker.id, &mut records);
    let change = BrokerRegistrationChangeRecord { fenced: 1, ..of(broker) };
    records.push(VersionedRecord::new(change, 0));
    records
}

/// First everything it is in sync with or eligible for, then the broker itself. Its replicas stay
/// assigned to it.
pub(super) fn unregister(view: &View<'_>, broker: &BrokerRegistration) -> Vec<VersionedRecord> {
    let mut records = Vec::new();
    leave_isrs(view, broker.id, &mut records);
    let in_elr = |partition: &crate::image::PartitionRegistration| partition.elr.contains(&broker.id);
    leadership::update(view, BrokerChange::Leaves(broker.id), in_elr, &mut records);
    let record = UnregisterBrokerRecord { broker_id: broker.id, broker_epoch: broker.epoch };
    records.push(VersionedRecord::new(record, 0));
    records
}

/// First the broker itself, then the partitions that waited for a leader.
pub(super) fn unfence(view: &View<'_>, broker: &BrokerRegistration) -> Vec<VersionedRecord> {
    let change = BrokerRegistrationChangeRecord { fenced: -1, ..of(broker) };
    let mut records = vec![VersionedRecord::new(change, 0)];
    let leaderless = |partition: &crate::image::PartitionRegistration| !partition.has_leader();
    leadership::update(view, BrokerChange::Comes(broker.id), leaderless, &mut records);
    records
}

/// The broker hands its partitions over and stays until the others have noticed.
pub(super) fn enter_controlled_shutdown(
    view: &View<'_>,
    broker: &BrokerRegistration,
) -> Vec<VersionedRecord> {
    let mut records = Vec::new();
    if !broker.in_controlled_shutdown {
        let change = BrokerRegistrationChangeRecord { in_controlled_shutdown: 1, ..of(broker) };
        records.push(VersionedRecord::new(change, 1));
    }
    leave_isrs(view, broker.id, &mut records);
    records
}

/// A new incarnation of `broker` registers: what the old one left behind. After a clean shutdown
/// that is as good as nothing; after a crash the broker may have lost records that it acknowledged,
/// and with ELR on nothing may rely on it any more (KIP-966).
pub(super) fn clean_up_incarnation(view: &View<'_>, broker: i32, clean: bool) -> Vec<VersionedRecord> {
    let mut records = Vec::new();
    if clean || !view.options().elr_enabled {
        leave_isrs(view, broker, &mut records);
        return records;
    }
    let lost = BrokerChange::LostUnsynced(broker);
    leadership::update(view, lost, |partition| partition.isr.contains(&broker), &mut records);
    leadership::update(view, lost, |partition| partition.elr.contains(&broker), &mut records);
    records
}

/// Log directories that failed: their partitions lose this replica, the rest of the broker goes on.
pub(super) fn directories_offline(
    view: &View<'_>,
    broker: &BrokerRegistration,
    offline: &[Uuid],
) -> Vec<VersionedRecord> {
    let (newly_offline, online): (Vec<Uuid>, Vec<Uuid>) =
        broker.directories.iter().partition(|directory| offline.contains(directory));
    let mut records = Vec::new();
    for directory in &newly_offline {
        let on_it = |partition: &crate::image::PartitionRegistration| {
            partition.directory(broker.id) == Some(*directory)
        };
        leadership::update(view, BrokerChange::Leaves(broker.id), on_it, &mut records);
    }
    if !newly_offline.is_empty() {
        let change = BrokerRegistrationChangeRecord { log_dirs: online, ..of(broker) };
        records.push(VersionedRecord::new(change, 2));
    }
    records
}

/// The directories that take no new replicas; a broker that has not told yet sends `None`.
pub(super) fn directories_cordoned(
    broker: &BrokerRegistration,
    cordoned: Option<&[Uuid]>,
) -> Option<VersionedRecord> {
    let cordoned = cordoned?;
    let same = broker.cordoned_directories.as_deref().is_some_and(|known| {
        known.iter().all(|directory| cordoned.contains(directory))
            && cordoned.iter().all(|directory| known.contains(directory))
    });
    let change = BrokerRegistrationChangeRecord { cordoned_log_dirs: Some(cordoned.to_vec()), ..of(broker) };
    (!same).then(|| VersionedRecord::new(change, 3))
}

fn leave_isrs(view: &View<'_>, broker: i32, records: &mut Vec<VersionedRecord>) {
    let in_isr = |partition: &crate::image::PartitionRegistration| partition.isr.contains(&broker);
    leadership::update(view, BrokerChange::Leaves(broker), in_isr, records);
}

fn of(broker: &BrokerRegistration) -> BrokerRegistrationChangeRecord {
    BrokerRegistrationChangeRecord {
        broker_id: broker.id,
        broker_epoch: broker.epoch,
        ..BrokerRegistrationChangeRecord::default()
    }
}
