//! Levels of the feature metadata.version: which records a cluster may contain.
//! Kafka: `MetadataVersion`, KIP-778.

use std::fmt;

/// A level between [`MetadataVersion::MINIMUM`] and [`MetadataVersion::LATEST`], ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetadataVersion(i16);

/// A row: level, name, and whether the records differ from the level before, so that no downgrade
/// across it is possible.
const TABLE: &[(i16, &str, bool)] = &[
    (7, "3.3-IV3", true),
    (8, "3.4-IV0", true),
    (9, "3.5-IV0", false),
    (10, "3.5-IV1", false),
    (11, "3.5-IV2", true),
    (12, "3.6-IV0", false),
    (13, "3.6-IV1", true),
    (14, "3.6-IV2", true),
    (15, "3.7-IV0", true),
    (16, "3.7-IV1", false),
    (17, "3.7-IV2", true),
    (18, "3.7-IV3", false),
    (19, "3.7-IV4", false),
    (20, "3.8-IV0", false),
    (21, "3.9-IV0", false),
    (22, "4.0-IV0", false),
    (23, "4.0-IV1", true),
    (24, "4.0-IV2", false),
    (25, "4.0-IV3", false),
    (26, "4.1-IV0", false),
    (27, "4.1-IV1", false),
    (28, "4.2-IV0", false),
    (29, "4.2-IV1", false),
    (30, "4.3-IV0", true),
    (31, "4.4-IV0", false),
    (32, "4.4-IV1", true),
    (33, "4.4-IV2", true),
];

impl MetadataVersion {
    /// Name of the feature.
    pub const FEATURE_NAME: &str = "metadata.version";
    pub const MINIMUM: MetadataVersion = MetadataVersion(7);
    pub const V3_4_IV0: MetadataVersion = MetadataVersion(8);
    pub const V3_5_IV2: MetadataVersion = MetadataVersion(11);
    pub const V3_6_IV0: MetadataVersion = MetadataVersion(12);
    pub const V3_6_IV1: MetadataVersion = MetadataVersion(13);
    pub const V3_6_IV2: MetadataVersion = MetadataVersion(14);
    pub const V3_7_IV0: MetadataVersion = MetadataVersion(15);
    pub const V3_7_IV2: MetadataVersion = MetadataVersion(17);
    pub const V3_9_IV0: MetadataVersion = MetadataVersion(21);
    pub const V4_0_IV0: MetadataVersion = MetadataVersion(22);
    pub const V4_0_IV1: MetadataVersion = MetadataVersion(23);
    pub const V4_0_IV2: MetadataVersion = MetadataVersion(24);
    pub const V4_1_IV0: MetadataVersion = MetadataVersion(26);
    pub const V4_2_IV0: MetadataVersion = MetadataVersion(28);
    pub const V4_2_IV1: MetadataVersion = MetadataVersion(29);
    pub const V4_3_IV0: MetadataVersion = MetadataVersion(30);
    pub const V4_4_IV0: MetadataVersion = MetadataVersion(31);
    pub const V4_4_IV2: MetadataVersion = MetadataVersion(33);
    pub const LATEST: MetadataVersion = MetadataVersion(33);

    /// `None` for a level older or newer than this build knows.
    pub fn from_level(level: i16) -> Option<MetadataVersion> {
        (Self::MINIMUM.0..=Self::LATEST.0).contains(&level).then_some(MetadataVersion(level))
    }

    /// Reads `4.4-IV2`, or a release such as `4.4` or `4.4.1`, which means its newest level.
    pub fn from_name(name: &str) -> Option<MetadataVersion> {
        let exact = TABLE.iter().find(|row| row.1 == name);
        let row = exact.or_else(|| {
            let release = name.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
            TABLE.iter().rev().find(|row| row.1.split('-').next() == Some(&release) || row.1 == release)
        });
        row.map(|row| MetadataVersion(row.0))
    }

    pub fn all() -> impl Iterator<Item = MetadataVersion> {
        TABLE.iter().map(|row| MetadataVersion(row.0))
    }

