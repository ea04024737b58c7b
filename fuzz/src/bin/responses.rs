//! `cargo xtask fuzz responses`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::messages::RESPONSES_TARGET);
