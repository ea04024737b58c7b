//! A group while it is being changed.

use std::ops::{Deref, DerefMut};

use super::ClassicGroup;

/// Adds what the group has become larger or smaller by to a sum over all groups, when the change is over.
pub struct Changing<'a> {
    group: &'a mut ClassicGroup,
    before: usize,
    all_bytes: &'a mut usize,
}

impl<'a> Changing<'a> {
    pub fn new(group: &'a mut ClassicGroup, all_bytes: &'a mut usize) -> Changing<'a> {
        Changing { before: group.held_bytes(), group, all_bytes }
    }
}

impl Deref for Changing<'_> {
    type Target = ClassicGroup;

    fn deref(&self) -> &ClassicGroup {
        self.group
    }
}

impl DerefMut for Changing<'_> {
    fn deref_mut(&mut self) -> &mut ClassicGroup {
        self.group
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        *self.all_bytes = *self.all_bytes + self.group.held_bytes() - self.before;
    }
}
