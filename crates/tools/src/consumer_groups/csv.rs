//! Plans of offsets as files: `topic,partition,offset` a line, or with the group before it (Kafka: `CsvUtils`, which
//! is Jackson's CSV).

use std::fmt;

use klamm_base::TopicPartition;

use crate::hash_map::HashMap;

/// Texts that are longer stand in quotes, whatever is in them.
const UNQUOTED_MAX: usize = 24;

/// Offsets by group, in the order in which Kafka's tool goes through them.
pub type Plan = HashMap<String, HashMap<TopicPartition, i64>>;

/// What columns a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    TopicPartitionOffset,
    WithGroup,
}

/// What is wrong with a line. It prints as Jackson's exceptions do, `at` being columns from 1 on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadLine {
    Empty,
    MissingQuote { at: usize },
    BehindQuote { found: char, at: usize },
    TooMany { expected: usize, value: String, at: usize },
    NoNumber { kind: Number, value: String, at: usize, columns: Columns },
    OutOfRange { kind: Number, value: String, at: usize, columns: Columns },
}

/// Which number a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Partition,
    Offset,
}

impl Columns {
    fn count(self) -> usize {
        match self {
            Columns::TopicPartitionOffset => 3,
            Columns::WithGroup => 4,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Columns::TopicPartitionOffset => "CsvRecordNoGroup",
            Columns::WithGroup => "CsvRecordWithGroup",
        }
    }
}

impl Number {
    fn name(self) -> &'static str {
        match self {
            Number::Partition => "partition",
            Number::Offset => "offset",
        }
    }

    fn java(self) -> &'static str {
        match self {
            Number::Partition => "int",
            Number::Offset => "long",
        }
    }

    fn range(self) -> &'static str {
        match self {
            Number::Partition => "-2147483648 - 2147483647",
            Number::Offset => "-9223372036854775808 - 9223372036854775807",
        }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |at: &usize| format!("\n at [Source: (StringReader); line: 1, column: {at}]");
        let chain = |columns: &Columns, kind: &Number| {
            format!(
                " (through reference chain: org.apache.kafka.tools.consumer.group.CsvUtils${}[\"{}\"])",
                columns.class(),
                kind.name()
            )
        };
        match self {
            BadLine::Empty => f.write_str(
                "com.fasterxml.jackson.databind.exc.MismatchedInputException: No content to map due to \
                 end-of-input\n at [Source: (StringReader); line: UNKNOWN, column: UNKNOWN]",
            ),
            BadLine::MissingQuote { at } => write!(
                f,
                "com.fasterxml.jackson.core.JsonParseException: Missing closing quote for value{}",
                source(at)
            ),
            BadLine::BehindQuote { found, at } => write!(
                f,
                "com.fasterxml.jackson.core.JsonParseException: Unexpected character ('{found}' (code {})): \
                 Expected column separator character (',' (code 44)) or end-of-line{}",
                u32::from(*found),
                source(at)
            ),
            BadLine::TooMany { expected, value, at } => write!(
                f,
                "com.fasterxml.jackson.dataformat.csv.CsvReadException: Too many entries: expected at most \
                 {expected} (value #{expected} ({} chars) \"{value}\"){}",
                value.encode_utf16().count(),
                source(at)
            ),
            BadLine::NoNumber { kind, value, at, columns } => write!(
                f,
                "com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type \
                 `{java}` from String \"{value}\": not a valid `{java}` value{}{}",
                source(at),
                chain(columns, kind),
                java = kind.java()
            ),
            BadLine::OutOfRange { kind, value, at, columns } => {
                let is_long = value.parse::<i64>().is_ok();
                let range = if is_long { String::new() } else { format!(" ({})", kind.range()) };
                write!(
                    f,
                    "com.fasterxml.jackson.databind.JsonMappingException: Numeric value ({value}) out of range \
                     of {}{range}{}{}",
                    kind.java(),
                    source(at),
                    chain(columns, kind)
                )
            }
        }
    }
}

/// What a line says. Columns that are missing are 0 or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Empty when the line has no column for it.
    pub group: String,
    pub partition: TopicPartition,
    pub offset: i64,
}

