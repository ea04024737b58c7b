//! Controllers with their endpoints and features (KIP-919), and their end (KIP-1312).

use klamm_base::Uuid;
use klamm_wire_derive::Message;

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 27, versions = "0", flexible = "0+")]
pub struct RegisterControllerRecord {
    pub controller_id: i32,
    pub incarnation_id: Uuid,
    pub zk_migration_ready: bool,
    pub end_points: Vec<ControllerEndpoint>,
    pub features: Vec<ControllerFeature>,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ControllerEndpoint {
    #[kafka(key)]
    pub name: String,
    pub host: String,
    pub port: u16,
    pub security_protocol: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
pub struct ControllerFeature {
    #[kafka(key)]
    pub name: String,
    pub min_supported_version: i16,
    pub max_supported_version: i16,
}

#[derive(Clone, Debug, PartialEq, Message)]
#[kafka(metadata = 29, versions = "0", flexible = "0+")]
pub struct UnregisterControllerRecord {
    pub controller_id: i32,
}
