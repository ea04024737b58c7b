//! A target as a program: one each, because the engine looks at every branch of its program after every run.

/// The program of a target. Under the engine (`--cfg klamm_fuzz`) it runs what the engine makes, or writes its
/// seeds into the folder that `KLAMM_FUZZ_SEEDS` names; else it runs the files that it is given.
#[macro_export]
macro_rules! engine {
    ($target:expr) => {
        #[cfg(klamm_fuzz)]
        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::seeds::write_if_asked(&$target),
            |data: &[u8]| ($target.run)(data)
        );

        #[cfg(not(klamm_fuzz))]
        fn main() {
            $crate::run_files(&$target);
        }
    };
}
