//! One registered controller. Kafka: `ControllerRegistration`, KIP-919.

use std::collections::BTreeMap;

use klamm_base::Uuid;

use super::Endpoint;
use crate::record::VersionedRecord;
use crate::records::{ControllerEndpoint, ControllerFeature, RegisterControllerRecord};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerRegistration {
    pub id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    /// By listener name.
    pub listeners: BTreeMap<String, Endpoint>,
    /// Inclusive range of levels by feature name.
    pub supported_features: BTreeMap<String, (i16, i16)>,
}

impl ControllerRegistration {
    pub fn from_record(record: &RegisterControllerRecord) -> ControllerRegistration {
        let endpoint = |e: &ControllerEndpoint| Endpoint {
            host: e.host.clone(),
            port: e.port,
            security_protocol: e.security_protocol,
        };
        ControllerRegistration {
            id: record.controller_id,
            incarnation_id: record.incarnation_id,
            zk_migration_ready: record.zk_migration_ready,
            listeners: record.end_points.iter().map(|e| (e.name.clone(), endpoint(e))).collect(),
            supported_features: record
                .features
                .iter()
                .map(|f| (f.name.clone(), (f.min_supported_version, f.max_supported_version)))
                .collect(),
        }
    }

    pub fn to_record(&self) -> VersionedRecord {
        let record = RegisterControllerRecord {
            controller_id: self.id,
            incarnation_id: self.incarnation_id,
            zk_migration_ready: self.zk_migration_ready,
            end_points: self
                .listeners
                .iter()
                .map(|(name, e)| ControllerEndpoint {
                    name: name.clone(),
                    host: e.host.clone(),
                    port: e.port,
                    security_protocol: e.security_protocol,
                })
                .collect(),
            features: self
                .supported_features
                .iter()
                .map(|(name, &(min_supported_version, max_supported_version))| ControllerFeature {
                    name: name.clone(),
                    min_supported_version,
                    max_supported_version,
                })
                .collect(),
        };
        VersionedRecord::new(record, 0)
    }
}
