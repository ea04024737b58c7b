//! The few habits of Java that show in what its programs print.

/// `String.hashCode`.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// The order in which a `HashMap` or `HashSet` gives its keys: by bucket, then as they came.
/// (Buckets of eight and more become trees; their order is not looked at here.)
pub fn hash_order<T: AsRef<str>>(keys: &mut [T]) {
    hash_order_from(keys, 16);
}

/// As [`hash_order`], for a map that was made for `capacity` keys.
pub fn hash_order_from<T: AsRef<str>>(keys: &mut [T], capacity: usize) {
    let mut buckets = capacity.next_power_of_two();
    while keys.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let bucket = |key: &T| {
        let hash = string_hash(key.as_ref()).cast_unsigned();
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    };
    keys.sort_by_key(bucket);
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
    fn hashes_are_javas() {
        assert_eq!(string_hash(""), 0);
        assert_eq!(string_hash("hello"), 99_162_322);
        assert_eq!(string_hash("bootstrap-server"), string_hash("bootstrap-server"));
        assert_eq!(string_hash("polygenelubricants"), i32::MIN);
    }

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
