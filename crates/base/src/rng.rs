//! Randomness as a seam: the server draws from the operating system, a simulation from a seed.

use crate::Uuid;

/// A source of random bits.
pub trait Rng {
    fn next_u64(&mut self) -> u64;

    /// A number below `bound`, without the bias of a bare remainder.
    fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "no number is below {bound}");
        loop {
            // Lemire's multiplication: the high word is the number, the low word tells its bias.
            let product = u128::from(self.next_u64()) * u128::from(bound);
            if product as u64 >= bound.wrapping_neg() % bound {
                return (product >> 64) as u64;
            }
        }
    }
}

impl<R: Rng + ?Sized> Rng for &mut R {
    fn next_u64(&mut self) -> u64 {
        (**self).next_u64()
    }
}

impl<R: Rng + ?Sized> Rng for Box<R> {
    fn next_u64(&mut self) -> u64 {
        (**self).next_u64()
    }
}

/// A seeded source (SplitMix64): the same seed gives the same numbers everywhere.
#[derive(Clone, Debug)]
pub struct SeededRng(u64);

impl SeededRng {
    pub const fn new(seed: u64) -> SeededRng {
        SeededRng(seed)
    }
}

impl Rng for SeededRng {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A random id of version 4, as Kafka draws them: never one of the reserved, and none whose text
/// begins with a dash, which command lines would take for an option.
pub fn random_uuid(rng: &mut (impl Rng + ?Sized)) -> Uuid {
    loop {
        let most = (rng.next_u64() & !0xf000) | 0x4000;
        let least = (rng.next_u64() & !(0b11 << 62)) | (0b10 << 62);
        let id = Uuid::from_halves(most, least);
        // The first character of the text is the top six bits; 62 is the dash.
        if !id.is_reserved() && most >> 58 != 62 {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_ids_are_of_version_4_and_never_begin_with_a_dash() {
        let mut rng = SeededRng::new(1);
        for _ in 0..10_000 {
            let id = random_uuid(&mut rng);
            assert!(!id.to_string().starts_with('-'));
            assert_eq!(id.0[6] >> 4, 4);
            assert_eq!(id.0[8] >> 6, 0b10);
        }
    }

    #[test]
    fn a_seed_repeats_itself() {
        let (mut a, mut b) = (SeededRng::new(7), SeededRng::new(7));
        assert!((0..100).all(|_| a.next_u64() == b.next_u64()));
        assert_ne!(SeededRng::new(8).next_u64(), SeededRng::new(7).next_u64());
    }

    #[test]
    fn below_reaches_every_number_and_none_else() {
        let mut rng = SeededRng::new(3);
        let mut seen = [0u32; 7];
        for _ in 0..7_000 {
            seen[rng.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| n > 800), "{seen:?}");
    }
}
