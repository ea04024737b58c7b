//! Java's `String.hashCode`, by which Kafka finds the partition of a group or a transactional id.

/// The hash over the string's UTF-16 units, with wrap-around.
pub fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values printed by OpenJDK 17.
    #[test]
    fn equals_java() {
        assert_eq!(java_string_hash(""), 0);
        assert_eq!(java_string_hash("a"), 97);
        assert_eq!(java_string_hash("consumer-group"), VALUES[0]);
        assert_eq!(java_string_hash("polygenelubricants"), i32::MIN);
        assert_eq!(java_string_hash("\u{1f980}"), VALUES[1]);
    }

    const VALUES: [i32; 2] = [-1738392088, 1772802];
}
