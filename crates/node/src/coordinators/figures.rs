//! Coordinators of groups in numbers.

use klamm_coordinator::group::shard::{GroupFigures, GroupOffset};

use super::GroupCoordinators;

/// All shards that are here.
#[derive(Clone, Debug, Default)]
pub struct GroupsFigures {
    pub all: GroupFigures,
    /// Partitions of the topic that coordinate here, and those that are being loaded.
    pub active_shards: usize,
    pub loading_shards: usize,
    /// Sorted; cut at the number that was asked for.
    pub offsets: Vec<GroupOffset>,
    pub members: Vec<(String, usize)>,
}

impl GroupCoordinators {
    /// All shards in numbers; of offsets and members at most so many.
    pub fn figures(&self, max: usize) -> GroupsFigures {
        let mut figures = GroupsFigures::default();
        for hosted in self.all() {
            figures.loading_shards += usize::from(hosted.is_loading());
            let looked = hosted.read(|shard| {
                figures.all.add(shard.figures());
                figures.offsets.extend(shard.group_offsets(max - figures.offsets.len()));
                figures.members.extend(shard.group_members(max - figures.members.len()));
            });
            figures.active_shards += usize::from(looked.is_ok());
        }
        figures.offsets.sort_unstable();
        figures.members.sort_unstable();
        figures
    }
}
