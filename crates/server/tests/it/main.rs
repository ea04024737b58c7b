//! The server's connections over real sockets, answered by a service that does as it is told.

mod admission;
mod ending;
mod files;
mod framing;
mod harness;
mod memory;
mod order;
mod panics;
mod slow;
