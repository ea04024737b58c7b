//! The only place where time enters.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use klamm_base::{Mono, Now};

/// Both clocks of the machine; monotonic time counts from the clock's making.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Clock { start: Instant::now() }
    }

    pub fn now(&self) -> Now {
        Now { mono: self.mono(), wall_ms: wall_ms() }
    }

    pub fn mono(&self) -> Mono {
        Mono(self.start.elapsed().as_micros() as u64)
    }

    /// How long until `deadline`; zero when it has passed, a day for what is further away.
    pub fn until(&self, deadline: Mono) -> Duration {
        const DAY: Duration = Duration::from_secs(86_400);
        Duration::from_micros(deadline.micros_since(self.mono())).min(DAY)
    }
}

fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis() as i64)
}
