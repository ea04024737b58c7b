//! Room `base`.
