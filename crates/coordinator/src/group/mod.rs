//! Groups of all kinds: what their coordinator writes.

pub mod records;
