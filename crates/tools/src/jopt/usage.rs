//! The table that `--help` prints: joptsimple's form (`BuiltinHelpFormatter(80, 2)`), our own words.

use super::{Kind, Opt, Parser, Takes};

/// Columns of the whole table.
const WIDTH: usize = 80;
/// Columns between its two.
const GAP: usize = 2;
/// Columns that a continued line is moved in.
const INDENT: &str = "  ";

/// Left and right cell.
type Row = (String, String);

impl Parser {
    /// The table with its head, sorted by name; lines end in blanks up to the widest.
    pub fn usage(&self) -> String {
        let mut options: Vec<&Opt> = self.all().collect();
        options.sort_by_key(|option| option.name);
        let mark = options.iter().any(|option| option.is_required);
        let head = if mark { "Option (* = required)" } else { "Option" };
        let mut rows = vec![(head.to_owned(), "Description".to_owned())];
        rows.push(("-".repeat(head.len()), "-".repeat("Description".len())));
        rows.extend(options.into_iter().map(|option| (option_cell(option), description_cell(option))));
        render(&fit(&rows))
    }
}

/// `--topic <String: topic>`
fn option_cell(option: &Opt) -> String {
    let dashes = if option.name.len() > 1 { "--" } else { "-" };
    let mark = if option.is_required { "* " } else { "" };
    let kind = match option.kind {
        Kind::Text => "String",
        Kind::Integer => "Integer",
        Kind::Long => "Long",
        Kind::Double => "Double",
        Kind::Other(name) => name,
    };
    let value = match option.described_as {
        "" => kind.to_owned(),
        described_as => format!("{kind}: {described_as}"),
    };
    match option.takes {
        Takes::Nothing => format!("{mark}{dashes}{}", option.name),
        Takes::Value => format!("{mark}{dashes}{} <{value}>", option.name),
        Takes::MaybeValue => format!("{mark}{dashes}{} [{value}]", option.name),
    }
}

fn description_cell(option: &Opt) -> String {
    match option.default {
        Some(default) => format!("{} (default: {default})", option.help).trim().to_owned(),
        None => option.help.to_owned(),
    }
}

/// Widths of the two columns: the left one gets at most half, the right one what is left.
fn widths(rows: &[Row]) -> (usize, usize) {
    let widest = |cell: fn(&Row) -> &str| rows.iter().map(|row| cell(row).len()).max().unwrap_or(0);
    let left = widest(|row| &row.0).min((WIDTH - GAP) / 2);
    (left, widest(|row| &row.1).min(WIDTH - GAP - left))
}

/// Breaks cells that are too wide into rows below each other.
fn fit(rows: &[Row]) -> Vec<Row> {
    let (left, right) = widths(rows);
    let mut fitted = Vec::new();
    for row in rows {
        let (lefts, rights) = (pieces(&row.0, left), pieces(&row.1, right));
        let cell = |pieces: &[String], at: usize| pieces.get(at).cloned().unwrap_or_default();
        let height = lefts.len().max(rights.len());
        fitted.extend((0..height).map(|at| (cell(&lefts, at), cell(&rights, at))));
    }
    fitted
}

fn render(rows: &[Row]) -> String {
    let (left, right) = widths(rows);
    let line = |row: &Row| format!("{:left$}{:GAP$}{:right$}\n", row.0, "", row.1);
    rows.iter().map(line).collect()
}

fn pieces(cell: &str, width: usize) -> Vec<String> {
    cell.trim().lines().flat_map(|line| pieces_of_line(line, width)).collect()
}

fn pieces_of_line(line: &str, width: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (unit, behind) = rest.split_at(unit_len(rest));
        if piece.len() + unit.len() > width {
            pieces.push(piece.trim_end().to_owned());
            piece = format!("{INDENT}{unit}");
        } else {
            piece.push_str(unit);
        }
        rest = behind;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Bytes up to the next place where Java lets a line end (`BreakIterator.getLineInstance`, for ASCII): a word with
/// the marks around it and the blanks behind it. Dashes end a word, and a sign or a bracket begins a number.
pub(crate) fn unit_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let skip = |from: usize, class: fn(u8) -> bool| {
        bytes[from..].iter().position(|&byte| !class(byte)).map_or(bytes.len(), |count| from + count)
    };
    let before_word = skip(0, opens);
    let word = skip(before_word, in_word);
    let core = word.max(number_len(bytes));
    let dashes = skip(core, |byte| byte == b'-');
    let suffix = if dashes > core { dashes } else { skip(core, closes) };
    let end = skip(suffix, |byte| byte == b' ' || byte == b'\t');
    end.max(1)
}

/// Signs, digits, and points or commas between digits; 0 when there is no number.
fn number_len(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = bytes.iter().take_while(|&&byte| opens(byte) || byte == b'-').count();
    if digits(at) == 0 {
        return 0;
    }
    at += digits(at);
    while at + 1 < bytes.len() && matches!(bytes[at], b'.' | b',') && digits(at + 1) > 0 {
        at += 1 + digits(at + 1);
    }
    at
}

fn opens(byte: u8) -> bool {
    matches!(byte, b'(' | b'[' | b'{' | b'$' | b'"')
}

fn closes(byte: u8) -> bool {
    matches!(byte, b')' | b']' | b'}' | b'!' | b'"' | b'%' | b'.' | b',' | b':' | b';' | b'?')
}

fn in_word(byte: u8) -> bool {
    !opens(byte) && !closes(byte) && !matches!(byte, b'-' | b' ' | b'\t')
}
