//! Adding to and taking from lists, as IncrementalAlterConfigs does (Kafka: `ConfigAdminManager`,
//! `ConfigurationControlManager`). In one pass: lists come from clients, and may be long.

use std::collections::{BTreeMap, BTreeSet};

/// The elements with those of `more` that are not among them, as one text.
pub fn appended<'a>(elements: Vec<&'a str>, more: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: BTreeSet<&str> = elements.iter().copied().collect();
    let mut all = elements;
    all.extend(more.into_iter().filter(|element| known.insert(element)));
    all.join(",")
}

/// The elements without those of `less`, as one text. Each mention takes one away, the first.
pub fn subtracted<'a>(elements: Vec<&'a str>, less: impl IntoIterator<Item = &'a str>) -> String {
    let mut mentions: BTreeMap<&str, usize> = BTreeMap::new();
    less.into_iter().for_each(|element| *mentions.entry(element).or_default() += 1);
    let mut stays = elements;
    stays.retain(|element| match mentions.get_mut(element) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    });
    stays.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_added_once_and_taken_once_for_each_mention() {
        assert_eq!(appended(vec!["a", "b", "a"], ["b", "c", "c", "a"]), "a,b,a,c");
        assert_eq!(appended(Vec::new(), ["x"]), "x");
        assert_eq!(subtracted(vec!["a", "b", "a", "c"], ["a", "d"]), "b,a,c");
        assert_eq!(subtracted(vec!["a", "b", "a"], ["a", "a", "a"]), "b");
    }
}
