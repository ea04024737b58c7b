//! One registered broker. Kafka: `BrokerRegistration`.

use std::collections::BTreeMap;

use klamm_base::Uuid;

use crate::RecordOptions;
use crate::directory_id;
use crate::record::VersionedRecord;
use crate::records::{BrokerEndpoint, BrokerFeature, BrokerRegistrationChangeRecord, RegisterBrokerRecord};
use crate::replay_fault::ReplayFault;

/// Where one listener is reached, and how: the security protocol's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerRegistration {
    pub id: i32,
    /// Offset of the record that registered this incarnation.
    pub epoch: i64,
    pub incarnation_id: Uuid,
    /// By listener name.
    pub listeners: BTreeMap<String, Endpoint>,
    /// Inclusive range of levels by feature name.
    pub supported_features: BTreeMap<String, (i16, i16)>,
    pub rack: Option<String>,
    pub fenced: bool,
    pub in_controlled_shutdown: bool,
    pub is_migrating_zk_broker: bool,
    /// Log directories that are online; empty if the broker never told.
    pub directories: Vec<Uuid>,
    /// Directories that take no new replicas (KIP-1066); `None` until the broker told.
    pub cordoned_directories: Option<Vec<Uuid>>,
}

impl BrokerRegistration {
    pub fn from_record(record: &RegisterBrokerRecord) -> BrokerRegistration {
        let endpoint = |e: &BrokerEndpoint| Endpoint {
            host: e.host.clone(),
            port: e.port,
            security_protocol: e.security_protocol,
        };
        BrokerRegistration {
            id: record.broker_id,
            epoch: record.broker_epoch,
            incarnation_id: record.incarnation_id,
            listeners: record.end_points.iter().map(|e| (e.name.clone(), endpoint(e))).collect(),
            supported_features: record
                .features
                .iter()
                .map(|f| (f.name.clone(), (f.min_supported_version, f.max_supported_version)))
                .collect(),
            rack: record.rack.clone(),
            fenced: record.fenced,
            in_controlled_shutdown: record.in_controlled_shutdown,
            is_migrating_zk_broker: record.is_migrating_zk_broker,
            directories: sorted(&record.log_dirs),
            cordoned_directories: record.cordoned_log_dirs.clone(),
        }
    }

    pub fn to_record(&self, options: &RecordOptions) -> VersionedRecord {
        let mv = options.metadata_version;
        let record = RegisterBrokerRecord {
            broker_id: self.id,
            is_migrating_zk_broker: self.is_migrating_zk_broker && mv.is_migration_supported(),
            incarnation_id: self.incarnation_id,
            broker_epoch: self.epoch,
            end_points: self
                .listeners
                .iter()
                .map(|(name, e)| BrokerEndpoint {
                    name: name.clone(),
                    host: e.host.clone(),
                    port: e.port,
                    security_protocol: e.security_protocol,
                })
                .collect(),
            features: self
                .supported_features
                .iter()
                .map(|(name, &(min_supported_version, max_supported_version))| BrokerFeature {
                    name: name.clone(),
                    min_supported_version,
                    max_supported_version,
                })
                .collect(),
            rack: self.rack.clone(),
            fenced: self.fenced,
            in_controlled_shutdown: self.in_controlled_shutdown,
            log_dirs: match mv.is_directory_assignment_supported() {
                true => self.directories.clone(),
                false => Vec::new(),
            },
            cordoned_log_dirs: self
                .cordoned_directories
                .clone()
                .filter(|_| mv.is_cordoned_log_dirs_supported()),
        };
        VersionedRecord::new(record, mv.register_broker_record_version())
    }

    /// The registration after `change`.
    pub fn merge(&self, change: &BrokerRegistrationChangeRecord) -> Result<BrokerRegistration, ReplayFault> {
        let fenced = match change.fenced {
            -1 => false,
            0 => self.fenced,
            1 => true,
            value => return Err(ReplayFault::FieldValue { field: "fenced", value: i64::from(value) }),
        };
        let in_controlled_shutdown = match change.in_controlled_shutdown {
            0 => self.in_controlled_shutdown,
            1 => true,
            value => {
                return Err(ReplayFault::FieldValue {
                    field: "inControlledShutdown",
                    value: i64::from(value),
                });
            }
        };
        let directories = match change.log_dirs.is_empty() {
            true => self.directories.clone(),
            false => sorted(&change.log_dirs),
        };
        Ok(BrokerRegistration {
            fenced,
            in_controlled_shutdown,
            directories,
            cordoned_directories: change
                .cordoned_log_dirs
                .clone()
                .or_else(|| self.cordoned_directories.clone()),
            ..self.clone()
        })
    }

