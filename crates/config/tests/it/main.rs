//! The table and its checks beside what Kafka 4.4.0 says itself, kept as data.

mod describe;
mod dynamic;
mod rules;
mod table;
mod values;