/// Reads one line.
///
/// # Errors
/// [`BadLine`]
pub fn read(line: &str, columns: Columns) -> Result<Row, BadLine> {
    let values = split(line)?;
    let names = match columns {
        Columns::TopicPartitionOffset => 0,
        Columns::WithGroup => 1,
    };
    let text = |at: usize| values.get(at).map(|value| value.text.clone()).unwrap_or_default();
    let number = |at: usize, kind| values.get(at).map_or(Ok(0), |value| value.number(kind, columns, line));
    let group = if names == 0 { String::new() } else { text(0) };
    let partition = number(names + 1, Number::Partition)?;
    let offset = number(names + 2, Number::Offset)?;
    // An empty value too many is nothing.
    let surplus = values.get(columns.count()).filter(|value| !value.text.is_empty());
    if let Some(value) = surplus {
        return Err(BadLine::TooMany { expected: columns.count(), value: value.text.clone(), at: value.at });
    }
    // It was held against the range of an int.
    let partition = i32::try_from(partition).unwrap_or(i32::MAX);
    // A topic that is missing is what Java prints for nothing.
    let topic = values.get(names).map_or("null", |value| &value.text);
    Ok(Row { group, partition: TopicPartition::new(topic, partition), offset })
}

/// A column's value: where it begins and ends, columns from 1 on.
struct Value {
    text: String,
    at: usize,
    is_last: bool,
}

impl Value {
    fn number(&self, kind: Number, columns: Columns, line: &str) -> Result<i64, BadLine> {
        let text = self.text.trim();
        if text.is_empty() || text == "null" {
            return Ok(0);
        }
        let value = self.text.clone();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(BadLine::NoNumber { kind, value, at: self.at, columns });
        }
        let number = match kind {
            Number::Partition => text.parse::<i32>().map(i64::from),
            Number::Offset => text.parse::<i64>(),
        };
        number.map_err(|_| {
            // Where Jackson stands by then; at the end of its input it counts all of it twice.
            let chars = line.chars().count();
            let at = if self.is_last { 2 * chars + 1 } else { self.at + value.chars().count() + 1 };
            BadLine::OutOfRange { kind, value: text.to_owned(), at, columns }
        })
    }
}

/// The values of a line; a carriage return ends it too.
fn split(line: &str) -> Result<Vec<Value>, BadLine> {
    let line = line.split_once('\r').map_or(line, |(line, _)| line);
    if line.is_empty() {
        return Err(BadLine::Empty);
    }
    let chars: Vec<char> = line.chars().collect();
    let mut values = Vec::new();
    let mut at = 0;
    loop {
        let start = at;
        let text = match chars.get(at) {
            Some('"') => quoted(&chars, &mut at)?,
            _ => {
                let end = chars[at..].iter().position(|c| *c == ',').map_or(chars.len(), |end| at + end);
                let text = chars[at..end].iter().collect();
                at = end;
                text
            }
        };
        let is_last = at >= chars.len();
        values.push(Value { text, at: start + 1, is_last });
        if is_last {
            return Ok(values);
        }
        // The comma.
        at += 1;
    }
}

/// A value in quotes, in which two quotes are one; `at` goes behind the blanks after it.
fn quoted(chars: &[char], at: &mut usize) -> Result<String, BadLine> {
    let mut text = String::new();
    *at += 1;
    loop {
        match (chars.get(*at), chars.get(*at + 1)) {
            (None, _) => return Err(BadLine::MissingQuote { at: chars.len() + 1 }),
            (Some('"'), Some('"')) => {
                text.push('"');
                *at += 2;
            }
            (Some('"'), _) => break,
            (Some(c), _) => {
                text.push(*c);
                *at += 1;
            }
        }
    }
    *at += 1;
    while chars.get(*at) == Some(&' ') {
        *at += 1;
    }
    match chars.get(*at) {
        None | Some(',') => Ok(text),
        Some(found) => Err(BadLine::BehindQuote { found: *found, at: *at + 2 }),
    }
}

