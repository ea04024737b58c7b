//! Schemas of what the quorum writes about itself: control records, and the state file.
//!
//! Kafka: `LeaderChangeMessage`, `VotersRecord`, `KRaftVersionRecord`, `SnapshotHeaderRecord`,
//! `SnapshotFooterRecord`, `QuorumStateData`.

pub mod control_record_type;
pub mod kraft_version;
pub mod leader_change;
pub mod quorum_state;
pub mod snapshot;
pub mod voters;

pub use control_record_type::ControlRecordTypeSchema;
pub use kraft_version::KRaftVersionRecord;
pub use leader_change::LeaderChangeMessage;
pub use quorum_state::QuorumStateData;
pub use snapshot::{SnapshotFooterRecord, SnapshotHeaderRecord};
pub use voters::VotersRecord;

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
