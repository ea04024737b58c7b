//! Schemas of what the quorum writes about itself: control records, and the state file.
//!
//! Kafka: `LeaderChangeMessage`, `VotersRecord`, `KRaftVersionRecord`, `SnapshotHeaderRecord`,
//! `SnapshotFooterRecord`, `QuorumStateData`.

pub mod control_record_type_schema;
pub mod kraft_version_record;
pub mod leader_change_message;
pub mod quorum_state_data;
pub mod snapshot;
pub mod voters_record;

pub use control_record_type_schema::ControlRecordTypeSchema;
pub use kraft_version_record::KRaftVersionRecord;
pub use leader_change_message::LeaderChangeMessage;
pub use quorum_state_data::QuorumStateData;
pub use snapshot::{SnapshotFooterRecord, SnapshotHeaderRecord};
pub use voters_record::VotersRecord;

use klamm_base::codec::MessageType;

/// Every message type of this room.
pub fn registry() -> &'static [MessageType] {
    static MESSAGES: &[MessageType] = &[
        MessageType::of::<ControlRecordTypeSchema>(),
        MessageType::of::<LeaderChangeMessage>(),
        MessageType::of::<KRaftVersionRecord>(),
        MessageType::of::<VotersRecord>(),
        MessageType::of::<SnapshotHeaderRecord>(),
        MessageType::of::<SnapshotFooterRecord>(),
        MessageType::of::<QuorumStateData>(),
    ];
    MESSAGES
}
