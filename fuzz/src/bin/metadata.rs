//! `cargo xtask fuzz metadata`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::metadata::TARGET);
