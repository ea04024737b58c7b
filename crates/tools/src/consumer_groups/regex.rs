//! Whether a regular expression is one for RE2/J, which brokers use for subscriptions (KIP-848), and what is wrong
//! with it in that library's words. Nothing is matched here.

use std::collections::BTreeSet;
use std::fmt;

/// What is wrong with an expression (RE2/J: `PatternSyntaxException.getDescription`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    Escape,
    TrailingBackslash,
    CharRange,
    MissingBracket,
    MissingParen,
    /// A `)` without its `(`: RE2/J trips over itself.
    Internal,
    PerlOp,
    NamedCapture,
    DuplicateName,
    RepeatOp,
    RepeatSize,
    MissingRepeatArgument,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Invalid::Escape => "invalid escape sequence",
            Invalid::TrailingBackslash => "trailing backslash at end of expression",
            Invalid::CharRange => "invalid character class range",
            Invalid::MissingBracket => "missing closing ]",
            Invalid::MissingParen => "missing closing )",
            Invalid::Internal => "regexp/syntax: internal error",
            Invalid::PerlOp => "invalid or unsupported Perl syntax",
            Invalid::NamedCapture => "invalid named capture",
            Invalid::DuplicateName => "duplicate capture group name",
            Invalid::RepeatOp => "invalid nested repetition operator",
            Invalid::RepeatSize => "invalid repeat count",
            Invalid::MissingRepeatArgument => "missing argument to repetition operator",
        })
    }
}

/// General categories of characters that `\p` knows.
const CATEGORIES: &str = "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm \
    So Z Zl Zp Zs";
/// Scripts that `\p` knows, those of Unicode 6.
const SCRIPTS: &str = "Any Arabic Armenian Avestan Balinese Bamum Batak Bengali Bopomofo Brahmi Braille Buginese \
    Buhid Canadian_Aboriginal Carian Cham Cherokee Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari \
    Egyptian_Hieroglyphs Ethiopic Georgian Glagolitic Gothic Greek Gujarati Gurmukhi Han Hangul Hanunoo Hebrew \
    Hiragana Imperial_Aramaic Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada \
    Katakana Kayah_Li Kharoshthi Khmer Lao Latin Lepcha Limbu Linear_B Lisu Lycian Lydian Malayalam Mandaic \
    Meetei_Mayek Mongolian Myanmar New_Tai_Lue Nko Ogham Ol_Chiki Old_Italic Old_Persian Old_South_Arabian \
    Old_Turkic Oriya Osmanya Phags_Pa Phoenician Rejang Runic Samaritan Saurashtra Shavian Sinhala Sundanese \
    Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Tamil Telugu Thaana Thai Tibetan Tifinagh \
    Ugaritic Unknown Vai Yi";
/// Names between `[:` and `:]`, each also with `^` before it.
const POSIX: &str = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit";
/// No repetition counts further.
const REPEAT_MAX: u32 = 1000;

/// Reads the whole expression.
///
/// # Errors
/// [`Invalid`]: the first thing that RE2/J stumbles over.
pub fn validate(expression: &str) -> Result<(), Invalid> {
    let mut scanner =
        Scanner { rest: expression, names: BTreeSet::new(), open: Vec::new(), has_operand: false };
    scanner.scan()
}

struct Scanner<'a> {
    rest: &'a str,
    names: BTreeSet<&'a str>,
    /// One for each group that is open.
    open: Vec<()>,
    /// What a repetition operator would repeat is there, in this alternative of this group.
    has_operand: bool,
}

impl<'a> Scanner<'a> {
    fn scan(&mut self) -> Result<(), Invalid> {
        let mut after_repeat = false;
        while let Some(next) = self.rest.chars().next() {
            let is_repeat = match next {
                '*' | '+' | '?' => {
                    self.pop();
                    true
                }
                '{' => self.repeat_count()?,
                _ => {
                    self.operand(next)?;
                    false
                }
            };
            if is_repeat {
                self.skip("?");
                if after_repeat {
                    return Err(Invalid::RepeatOp);
                }
                if !self.has_operand {
                    return Err(Invalid::MissingRepeatArgument);
                }
            }
            after_repeat = is_repeat;
        }
        if self.open.is_empty() { Ok(()) } else { Err(Invalid::MissingParen) }
    }

