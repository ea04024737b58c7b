//! The node through encoded frames, on a simulated disk.

mod bounds;
mod cluster_admin;
mod compaction;
mod configs;
mod coordinators;
mod deletions;
mod directories;
mod durability;
mod every_version;
mod failing_disks;
mod faults;
mod fetch;
mod figures;
mod groups;
mod lives;
mod log_dirs;
mod log_start;
mod metadata_snapshots;
mod offsets;
mod produce;
mod producer_ids;
mod sessions;
mod support;
mod topics;
mod transactions;
