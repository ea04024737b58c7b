//! `cargo xtask fuzz files`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::files::TARGET);
