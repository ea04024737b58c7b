//! The node through encoded frames, on a simulated disk.

mod durability;
mod fetch;
mod lives;
mod produce;
mod sessions;
mod support;