    /// Neither fenced nor on its way out: may lead, may be in an ISR.
    pub fn is_active(&self) -> bool {
        !self.fenced && !self.in_controlled_shutdown
    }

    pub fn has_online_directory(&self, directory: Uuid) -> bool {
        directory_id::is_online(directory, &self.directories)
    }

    /// True if new replicas may be placed here.
    pub fn has_uncordoned_directories(&self) -> bool {
        match &self.cordoned_directories {
            Some(cordoned) if !self.directories.is_empty() => {
                self.directories.iter().any(|directory| !cordoned.contains(directory))
            }
            _ => true,
        }
    }

    /// The directory a new replica gets: the only one, or "unassigned" when the broker has to choose.
    pub fn default_directory(&self) -> Uuid {
        match self.directories[..] {
            [] => directory_id::MIGRATING,
            [only] => only,
            _ => directory_id::UNASSIGNED,
        }
    }
}

/// In Kafka's order of ids, which compares their halves as signed numbers.
fn sorted(directories: &[Uuid]) -> Vec<Uuid> {
    let mut directories = directories.to_vec();
    directories.sort_unstable_by_key(|id| {
        let (most, least) = id.halves();
        (most.cast_signed(), least.cast_signed())
    });
    directories
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(directories: &[u8], cordoned: Option<&[u8]>) -> BrokerRegistration {
        let ids = |list: &[u8]| list.iter().map(|&id| Uuid([id; 16])).collect::<Vec<_>>();
        BrokerRegistration::from_record(&RegisterBrokerRecord {
            broker_id: 1,
            log_dirs: ids(directories),
            cordoned_log_dirs: cordoned.map(ids),
            ..Default::default()
        })
    }

    #[test]
    fn a_new_replica_goes_to_the_only_directory_or_waits_for_the_broker() {
        assert_eq!(broker(&[], None).default_directory(), directory_id::MIGRATING);
        assert_eq!(broker(&[5], None).default_directory(), Uuid([5; 16]));
        assert_eq!(broker(&[5, 6], None).default_directory(), directory_id::UNASSIGNED);
    }

    #[test]
    fn a_broker_is_full_when_all_its_directories_are_cordoned() {
        assert!(broker(&[1, 2], None).has_uncordoned_directories());
        assert!(broker(&[1, 2], Some(&[2])).has_uncordoned_directories());
        assert!(!broker(&[1, 2], Some(&[2, 1])).has_uncordoned_directories());
        assert!(broker(&[], Some(&[1])).has_uncordoned_directories());
    }

    #[test]
    fn changes_touch_only_what_they_name() {
        let unfence = BrokerRegistrationChangeRecord { fenced: -1, ..Default::default() };
        let unfenced = broker(&[2, 1], None).merge(&unfence).expect("valid");
        assert!(unfenced.is_active());
        assert_eq!(unfenced.directories, [Uuid([1; 16]), Uuid([2; 16])]);
        assert_eq!(broker(&[1, 0xff], None).directories, [Uuid([0xff; 16]), Uuid([1; 16])], "signed");

        let cordon = BrokerRegistrationChangeRecord { cordoned_log_dirs: Some(vec![]), ..Default::default() };
        let cordoned = unfenced.merge(&cordon).expect("valid");
        assert_eq!(cordoned, BrokerRegistration { cordoned_directories: Some(vec![]), ..unfenced.clone() });

        let leave = BrokerRegistrationChangeRecord { in_controlled_shutdown: 1, ..Default::default() };
        assert!(!cordoned.merge(&leave).expect("valid").is_active());

        let odd = BrokerRegistrationChangeRecord { fenced: 2, ..Default::default() };
        let fault = unfenced.merge(&odd).expect_err("fenced is -1, 0 or 1");
        assert!(matches!(fault, ReplayFault::FieldValue { field: "fenced", value: 2 }));
    }
}
