//! The node through encoded frames, on a simulated disk.

mod produce_fetch;
mod support;
