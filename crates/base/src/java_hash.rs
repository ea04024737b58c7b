//! Java's `String.hashCode`, which decides the coordinator partition of a group or transaction.

/// The hash over the UTF-16 code units of the text, wrapping at 32 bits.
pub fn java_string_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// Kafka's `Utils.abs`: the absolute value, and 0 for the one number that has none.
pub fn java_abs(number: i32) -> i32 {
    if number == i32::MIN { 0 } else { number.abs() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_javas() {
        assert_eq!(java_string_hash(""), 0);
        assert_eq!(java_string_hash("a"), 97);
        assert_eq!(java_string_hash("hello"), 99_162_322);
        assert_eq!(java_string_hash("polygenelubricants"), i32::MIN);
        // A character beyond the basic plane counts as its two surrogates.
        assert_eq!(java_string_hash("\u{1f600}"), 0xd83d * 31 + 0xde00);
        assert_eq!(java_abs(i32::MIN), 0);
        assert_eq!(java_abs(-5), 5);
    }
}
