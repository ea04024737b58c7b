//! Memory of the running thread, counted: no reader may take more than its input justifies.
//!
//! What C libraries take (zstd's states and windows) is not seen here; the engine's limit of the whole
//! process is above that.
#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The decode budget of `klamm_base::codec::Reader`: so many bytes of memory for a byte of input ...
pub const PER_BYTE: usize = 8;
/// ... and so many for none.
pub const BASE: usize = 64 * 1024;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    let live = LIVE.get() + change;
    LIVE.set(live);
    if live > PEAK.get() {
        PEAK.set(live);
    }
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing, because the
// cells are constants without destructors.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        unsafe { System.realloc(at, layout, size) }
    }
}

/// Does something that may hold at most `max` bytes more than are held now, at any time.
///
/// # Panics
/// When it held more.
pub fn bounded<T>(max: usize, what: impl FnOnce() -> T) -> T {
    let (done, peak) = measured(what);
    assert!(peak <= max, "{peak} bytes of memory were held at once, {max} are allowed");
    done
}

/// Does something and says how many bytes more than before it held at most.
pub fn measured<T>(what: impl FnOnce() -> T) -> (T, usize) {
    let (before, outer) = (LIVE.get(), PEAK.get());
    PEAK.set(before);
    let done = what();
    let peak = (PEAK.get() - before) as usize;
    // Bounds may lie within bounds.
    PEAK.set(outer.max(PEAK.get()));
    (done, peak)
}

/// What decoding a frame of that length may hold.
pub fn decode_budget(len: usize) -> usize {
    PER_BYTE * len + BASE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_not_the_end() {
        let (len, peak) = measured(|| {
            let big = vec![0u8; 100_000];
            let len = big.len();
            drop(big);
            len + vec![1u8; 10].len()
        });
        assert_eq!((len, peak), (100_010, 100_000));
        let (_, outer) = measured(|| (bounded(600, || drop(vec![0u8; 500])), vec![0u8; 10]));
        assert_eq!(outer, 500, "what is within counts outside too");
    }

    #[test]
    #[should_panic(expected = "1000 bytes of memory were held at once, 999 are allowed")]
    fn a_byte_too_many_is_told() {
        bounded(999, || vec![0u8; 1000]);
    }
}