    pub fn level(self) -> i16 {
        self.0
    }

    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// True if a move between the two levels crosses a change of the records.
    pub fn metadata_changed_between(self, other: MetadataVersion) -> bool {
        let (low, high) = (self.min(other), self.max(other));
        TABLE.iter().any(|row| row.2 && row.0 > low.0 && row.0 <= high.0)
    }

    pub fn is_migration_supported(self) -> bool {
        self >= Self::V3_4_IV0
    }

    pub fn is_scram_supported(self) -> bool {
        self >= Self::V3_5_IV2
    }

    /// Below 3.6 a shrinking ISR must bump the leader epoch too (KAFKA-15021).
    pub fn is_leader_epoch_bump_required_on_isr_shrink(self) -> bool {
        self < Self::V3_6_IV0
    }

    pub fn is_metadata_transaction_supported(self) -> bool {
        self >= Self::V3_6_IV1
    }

    pub fn is_delegation_token_supported(self) -> bool {
        self >= Self::V3_6_IV2
    }

    pub fn is_controller_registration_supported(self) -> bool {
        self >= Self::V3_7_IV0
    }

    pub fn is_directory_assignment_supported(self) -> bool {
        self >= Self::V3_7_IV2
    }

    pub fn is_elr_supported(self) -> bool {
        self >= Self::V4_0_IV1
    }

    pub fn is_cordoned_log_dirs_supported(self) -> bool {
        self >= Self::V4_3_IV0
    }

    pub fn is_controller_unregistration_supported(self) -> bool {
        self >= Self::V4_4_IV2
    }

    pub fn register_broker_record_version(self) -> i16 {
        if self.is_cordoned_log_dirs_supported() {
            4
        } else if self.is_directory_assignment_supported() {
            3
        } else if self.is_migration_supported() {
            2
        } else {
            1
        }
    }

    /// The version of PartitionRecord, and of PartitionChangeRecord too.
    pub fn partition_record_version(self) -> i16 {
        if self.is_elr_supported() { 2 } else { i16::from(self.is_directory_assignment_supported()) }
    }

    fn row(self) -> &'static (i16, &'static str, bool) {
        TABLE.iter().find(|row| row.0 == self.0).expect("a level is checked when it is made")
    }
}

impl fmt::Display for MetadataVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_levels() {
        assert_eq!(MetadataVersion::LATEST.name(), "4.4-IV2");
        assert_eq!(MetadataVersion::from_name("3.3-IV3"), Some(MetadataVersion::MINIMUM));
        assert_eq!(MetadataVersion::from_name("4.0").map(MetadataVersion::level), Some(25));
        assert_eq!(MetadataVersion::from_name("3.7.1").map(MetadataVersion::level), Some(19));
        assert_eq!(MetadataVersion::from_name("3.2"), None);
        assert_eq!(MetadataVersion::from_name("4.5-IV0"), None);
        assert_eq!(MetadataVersion::from_level(6), None);
        assert_eq!(MetadataVersion::from_level(34), None);
        assert_eq!(MetadataVersion::all().count(), 27);
        assert!(MetadataVersion::all().map(MetadataVersion::level).eq(7..=33));
    }

    #[test]
    fn downgrade_stops_at_a_record_change() {
        let level = |level| MetadataVersion::from_level(level).expect("known");
        assert!(!level(29).metadata_changed_between(level(24)));
        assert!(level(30).metadata_changed_between(level(29)));
        assert!(level(23).metadata_changed_between(level(22)));
        assert!(!level(31).metadata_changed_between(level(30)));
        assert!(!level(33).metadata_changed_between(level(33)));
    }

    #[test]
    fn record_versions_follow_the_level() {
        let versions = |level| {
            let mv = MetadataVersion::from_level(level).expect("known");
            (mv.register_broker_record_version(), mv.partition_record_version())
        };
        assert_eq!(versions(7), (1, 0));
        assert_eq!(versions(8), (2, 0));
        assert_eq!(versions(17), (3, 1));
        assert_eq!(versions(23), (3, 2));
        assert_eq!(versions(30), (4, 2));
    }
}
