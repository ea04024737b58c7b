//! What owners count in, at the cost of an addition: one thread adds, others read.

mod counter;
mod histogram;

pub use counter::Counter;
pub use histogram::{Counts, Histogram};
