//! Time as plain values. Nothing below the server reads a clock: whoever asks for a decision says
//! what time it is.

use std::ops::{Add, Sub};

/// A point of monotonic time: microseconds since the process (or the simulation) began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(pub u64);

impl Mono {
    pub const ZERO: Mono = Mono(0);
    /// Later than everything; the deadline of what waits forever.
    pub const NEVER: Mono = Mono(u64::MAX);

    /// This point plus milliseconds; negative ones count as none, overflow ends at `NEVER`.
    pub const fn plus_ms(self, ms: i64) -> Mono {
        let ms = if ms < 0 { 0 } else { ms as u64 };
        Mono(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    /// Whole milliseconds since `earlier`, 0 when that lies ahead.
    pub const fn ms_since(self, earlier: Mono) -> i64 {
        (self.0.saturating_sub(earlier.0) / 1_000) as i64
    }

    /// Microseconds since `earlier`, 0 when that lies ahead.
    pub const fn micros_since(self, earlier: Mono) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A point of wall-clock time: milliseconds since 1970, as record timestamps are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallMs(pub i64);

impl Add<i64> for WallMs {
    type Output = WallMs;
    fn add(self, ms: i64) -> WallMs {
        WallMs(self.0.saturating_add(ms))
    }
}

impl Sub for WallMs {
    type Output = i64;
    fn sub(self, earlier: WallMs) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// What time it is, on both clocks; an argument of every decision that needs one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub mono: Mono,
    /// Milliseconds since 1970, see [`WallMs`].
    pub wall_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Mono(5).plus_ms(2), Mono(2_005));
        assert_eq!(Mono(5).plus_ms(-1), Mono(5));
        assert_eq!(Mono(5).plus_ms(i64::MAX), Mono::NEVER);
        assert_eq!(Mono(1_999).ms_since(Mono(0)), 1);
        assert_eq!(Mono(0).ms_since(Mono(7)), 0);
        assert_eq!(WallMs(i64::MAX) + 1, WallMs(i64::MAX));
        assert_eq!(WallMs(10) - WallMs(4), 6);
    }
}
