//! What the cleaner needs of a log (see [`crate::cleaner`]).

use std::sync::Arc;

use super::Log;
use super::retention::DeletedSegments;
use crate::segment::Segment;
use crate::writer::Lane;

impl Log {
    pub(crate) fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// The segments that begin below an offset; never the active one, which still grows.
    pub(crate) fn segments_below(&self, offset: i64) -> Vec<Arc<Segment>> {
        let (_, closed) = self.split_segments();
        closed.iter().filter(|segment| segment.base_offset() < offset).cloned().collect()
    }

    /// Goes on with one segment in the place of neighbouring ones.
    pub(crate) fn replace_segments(&mut self, old: &[Arc<Segment>], new: &Arc<Segment>) {
        let segments = Arc::make_mut(&mut self.segments);
        let first = segments.iter().position(|segment| Arc::ptr_eq(segment, &old[0]));
        let first = first
            .unwrap_or_else(|| panic!("segment {} went away while it was cleaned", old[0].base_offset()));
        let range = first..first + old.len();
        let are_there = segments
            .get(range.clone())
            .is_some_and(|there| there.iter().zip(old).all(|(there, old)| Arc::ptr_eq(there, old)));
        assert!(are_there, "segments behind {} have changed while they were cleaned", old[0].base_offset());
        segments.splice(range, [new.clone()]);
    }

    /// Segments that are out of the log and have their last names already.
    pub(crate) fn renamed_segments(&self, segments: Vec<Arc<Segment>>) -> DeletedSegments {
        self.deleted(segments, Vec::new())
    }
}
