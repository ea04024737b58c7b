//! State of share groups: what its coordinator writes.

pub mod records;
