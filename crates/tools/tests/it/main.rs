//! The commands beside Kafka's own, on the real disk.

mod flags;
mod storage;
