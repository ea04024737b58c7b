//! What happens to bytes that lie on a disk.

use klamm_base::rng::{Rng, SeededRng};

/// One kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// One bit is another.
    Bit,
    /// Some bytes are others.
    Bytes,
    /// The end is missing.
    Cut,
    /// A stretch has become zeros.
    Zeros,
    /// The end has become zeros.
    ZeroEnd,
    /// Bytes that nobody wrote stand behind the end.
    Garbage,
    /// Zeros stand behind the end.
    Padding,
    /// Nothing is left.
    Empty,
}

impl Damage {
    pub const ALL: [Damage; 8] = [
        Damage::Bit,
        Damage::Bytes,
        Damage::Cut,
        Damage::Zeros,
        Damage::ZeroEnd,
        Damage::Garbage,
        Damage::Padding,
        Damage::Empty,
    ];

    /// Does it to `bytes`; false when they are as before.
    pub fn apply(self, bytes: &mut Vec<u8>, rng: &mut SeededRng) -> bool {
        let before = bytes.clone();
        let len = bytes.len();
        let at = if len == 0 { 0 } else { rng.below(len as u64) as usize };
        let stretch = len.min(at + 1 + rng.below(60) as usize);
        let mut noise = |count: usize| (0..count).map(|_| rng.next_u64() as u8).collect::<Vec<u8>>();
        match self {
            Damage::Bit if len > 0 => bytes[at] ^= 1 << (noise(1)[0] % 8),
            Damage::Bytes => bytes[at..stretch].copy_from_slice(&noise(stretch - at)),
            Damage::Cut => bytes.truncate(at),
            Damage::Zeros => bytes[at..stretch].fill(0),
            Damage::ZeroEnd => bytes[at..].fill(0),
            Damage::Garbage => bytes.extend(noise(1 + at % 90)),
            Damage::Padding => bytes.resize(len + 1 + at % 90, 0),
            Damage::Bit | Damage::Empty => bytes.clear(),
        }
        *bytes != before
    }
}
