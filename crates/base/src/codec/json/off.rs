//! What stands in for the JSON form when the feature `json` is off: nothing.

/// Every value has the JSON form it needs: none.
pub trait JsonValue {}

impl<T> JsonValue for T {}

/// Written by the derive for each struct; without the feature it comes to nothing.
#[macro_export]
macro_rules! json_struct {
    ($name:ident { $($field:ident),* }) => {};
}
