//! The node through encoded frames, on a simulated disk.

mod durability;
mod every_version;
mod fetch;
mod lives;
mod log_start;
mod offsets;
mod produce;
mod producer_ids;
mod sessions;
mod support;
mod topics;
