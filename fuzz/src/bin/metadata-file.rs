//! `cargo xtask fuzz metadata-file`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::metadata::FILE_TARGET);
