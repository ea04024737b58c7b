//! Just enough of Rust's grammar to measure it: what is code, what is test, where functions end.

use std::ops::Range;

/// A Rust file in three views of the same length, so that positions agree.
pub struct RustText {
    pub text: String,
    /// Comments and literals are spaces.
    pub code: String,
    /// Items under `#[cfg(test)]` are spaces too.
    pub shipped: String,
}

impl RustText {
    pub fn new(text: String) -> RustText {
        let code = blank_comments_and_literals(&text);
        let shipped = blank_tests(&code);
        RustText { text, code, shipped }
    }

    /// Lines that are not inside test items.
    pub fn shipped_lines(&self) -> usize {
        let test_lines = test_items(&self.code).into_iter().map(|item| self.code[item].lines().count());
        self.text.lines().count() - test_lines.sum::<usize>()
    }

    /// Lines of every shipped function, from `fn` to its closing brace.
    pub fn function_lengths(&self) -> Vec<usize> {
        let starts = words(&self.shipped, "fn");
        starts
            .filter_map(|at| function_end(&self.shipped, at).map(|end| at..end))
            .map(|f| self.lines(f))
            .collect()
    }

    fn lines(&self, range: Range<usize>) -> usize {
        1 + self.shipped[range].matches('\n').count()
    }
}

/// The positions of a whole word.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = at == 0 || !is_word(bytes[at - 1]);
        let after = bytes.get(at + word.len()).is_none_or(|&byte| !is_word(byte));
        let word_ends = !is_word(word.as_bytes()[word.len() - 1]) || after;
        let word_begins = !is_word(word.as_bytes()[0]) || before;
        word_begins && word_ends
    })
}

pub fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// The line that a position is in, counted from 1.
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

/// Every path that `use` trees in this code import, as segments; renames and globs included.
pub fn use_paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for at in words(code, "use") {
        let Some(len) = code[at..].find(';') else { continue };
        expand_tree(&code[at + 3..at + len], &[], &mut paths);
    }
    paths
}

fn expand_tree(tree: &str, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let tree = tree.trim();
    let (head, group) = match tree.find('{') {
        Some(at) => (&tree[..at], Some(tree[at + 1..].trim_end().trim_end_matches('}'))),
        None => (tree.split(" as ").next().unwrap_or(tree), None),
    };
    let mut path = prefix.to_vec();
    path.extend(head.split("::").map(str::trim).filter(|segment| !segment.is_empty()).map(str::to_owned));
    match group {
        Some(group) => split_top_level(group).into_iter().for_each(|part| expand_tree(part, &path, paths)),
        None if !path.is_empty() => paths.push(path),
        None => {}
    }
}

/// Splits at commas that are in no inner group.
fn split_top_level(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Where the function whose `fn` stands at `at` ends; nothing for a type or a declaration.
fn function_end(code: &str, at: usize) -> Option<usize> {
    let named = code[at + 2..].trim_start().bytes().next().is_some_and(is_word);
    let body = item_body(code, at).filter(|_| named)?;
    (code.as_bytes()[body] == b'{').then(|| closing_brace(code, body))
}

/// The `{` or `;` that ends an item's head.
fn item_body(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0i32;
    for (offset, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' | b';' if depth == 0 => return Some(offset),
            _ => {}
        }
    }
    None
}

/// One past the brace that closes the one at `open`, or the end of a file that is cut off.
fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return offset + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    code.len()
}

/// Whether attributes in this stretch of code say that what follows exists in tests only.
pub fn is_test_only(attributes: &str) -> bool {
    attributes.match_indices("#[cfg(").any(|(at, _)| {
        let rest = &attributes[at..];
        let condition = &rest[..rest.find(']').unwrap_or(rest.len())];
        words(condition, "test").next().is_some() && !condition.contains("not(test")
    })
}

/// Items under `#[cfg(test)]`, attributes included.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for (at, _) in code.match_indices("#[cfg(") {
        let attribute_end = at + code[at..].find(']').map_or(0, |len| len + 1);
        if items.last().is_some_and(|last| at < last.end) || !is_test_only(&code[at..attribute_end]) {
            continue;
        }
        let end = match item_body(code, attribute_end) {
            Some(body) if code.as_bytes()[body] == b'{' => closing_brace(code, body),
            Some(semicolon) => semicolon + 1,
            None => code.len(),
        };
        items.push(at..end);
    }
    items
}

