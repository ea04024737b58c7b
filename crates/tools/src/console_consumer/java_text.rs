//! Values as Java's `toString` prints them.

use std::fmt;

/// `Double.toString`, with the fewest digits that mean this number (JDK 19 and newer).
pub struct Double(pub f64);

/// `Float.toString`, likewise.
pub struct Float(pub f32);

impl fmt::Display for Double {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if self.0.is_nan() {
            return f.write_str("NaN");
        }
        if magnitude.is_infinite() {
            return f.write_str(if self.0 > 0.0 { "Infinity" } else { "-Infinity" });
        }
        match magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
            true => write!(f, "{:?}", self.0),
            false => scientific(f, &format!("{:e}", self.0)),
        }
    }
}

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if !self.0.is_finite() {
            return Double(f64::from(self.0)).fmt(f);
        }
        match magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
            true => write!(f, "{:?}", self.0),
            false => scientific(f, &format!("{:e}", self.0)),
        }
    }
}

/// `1e10` of Rust is `1.0E10` in Java.
fn scientific(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let fraction = if digits.contains('.') { "" } else { ".0" };
    write!(f, "{digits}{fraction}E{exponent}")
}

/// Kafka's `Bytes.toString`: what is printable, and the rest in hexadecimal.
pub struct PrintableBytes<'a>(pub &'a [u8]);

impl fmt::Display for PrintableBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'\\' => f.write_str("\\x5C")?,
                b' '..=b'~' => write!(f, "{}", char::from(byte))?,
                _ => write!(f, "\\x{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// `UUID.fromString(text).toString()`: five groups of hexadecimal digits, each of which may be short or too long;
/// `None` for what Java does not take.
pub fn uuid(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split('-').collect();
    let [a, b, c, d, e] = groups[..] else { return None };
    if text.len() > 36 {
        return None;
    }
    let number = |group: &str, digits: u32| {
        let value = i64::from_str_radix(group, 16).ok()?.cast_unsigned();
        Some(value & (u64::MAX >> (64 - 4 * digits)))
    };
    Some(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number(a, 8)?,
        number(b, 4)?,
        number(c, 4)?,
        number(d, 4)?,
        number(e, 12)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_java() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (-1.5e300, "-1.5E300"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(Double(number).to_string(), text);
        }
        for (number, text) in
            [(1.1f32, "1.1"), (1e10, "1.0E10"), (f32::INFINITY, "Infinity"), (1e-3, "0.001")]
        {
            assert_eq!(Float(number).to_string(), text);
        }
    }

    #[test]
    fn bytes_that_cannot_be_printed_are_hexadecimal() {
        assert_eq!(PrintableBytes(b"a ~\\\x00\xff").to_string(), "a ~\\x5C\\x00\\xFF");
    }

    #[test]
    fn uuids_are_read_leniently() {
        let text = "123e4567-e89b-12d3-a456-426614174000";
        assert_eq!(uuid(text).as_deref(), Some(text));
        assert_eq!(uuid("1-2-3-4-5").as_deref(), Some("00000001-0002-0003-0004-000000000005"));
        assert_eq!(uuid("123E4567-E89B-12D3-A456-426614174000").as_deref(), Some(text));
        for text in ["", "1-2-3-4", "1-2-3-4-g", "1-2--4-5", "1-2-3-4-5-6"] {
            assert_eq!(uuid(text), None, "{text}");
        }
    }
}
