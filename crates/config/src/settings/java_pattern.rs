//! Whether Java would take a text as a regular expression: brackets, repetitions, escapes and groups. What
//! an expression matches is none of our business. Kafka: `java.util.regex.Pattern`.

/// Letters and digits that mean something behind a backslash.
const ESCAPES: &str = "tnrfaeuxc0dDsSwWhHvVbBAGZzRXQEpPkN123456789";

/// Letters that may stand in `(?...)`.
const FLAGS: &str = "idmsuxU-";

/// True if `text` compiles.
pub(super) fn is_pattern(text: &str) -> bool {
    let mut scan = Scan { rest: text.chars().collect::<Vec<_>>().into_iter().peekable(), depth: 0 };
    scan.alternatives() && scan.depth == 0
}

struct Scan {
    rest: std::iter::Peekable<std::vec::IntoIter<char>>,
    /// Open groups.
    depth: usize,
}

impl Scan {
    /// Up to the end; false at the first thing that is wrong.
    fn alternatives(&mut self) -> bool {
        // Whether there is something that could be repeated.
        let mut repeatable = false;
        while let Some(c) = self.rest.next() {
            repeatable = match c {
                '|' => false,
                '(' => {
                    self.depth += 1;
                    if !self.group() {
                        return false;
                    }
                    false
                }
                ')' if self.depth == 0 => return false,
                ')' => {
                    self.depth -= 1;
                    true
                }
                '[' if !self.class() => return false,
                '\\' if !self.escape() => return false,
                '*' | '+' | '?' | '{' if !repeatable => return false,
                '{' if !self.bounds() => return false,
                '*' | '+' | '?' | '{' => {
                    // Reluctant or possessive.
                    self.rest.next_if(|c| matches!(c, '?' | '+'));
                    false
                }
                _ => true,
            };
        }
        true
    }

    /// Behind `(`: nothing, or `?` and a kind.
    fn group(&mut self) -> bool {
        if self.rest.next_if_eq(&'?').is_none() {
            return true;
        }
        match self.rest.next() {
            Some(':' | '=' | '!' | '>') => true,
            Some('<') => match self.rest.next() {
                Some('=' | '!') => true,
                Some(first) if first.is_ascii_alphabetic() => {
                    while self.rest.next_if(char::is_ascii_alphanumeric).is_some() {}
                    self.rest.next() == Some('>')
                }
                _ => false,
            },
            Some(flag) if FLAGS.contains(flag) => {
                while self.rest.next_if(|c| FLAGS.contains(*c)).is_some() {}
                // Flags alone close the group at once.
                matches!(self.rest.peek(), Some(')')) || self.rest.next() == Some(':')
            }
            _ => false,
        }
    }

    /// Behind `[`: up to its `]`, with classes in it.
    fn class(&mut self) -> bool {
        self.rest.next_if_eq(&'^');
        let mut depth = 1;
        let mut is_empty = true;
        while let Some(c) = self.rest.next() {
            match c {
                '[' => {
                    self.rest.next_if_eq(&'^');
                    depth += 1;
                }
                // The first one is a character like others.
                ']' if is_empty => {}
                ']' if depth == 1 => return true,
                ']' => depth -= 1,
                '\\' if !self.escape() => return false,
                _ => {}
            }
            is_empty = c == '[';
        }
        false
    }

    fn escape(&mut self) -> bool {
        match self.rest.next() {
            None => false,
            Some('Q') => {
                // Quoted up to `\\E`, or up to the end.
                while let Some(c) = self.rest.next() {
                    if c == '\\' && self.rest.next_if_eq(&'E').is_some() {
                        break;
                    }
                }
                true
            }
            Some('p' | 'P' | 'N' | 'x' | 'k') if self.in_brackets() => true,
            Some(c) if c.is_ascii_alphanumeric() => ESCAPES.contains(c),
            Some(_) => true,
        }
    }

    /// A name in brackets, up to their end; nothing if there are none.
    fn in_brackets(&mut self) -> bool {
        let close = match self.rest.peek() {
            Some('{') => '}',
            Some('<') => '>',
            _ => return false,
        };
        self.rest.by_ref().any(|c| c == close)
    }

    /// Behind `{`: `n}`, `n,}` or `n,m}`.
    fn bounds(&mut self) -> bool {
        let Ok(least) = self.digits().parse::<u32>() else { return false };
        let most = match self.rest.next_if_eq(&',') {
            None => Ok(least),
            Some(_) => match self.digits() {
                open if open.is_empty() => Ok(u32::MAX),
                digits => digits.parse(),
            },
        };
        self.rest.next() == Some('}') && most.is_ok_and(|most| most >= least)
    }

    fn digits(&mut self) -> String {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::is_pattern;

    /// As Java 17 takes or refuses them.
    #[test]
    fn texts_are_patterns_where_java_takes_them() {
        for text in [
            "",
            "a.*",
            "[[:alpha:]]+",
            "a++",
            "(?=a)",
            "(?<n>a)\\k<n>",
            "a{2}",
            "a{2,}",
            "a{2,3}?",
            "(?i)a",
            "(?i:a)|b",
            "[]a]",
            "[^]a]",
            "]",
            "}",
            "(a|)",
            "\\Qa(\\E",
            "[a&&[^b]]",
            "\\p{L}",
            "()*",
            "-",
            "\\.",
        ] {
            assert!(is_pattern(text), "{text}");
        }
        for text in [
            "(", ")", "[a", "*", "+a", "?", "a{2", "a{", "{", "a{3,2}", "a|*", "(*a)", "a**", "\\", "\\y",
            "(?", "(?<1>a)", "(?z)", "[", "a{,3}", "a{x}",
        ] {
            assert!(!is_pattern(text), "{text}");
        }
    }
}
