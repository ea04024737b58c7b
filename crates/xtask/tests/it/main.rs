//! Klamm's codec against bytes that Kafka 4.4.0's own classes made; see `interop/golden/data`.

mod cases;
mod framing;
mod golden;
mod tables;