fn blank_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for item in test_items(code) {
        blank(&mut bytes[item]);
    }
    String::from_utf8(bytes).expect("whole items became spaces")
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn blank_comments_and_literals(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < text.len() {
        let end = match literal_or_comment(text, at) {
            Some(end) => {
                blank(&mut bytes[at..end]);
                end
            }
            None => at + 1,
        };
        at = end;
    }
    String::from_utf8(bytes).expect("whole comments and literals became spaces")
}

/// The end of the comment or literal that starts here, if one does.
fn literal_or_comment(text: &str, at: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..];
    let starts_word = at == 0 || !is_word(text.as_bytes()[at - 1]);
    match rest {
        [b'/', b'/', ..] => Some(text[at..].find('\n').map_or(text.len(), |len| at + len)),
        [b'/', b'*', ..] => Some(block_comment_end(text, at)),
        [b'"', ..] => Some(string_end(text, at + 1)),
        [b'b' | b'c', b'"', ..] if starts_word => Some(string_end(text, at + 2)),
        [b'r', b'"' | b'#', ..] if starts_word => raw_string_end(text, at + 1),
        [b'b' | b'c', b'r', b'"' | b'#', ..] if starts_word => raw_string_end(text, at + 2),
        [b'\'', ..] => character_end(text, at),
        _ => None,
    }
}

fn block_comment_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut end) = (0usize, at);
    while end + 1 < bytes.len() {
        match &bytes[end..end + 2] {
            b"/*" => (depth, end) = (depth + 1, end + 2),
            b"*/" => (depth, end) = (depth - 1, end + 2),
            _ => end += 1,
        }
        if depth == 0 {
            return end;
        }
    }
    bytes.len()
}

fn string_end(text: &str, content: usize) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(content) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

/// From behind the `r`; nothing for a raw identifier.
fn raw_string_end(text: &str, hashes_at: usize) -> Option<usize> {
    let hashes = text[hashes_at..].bytes().take_while(|&byte| byte == b'#').count();
    let content = hashes_at + hashes + 1;
    if text.as_bytes().get(content - 1) != Some(&b'"') {
        return None;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    Some(text[content..].find(&closing).map_or(text.len(), |len| content + len + closing.len()))
}

/// A character, as opposed to a lifetime.
fn character_end(text: &str, at: usize) -> Option<usize> {
    let mut characters = text[at + 1..].char_indices();
    match characters.next()? {
        (_, '\\') => {
            let (escaped, _) = characters.next()?;
            let behind = at + 1 + escaped + 1;
            text[behind..].find('\'').map(|len| behind + len + 1)
        }
        (_, _) => match characters.next()? {
            (offset, '\'') => Some(at + 1 + offset + 1),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_no_code() {
        let source = r##"let a = "use crate::x; \" fn"; // fn b() {
/* fn /* nested */ */ let c = r#"fn "# ; let d: &'static str = 'f'; let e = '\''; fn r#type() {}"##;
        let text = RustText::new(source.to_owned());
        assert_eq!(text.code.len(), source.len());
        assert_eq!(words(&text.code, "fn").count(), 1, "{}", text.code);
        assert!(text.code.contains("'static") && !text.code.contains("'f'") && !text.code.contains('"'));
    }

    #[test]
    fn functions_run_to_their_closing_brace() {
        let source =
            "fn a(f: fn(u8) -> u8) {\n    if x {\n    }\n}\nfn b() -> [u8; 2] { c }\ntrait T { fn d(); }\n";
        assert_eq!(RustText::new(source.to_owned()).function_lengths(), [4, 1]);
    }

    #[test]
    fn test_items_are_not_shipped() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { c.unwrap() }\n}\n#[cfg(not(test))]\nfn d() {}\n";
        let text = RustText::new(source.to_owned());
        assert_eq!(text.function_lengths().len(), 2);
        assert!(text.code.contains("unwrap") && !text.shipped.contains("unwrap"));
        assert_eq!(text.shipped_lines(), 3);
    }

    #[test]
    fn use_trees_unfold() {
        let paths = use_paths("use a::b; pub use crate::{c::{self, D as E}, f::*};");
        let joined: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(joined, ["a::b", "crate::c::self", "crate::c::D", "crate::f::*"]);
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(words("rand::x operand::y", "rand::").count(), 1);
        assert_eq!(words("test attest test_a (test)", "test").count(), 2);
    }
}