    fn operand(&mut self, next: char) -> Result<(), Invalid> {
        match next {
            '(' if self.rest.starts_with("(?") => return self.group_flags(),
            '(' => {
                self.pop();
                self.open_group();
                return Ok(());
            }
            ')' => {
                self.pop();
                self.open.pop().ok_or(Invalid::Internal)?;
            }
            '|' => {
                self.pop();
                self.has_operand = false;
                return Ok(());
            }
            '[' => self.class()?,
            '\\' => return self.escape(),
            _ => self.pop(),
        }
        self.has_operand = true;
        Ok(())
    }

    fn open_group(&mut self) {
        self.open.push(());
        self.has_operand = false;
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn pop(&mut self) {
        self.take();
    }

    fn take(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn skip(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else after `{` makes it a character like others.
    fn repeat_count(&mut self) -> Result<bool, Invalid> {
        let before = self.rest;
        self.skip("{");
        let parsed = self.counts();
        match parsed {
            Some((min, max)) => {
                let fits = |count: u32| count <= REPEAT_MAX;
                if !fits(min) || max.is_some_and(|max| !fits(max) || min > max) {
                    return Err(Invalid::RepeatSize);
                }
                Ok(true)
            }
            None => {
                self.rest = before;
                self.skip("{");
                self.has_operand = true;
                Ok(false)
            }
        }
    }

    fn counts(&mut self) -> Option<(u32, Option<u32>)> {
        let min = self.count()?;
        let max = match (self.skip(","), self.rest.starts_with('}')) {
            (true, true) => None,
            (true, false) => Some(self.count()?),
            (false, _) => Some(min),
        };
        self.skip("}").then_some((min, max))
    }

    /// Digits without a leading zero; what is too long for a number counts as too large.
    fn count(&mut self) -> Option<u32> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        self.rest = rest;
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    /// `(?P<name>`, `(?<name>`, `(?i)`, `(?i-s:`.
    fn group_flags(&mut self) -> Result<(), Invalid> {
        for start in ["(?P<", "(?<"] {
            if let Some(rest) = self.rest.strip_prefix(start) {
                return self.named_group(rest);
            }
        }
        self.skip("(?");
        let (mut negated, mut saw_flag) = (false, false);
        loop {
            match self.take() {
                Some('i' | 'm' | 's' | 'U') => saw_flag = true,
                Some('-') if !negated => (negated, saw_flag) = (true, false),
                Some(end @ (':' | ')')) if !negated || saw_flag => {
                    if end == ':' {
                        self.open_group();
                    }
                    return Ok(());
                }
                _ => return Err(Invalid::PerlOp),
            }
        }
    }

    fn named_group(&mut self, rest: &'a str) -> Result<(), Invalid> {
        let (name, rest) = rest.split_once('>').ok_or(Invalid::NamedCapture)?;
        if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
            return Err(Invalid::NamedCapture);
        }
        if !self.names.insert(name) {
            return Err(Invalid::DuplicateName);
        }
        self.rest = rest;
        self.open_group();
        Ok(())
    }

    /// A backslash outside of brackets.
    fn escape(&mut self) -> Result<(), Invalid> {
        let mut ahead = self.rest[1..].chars();
        match ahead.next() {
            Some('Q') => {
                let quoted = ahead.as_str();
                let (literal, rest) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                self.has_operand |= !literal.is_empty();
                self.rest = rest;
                return Ok(());
            }
            Some('C') => return Err(Invalid::Escape),
            Some('A' | 'b' | 'B' | 'z' | 'd' | 'D' | 's' | 'S' | 'w' | 'W') => self.rest = ahead.as_str(),
            Some('p' | 'P') => self.unicode_class()?,
            _ => drop(self.escaped_char()?),
        }
        self.has_operand = true;
        Ok(())
    }

    /// `\pL`, `\p{Han}`, `\P{^Han}`.
    fn unicode_class(&mut self) -> Result<(), Invalid> {
        self.rest = &self.rest[2..];
        let first = self.take().ok_or(Invalid::CharRange)?;
        let mut single = [0; 4];
        let name = match first {
            '{' => {
                let (name, rest) = self.rest.split_once('}').ok_or(Invalid::CharRange)?;
                self.rest = rest;
                name
            }
            other => other.encode_utf8(&mut single),
        };
        let name = name.strip_prefix('^').unwrap_or(name);
        let known = |names: &str| names.split_whitespace().any(|known| known == name);
        if known(CATEGORIES) || known(SCRIPTS) { Ok(()) } else { Err(Invalid::CharRange) }
    }

    /// One character behind a backslash, which is the next one.
    fn escaped_char(&mut self) -> Result<u32, Invalid> {
        self.skip("\\");
        let c = self.take().ok_or(Invalid::TrailingBackslash)?;
        let is_octal = |c: Option<char>| c.is_some_and(|c| c.is_digit(8));
        match c {
            '1'..='7' if !is_octal(self.peek()) => Err(Invalid::Escape),
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    self.pop();
                }
                Ok(value)
            }
            'x' => self.hex(),
            'a' => Ok(7),
            'f' => Ok(12),
            'n' => Ok(10),
            'r' => Ok(13),
            't' => Ok(9),
            'v' => Ok(11),
            c if c.is_ascii_alphanumeric() => Err(Invalid::Escape),
            c => Ok(u32::from(c)),
        }
    }

