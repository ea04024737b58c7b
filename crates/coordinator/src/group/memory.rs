//! What groups keep in memory, in bytes: a plain sum over what is there, of the lengths of all texts with their copies
//! and of constants for what lies around them.
//!
//! | Counter | What it has |
//! |---|---|
//! | kept | groups, members, ids given out, offsets; what an assignment or an undone change will take when it is settled |
//! | uncommitted | what uncommitted records have overwritten, and what is remembered to undo them |
//!
//! Both are run along with every change, and a shard decides by them alone. Reading the log is never refused, and
//! neither is what makes nothing larger.

use bytes::Bytes;

/// Structs, tree nodes and blocks of the allocator, rounded up.
pub const GROUP: usize = 800;
pub const MEMBER: usize = 1_000;
const PENDING: usize = 400;
const PROTOCOL: usize = 160;
pub const FOREIGN_GROUP: usize = 300;
pub const FOREIGN_MEMBER: usize = 100;
pub const OFFSET: usize = 340;
pub const AFTER: usize = 400;
pub const ASSIGNED: usize = 120;

/// The bytes of one shard, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupMemory {
    pub kept: usize,
    pub uncommitted: usize,
}

/// A member's names, of which maps and timers have copies. `others` is what is there once.
pub fn names_bytes(group_id: usize, member_id: usize, instance_id: usize, others: usize) -> usize {
    MEMBER + 2 * group_id + 8 * member_id + 3 * instance_id + others
}

/// An id that was given out and has not joined.
pub fn pending_bytes(group_id: usize, member_id: usize) -> usize {
    PENDING + 2 * group_id + 4 * member_id
}

/// Names, which the group counts too, and what is said under each.
pub fn protocols_bytes<'a>(protocols: impl Iterator<Item = (&'a String, &'a Bytes)>) -> usize {
    protocols.map(|(name, said)| PROTOCOL + 3 * name.len() + said.len()).sum()
}
