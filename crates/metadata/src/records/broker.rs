//! Brokers: registration, fencing, what changed, unregistration.
//!
//! The broker epoch is the offset of its registration. Fencing and unfencing by records of their own
//! are of older versions; a change record took their place.

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 0, versions = "0-4", flexible = "0+")]
pub struct RegisterBrokerRecord {
    pub broker_id: i32,
    #[kafka(versions = "2+")]
    pub is_migrating_zk_broker: bool,
    pub incarnation_id: Uuid,
    pub broker_epoch: i64,
    pub end_points: Vec<BrokerEndpoint>,
    pub features: Vec<BrokerFeature>,
    #[kafka(nullable = "0+")]
    pub rack: Option<String>,
    #[kafka(default = true)]
    pub fenced: bool,
    #[kafka(versions = "1+")]
    pub in_controlled_shutdown: bool,
    #[kafka(tag = 0, tagged = "3+")]
    pub log_dirs: Vec<Uuid>,
    #[kafka(nullable = "4+", default = null, tag = 1, tagged = "4+")]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct BrokerEndpoint {
    #[kafka(key)]
    pub name: String,
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct BrokerFeature {
    #[kafka(key)]
    pub name: String,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 1, versions = "0", flexible = "0+")]
pub struct UnregisterBrokerRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 7, versions = "0", flexible = "0+")]
pub struct FenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 8, versions = "0", flexible = "0+")]
pub struct UnfenceBrokerRecord {
    pub id: i32,
    pub epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 17, versions = "0-3", flexible = "0+")]
pub struct BrokerRegistrationChangeRecord {
    pub broker_id: i32,
    pub broker_epoch: i64,
    /// -1 unfences, 1 fences, 0 leaves it.
    #[kafka(tag = 0, tagged = "0+")]
    pub fenced: i8,
    /// 1 begins, 0 leaves it.
    #[kafka(tag = 1, tagged = "1+")]
    pub in_controlled_shutdown: i8,
    #[kafka(tag = 2, tagged = "2+")]
    pub log_dirs: Vec<Uuid>,
    #[kafka(nullable = "3+", default = null, tag = 3, tagged = "3+")]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}