/// Reads a whole file. With one group asked for, and a first line that can be read without a group, all lines are.
///
/// # Errors
/// [`BadLine`], the first.
pub fn read_plan(file: &str, groups: &[String]) -> Result<Plan, BadLine> {
    let mut lines: Vec<&str> = file.split('\n').collect();
    while lines.len() > 1 && lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let first = lines.first().copied().unwrap_or_default();
    let (columns, only) = match (groups, read(first, Columns::TopicPartitionOffset)) {
        ([only], Ok(_)) => (Columns::TopicPartitionOffset, Some(only)),
        _ => (Columns::WithGroup, None),
    };
    let mut plan: Vec<(String, HashMap<TopicPartition, i64>)> = Vec::new();
    for line in lines {
        let row = read(line, columns)?;
        let group = only.cloned().unwrap_or(row.group);
        match plan.iter_mut().find(|(known, _)| *known == group) {
            Some((_, offsets)) => offsets.insert(row.partition, row.offset),
            None => plan.push((group, [(row.partition, row.offset)].into_iter().collect())),
        }
    }
    Ok(plan.into_iter().collect())
}

/// A line of an exported plan, ending in a newline; the group is left out where only one was asked for.
pub fn write(group: Option<&str>, partition: &TopicPartition, offset: i64) -> String {
    let group = group.map(|group| format!("{},", quote(group))).unwrap_or_default();
    format!("{group}{},{},{offset}\n", quote(&partition.topic), partition.partition)
}

/// In quotes when it is long or anything in it is below `-`, which is above the comma and the quote.
fn quote(text: &str) -> String {
    if text.encode_utf16().count() > UNQUOTED_MAX || text.chars().any(|c| c <= ',') {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jackson's own answers: line, tab, record or exception, for both kinds of columns in turn.
    #[test]
    fn lines_are_read_as_jackson_reads_them() {
        let data = include_str!("../../tests/data/jackson-csv.txt");
        let rows: Vec<&str> = data.lines().collect();
        assert!(rows.len() > 60);
        for pair in rows.chunks(2) {
            for (row, columns) in pair.iter().zip([Columns::TopicPartitionOffset, Columns::WithGroup]) {
                let (line, expected) = row.split_once('\t').expect("a tab");
                let line = line.replace("\\r", "\r");
                let ours = match read(&line, columns) {
                    Ok(Row { group, partition: TopicPartition { topic, partition }, offset }) => {
                        match columns {
                            Columns::TopicPartitionOffset => format!("{topic}|{partition}|{offset}|"),
                            Columns::WithGroup => format!("{group}|{topic}|{partition}|{offset}|"),
                        }
                    }
                    Err(fault) => format!("!{fault}").replace('\n', "\\n"),
                };
                assert_eq!(ours, expected, "{line}");
            }
        }
    }

    #[test]
    fn the_first_line_says_what_columns_there_are() {
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let offsets = |plan: &Plan, group: &str| {
            let offsets = plan.get(&group.to_owned()).expect("the group");
            offsets.iter().map(|(partition, offset)| format!("{partition}={offset}")).collect::<Vec<_>>()
        };
        let plan = read_plan("t,0,5\nt,1,6\n\n", &groups(&["g"])).expect("a plan");
        assert_eq!(offsets(&plan, "g"), ["t-1=6", "t-0=5"]);
        let plan = read_plan("g,t,0,5\nh,t,0,7\ng,t,0,6\n", &groups(&["g"])).expect("a plan");
        assert_eq!((offsets(&plan, "g"), offsets(&plan, "h")), (vec!["t-0=6".into()], vec!["t-0=7".into()]));
        // Two groups: there must be a column for them.
        assert!(read_plan("t,0,5\n", &groups(&["g", "h"])).expect("a plan").get(&"t".to_owned()).is_some());
        assert_eq!(read_plan("", &groups(&["g"])), Err(BadLine::Empty));
        assert_eq!(read_plan("t,0,5\n\nt,1,6\n", &groups(&["g"])), Err(BadLine::Empty));
    }

    #[test]
    fn long_and_odd_names_stand_in_quotes() {
        let line = |group, topic: &str| write(group, &TopicPartition::new(topic, 1), 2);
        assert_eq!(line(None, "c2"), "c2,1,2\n");
        assert_eq!(line(Some("gg"), "a.b-c_d"), "gg,a.b-c_d,1,2\n");
        assert_eq!(line(Some("a b"), &"a".repeat(24)), format!("\"a b\",{},1,2\n", "a".repeat(24)));
        assert_eq!(line(Some("a\"b"), &"a".repeat(25)), format!("\"a\"\"b\",\"{}\",1,2\n", "a".repeat(25)));
        assert_eq!(line(Some("é"), "t"), "é,t,1,2\n");
        assert_eq!(line(Some("a,b"), "t"), "\"a,b\",t,1,2\n");
    }
}
