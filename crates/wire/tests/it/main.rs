//! The messages of this room from outside: their table, their bytes, and what bytes may not do.

mod api_keys;
mod budget;
mod hot_path;
mod random_json;
mod round_trip;
mod versions;
