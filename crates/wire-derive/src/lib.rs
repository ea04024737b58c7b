//! Room `wire-derive`.
