//! `cargo xtask fuzz packed-records`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::records::PACKED_TARGET);
