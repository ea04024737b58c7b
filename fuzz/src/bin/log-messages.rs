//! `cargo xtask fuzz log-messages`
#![cfg_attr(klamm_fuzz, no_main)]

klamm_fuzz::engine!(klamm_fuzz::targets::messages::LOG_MESSAGES_TARGET);
