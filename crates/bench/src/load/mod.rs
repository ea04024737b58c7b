//! What a case sends to a server, and what it waits for.
//!
//! * [`connection`] – frames out and in, one connection
//! * [`batches`] – the records
//! * [`flow`] – as much as goes through: producers with five requests in flight, consumers, questions
//! * [`paced`] – records at a fixed rate, from end to end

pub mod batches;
pub mod connection;
pub mod flow;
pub mod paced;
