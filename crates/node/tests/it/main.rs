//! The node through encoded frames, on a simulated disk.

mod durability;
mod produce_fetch;
mod support;
