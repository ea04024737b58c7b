//! The wall clock, in the unit of records.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Ms since 1970.
pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
