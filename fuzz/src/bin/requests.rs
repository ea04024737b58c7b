//! `cargo xtask fuzz requests`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::messages::REQUESTS_TARGET);
