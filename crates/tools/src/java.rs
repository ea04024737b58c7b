//! The few habits of Java that show in what its programs print.

use std::collections::BTreeMap;

use crate::hash_map::HashMap;

/// The order in which a `HashMap` or `HashSet` gives its keys.
pub fn hash_order<T: AsRef<str>>(keys: &mut [T]) {
    hash_order_from(keys, 16);
}

/// As [`hash_order`], for a map that was made for `capacity` keys.
pub fn hash_order_from<T: AsRef<str>>(keys: &mut [T], capacity: usize) {
    let mut map = HashMap::with_capacity(capacity);
    for key in &*keys {
        map.insert(key.as_ref().to_owned(), ());
    }
    let places: BTreeMap<String, usize> = map.into_iter().map(|(key, ())| key).zip(0..).collect();
    keys.sort_by_key(|key| places[key.as_ref()]);
}

/// `List.toString`: `[a, b]`.
pub fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_maps_go_by_bucket() {
        let mut keys = ["c", "a", "b", "q"];
        hash_order(&mut keys);
        // 'a' is 97, bucket 1, as is 'q' (113).
        assert_eq!(keys, ["a", "q", "b", "c"]);
        assert_eq!(list(keys), "[a, q, b, c]");
    }

    #[test]
    fn maps_made_for_a_number_of_keys_have_fewer_buckets() {
        // As kafka-topics --describe gave them.
        let mut topics = ["apple", "first_topic", "mango", "some.topic", "t1", "zebra"];
        hash_order_from(&mut topics, 6);
        assert_eq!(topics, ["some.topic", "zebra", "apple", "first_topic", "t1", "mango"]);
    }
}
