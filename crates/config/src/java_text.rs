//! Doubles and sets as Java and Scala print them, for messages and descriptions.

/// Java's `Double.toString`: at least one digit after the point, exponents outside 1e-3..1e7.
pub fn java_double(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_string()
        } else {
            format!("{value}").replace("inf", "Infinity")
        };
    }
    let magnitude = value.abs();
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:E}");
    match scientific.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => scientific,
    }
}

/// Names as a `java.util.HashSet` of them prints: in the order of its buckets.
pub(crate) fn java_set(names: &[&str]) -> String {
    let mut buckets: usize = 16;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    let mut sorted = names.to_vec();
    sorted.sort_by_key(|name| {
        let hash = java_hash(name);
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
    format!("[{}]", sorted.join(", "))
}

/// Java's `String.hashCode`.
fn java_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash: u32, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// Names as a Scala set of up to four prints.
pub(crate) fn scala_set(names: &[&str]) -> String {
    format!("Set({})", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_printed_as_java_prints_them() {
        let cases = [
            (0.0, "0.0"),
            (-0.5, "-0.5"),
            (2.0, "2.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.234e-9, "1.234E-9"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(java_double(value), text);
        }
    }

    /// As Java 17 printed them.
    #[test]
    fn sets_are_printed_in_the_order_of_their_buckets() {
        assert_eq!(java_set(&["num.partitions"]), "[num.partitions]");
        assert_eq!(
            java_set(&["broker.id", "listeners", "log.dirs", "node.id", "num.partitions", "process.roles"]),
            "[node.id, num.partitions, listeners, process.roles, broker.id, log.dirs]"
        );
    }
}
