//! ControllerRegistration (key 70): a controller makes its endpoints and features known (KIP-919).

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(request = 70, versions = "0", flexible = "0+", listeners = "controller")]
pub struct ControllerRegistrationRequest {
    pub controller_id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub listeners: Vec<Listener>,
    pub features: Vec<Feature>,
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
#[kafka(response = 70, versions = "0", flexible = "0+")]
pub struct ControllerRegistrationResponse {
    pub throttle_time_ms: i32,
    pub error_code: i16,
    #[kafka(nullable = "0+")]
    pub error_message: Option<String>,
}
