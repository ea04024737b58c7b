//! Transactions: what their coordinator writes.

pub mod records;
