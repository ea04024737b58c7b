//! The bitfields that say what a client may do (KIP-430). Without an authorizer it may do everything.

/// What a client may do with the cluster: create, alter, describe, cluster action, describe and alter configs,
/// idempotent write.
pub const CLUSTER: i32 = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;
/// What a client may do with a topic: read, write, create, delete, alter, describe, describe and alter configs.
pub const TOPIC: i32 = 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;
/// What a client may do with a group: read, delete, describe, describe and alter configs.
pub const GROUP: i32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;
