//! What somebody may have meant who wrote a name that is none (argparse4j: `printCandidates`).

/// Costs of a letter that is replaced, taken out or put in; two that changed places cost nothing.
const REPLACED: usize = 2;
const REMOVED: usize = 3;
const ADDED: usize = 1;
/// What is farther away was not meant.
const FAR: usize = 7;

/// The names nearest to `given`, in alphabetical order; none when all are far away. Dashes do not count.
pub fn similar<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let bare = |name: &str| name.trim_start_matches('-').to_owned();
    let given = bare(given);
    let mut rated: Vec<(usize, &str)> = names.map(|name| (rate(&given, &bare(name)), name)).collect();
    rated.sort_unstable();
    let least = rated.first().map_or(FAR, |(distance, _)| *distance);
    let near = rated.into_iter().filter(|(distance, _)| *distance == least && least < FAR);
    near.map(|(_, name)| name).collect()
}

fn rate(given: &str, name: &str) -> usize {
    if name.starts_with(given) { 0 } else { distance(given.as_bytes(), name.as_bytes()) }
}

/// How far `a` is from `b` (Damerau and Levenshtein).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let is_same = a[i - 1] == b[j - 1];
            let mut cost = last[j - 1] + if is_same { 0 } else { REPLACED };
            if i >= 2 && j >= 2 && !is_same && a[i - 2] == b[j - 1] && a[i - 1] == b[j - 2] {
                cost = cost.min(before_last[j - 2]);
            }
            row[j] = cost.min(last[j] + REMOVED).min(row[j - 1] + ADDED);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_near() {
        let commands = ["info", "format", "version-mapping", "feature-dependencies", "random-uuid"];
        let near = |given: &str| similar(given, commands.into_iter());
        assert_eq!(near("reformat"), ["format"]);
        assert_eq!(near("ifno"), ["info"]);
        assert_eq!(near("f"), ["feature-dependencies", "format"]);
        assert!(near("no-such-command").is_empty());
        assert_eq!(similar("--clster-id", ["--config", "--cluster-id"].into_iter()), ["--cluster-id"]);
        assert!(similar("--no-such-flag", ["--help"].into_iter()).is_empty());
        assert!(similar("x", std::iter::empty()).is_empty());
    }
}
