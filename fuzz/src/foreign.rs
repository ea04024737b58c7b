//! Files of rooms that are too large to be built for a few readers in them.
#![allow(dead_code, reason = "of these files only the readers are of interest here")]

#[path = "../../crates/tools/src/consumer_groups/csv.rs"]
pub mod csv;
#[path = "../../crates/tools/src/consumer_groups/datetime.rs"]
pub mod datetime;
#[path = "../../crates/server/src/http/head.rs"]
pub mod head;
#[path = "../../crates/tools/src/consumer_groups/regex.rs"]
pub mod regex;
