//! Long lines as argparse4j breaks them: what is in them is moved apart until they are full (its `TextHelper.wrap`).

use crate::jopt::usage::unit_len;

/// Breaks `text` into lines of `width` columns; all but the last are filled with blanks. A line end at its end counts
/// as a column, as it does there.
pub fn justified(text: &str, width: usize) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    let mut rest = text;
    while !rest.is_empty() {
        let (unit, behind) = rest.split_at(unit_len(rest));
        if line.len() + unit.len() > width {
            lines.push(filled(line.trim_matches(' '), width));
            line.clear();
        }
        line.push_str(unit);
        rest = behind;
    }
    lines.push(line);
    lines.join("\n")
}

/// Blanks are shared out among the gaps; what is left over goes to those in the middle.
fn filled(line: &str, width: usize) -> String {
    let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
    let gaps = words.len().saturating_sub(1);
    if gaps == 0 {
        return line.to_owned();
    }
    let missing = width.saturating_sub(line.len());
    let (each, left) = (missing / gaps, missing % gaps);
    let first = (gaps - left).div_ceil(2);
    let mut text = words[0].to_owned();
    for (gap, word) in words[1..].iter().enumerate() {
        let blanks = 1 + each + usize::from((first..first + left).contains(&gap));
        text.push_str(&" ".repeat(blanks));
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_as_argparse4j_fills_them() {
        for (text, expected) in [
            (
                "kafka-cluster: error: one of the arguments --bootstrap-server/-b --bootstrap-controller/-C is required",
                "kafka-cluster:  error:  one  of   the  arguments  --bootstrap-server/-b  --\n\
                 bootstrap-controller/-C is required",
            ),
            (
                "kafka-cluster: error: argument --bootstrap-controller/-C: not allowed with argument --bootstrap-server/-b",
                "kafka-cluster: error: argument --bootstrap-controller/-C:  not allowed with\n\
                 argument --bootstrap-server/-b",
            ),
            (
                "kafka-cluster: error: argument --bootstrap-server/-b: expected one argument",
                "kafka-cluster:  error:   argument   --bootstrap-server/-b:   expected   one\nargument",
            ),
            (
                "kafka-cluster: error: argument --id/-i: could not convert 'seven' to Integer (For input string: \"seven\")",
                "kafka-cluster: error:  argument  --id/-i:  could  not  convert  'seven'  to\n\
                 Integer (For input string: \"seven\")",
            ),
            ("kafka-cluster: error: too few arguments", "kafka-cluster: error: too few arguments"),
        ] {
            assert_eq!(justified(&format!("{text}\n"), 75), format!("{expected}\n"));
        }
    }
}
