//! BrokerRegistration (key 62): a broker makes itself known and gets its epoch (KIP-631).

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 62, versions = "0-4", flexible = "0+", listeners = "controller")]
pub struct BrokerRegistrationRequest {
    pub broker_id: i32,
    pub cluster_id: String,
    pub incarnation_id: Uuid,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
    #[kafka(nullable = "0+")]
    pub rack: Option<String>,
    #[kafka(versions = "1+")]
    pub is_migrating_zk_broker: bool,
    #[kafka(versions = "2+", ignorable)]
    pub log_dirs: Vec<Uuid>,
    #[kafka(versions = "3+", default = -1, ignorable)]
    pub previous_broker_epoch: i64,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Listener {
    #[kafka(key)]
    pub name: String,
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct Feature {
    #[kafka(key)]
    pub name: String,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(response = 62, versions = "0-4", flexible = "0+")]
pub struct BrokerRegistrationResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(default = -1)]
    pub broker_epoch: i64,
}
