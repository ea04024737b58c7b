//! The name that somebody meant who wrote another one.

/// The name most like a word, if one is: of four letters one may be wrong, missing, too much or swapped with the next,
/// and of longer words as many times more, but never more than three. The first of several.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 4).min(3);
    let distances = names.into_iter().map(|name| (distance(word, name), name));
    distances
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be changed, put in, taken out or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    // The last two rows of the table; a row holds the distance of a start of `one` to each start of `other`.
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut row = vec![i + 1; other.len() + 1];
        for (j, wanted) in other.iter().enumerate() {
            let changed = last[j] + usize::from(letter != wanted);
            row[j + 1] = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == other[j - 1] && one[i - 1] == *wanted {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "ab", 2),
            ("port", "port", 0),
            ("prot", "port", 1),
            ("hour", "hours", 1),
            ("abc", "xyz", 3),
        ] {
            assert_eq!((distance(one, other), distance(other, one)), (expected, expected), "{one} {other}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_understood_and_another_word_is_not() {
        let names = ["log.retention.hours", "log.retention.minutes", "log.roll.hours", "num.partitions"];
        let meant = |word| nearest(word, names);
        assert_eq!(meant("log.retention.hour"), Some("log.retention.hours"));
        assert_eq!(meant("num.partition"), Some("num.partitions"));
        assert_eq!(meant("zookeeper.connect"), None);
        assert_eq!(meant("ab"), None, "too short to guess");
        assert_eq!(nearest("serv", ["dev", "serve"]), Some("serve"));
    }
}