    /// `\x41`, `\x{1F600}`.
    fn hex(&mut self) -> Result<u32, Invalid> {
        if !self.skip("{") {
            let mut digit = || self.take().and_then(|c| c.to_digit(16)).ok_or(Invalid::Escape);
            return Ok(digit()? * 16 + digit()?);
        }
        let (digits, rest) = self.rest.split_once('}').ok_or(Invalid::Escape)?;
        self.rest = rest;
        let is_hex = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let value = is_hex.then(|| u32::from_str_radix(digits, 16).unwrap_or(u32::MAX));
        value.filter(|value| *value <= u32::from(char::MAX)).ok_or(Invalid::Escape)
    }

    /// `[...]`
    fn class(&mut self) -> Result<(), Invalid> {
        self.skip("[");
        self.skip("^");
        let mut is_first = true;
        while is_first || !self.rest.starts_with(']') {
            is_first = false;
            if self.named_class()? {
                continue;
            }
            if self.rest.starts_with("\\p") || self.rest.starts_with("\\P") {
                self.unicode_class()?;
                continue;
            }
            if ["\\d", "\\D", "\\s", "\\S", "\\w", "\\W"].iter().any(|class| self.skip(class)) {
                continue;
            }
            let low = self.class_char()?;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") {
                self.skip("-");
                if self.class_char()? < low {
                    return Err(Invalid::CharRange);
                }
            }
        }
        self.skip("]");
        Ok(())
    }

    /// `[:alpha:]`, inside brackets.
    fn named_class(&mut self) -> Result<bool, Invalid> {
        let Some((name, rest)) = self.rest.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
            return Ok(false);
        };
        let plain = name.strip_prefix('^').unwrap_or(name);
        if !POSIX.split(' ').any(|known| known == plain) {
            return Err(Invalid::CharRange);
        }
        self.rest = rest;
        Ok(true)
    }

    fn class_char(&mut self) -> Result<u32, Invalid> {
        match self.peek() {
            None => Err(Invalid::MissingBracket),
            Some('\\') => self.escaped_char(),
            Some(c) => {
                self.pop();
                Ok(u32::from(c))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = include_str!("../../tests/data/re2j-valid.txt");
    const INVALID: &str = include_str!("../../tests/data/re2j-invalid.txt");

    #[test]
    fn what_re2j_takes() {
        assert!(VALID.lines().count() > 60);
        for line in VALID.lines() {
            assert_eq!(validate(line), Ok(()), "{line}");
        }
    }

    #[test]
    fn what_re2j_says() {
        assert!(INVALID.lines().count() > 70);
        for line in INVALID.lines() {
            let (expression, description) = line.split_once('\t').expect("a tab");
            let said = validate(expression).map_err(|invalid| invalid.to_string());
            assert_eq!(said, Err(description.to_owned()), "{expression}");
        }
    }
}
