//! `shape.ratchet`: the worst value that each measure may have. Values go down to the bar and never up.

use super::measures::Measure;
use crate::Findings;
use crate::repo::Repo;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

const FILE: &str = "shape.ratchet";

const HEADER: &str = "\
# The worst value that each measure of `cargo xtask shape` may have.
# `cargo xtask shape --tighten` takes over what has become better; values only go down, and never below the bar.
";

/// Measures without a line are held to their bar.
pub fn check(repo: &Repo, measured: &[Measure]) -> Findings {
    let allowed = read(repo);
    let mut findings = Findings::new();
    for measure in measured {
        let limit = limit(&allowed, measure);
        if measure.value > limit {
            let (name, shown, meaning) = (&measure.name, measure.shown(), measure.meaning);
            findings.push(format!("{name}: {shown} {meaning}, {FILE} allows {limit} {}", measure.note));
        }
    }
    let behind: Vec<_> =
        measured.iter().filter(|measure| limit(&allowed, measure) > better(measure)).collect();
    if findings.is_empty() && !behind.is_empty() {
        println!("{} measures are better than {FILE}: cargo xtask shape --tighten", behind.len());
    }
    findings
}

/// Writes the file anew. A measure that is worse than allowed keeps its old limit.
pub fn tighten(repo: &Repo, measured: &[Measure]) -> Findings {
    let allowed = read(repo);
    let mut text = HEADER.to_owned();
    for measure in measured {
        let first_time = !allowed.contains_key(&measure.name);
        let limit = if first_time { better(measure) } else { better(measure).min(allowed[&measure.name]) };
        writeln!(text, "{} {limit}", measure.name).expect("strings take everything");
    }
    match std::fs::write(repo.root.join(FILE), text) {
        Ok(()) => Findings::new(),
        Err(e) => vec![format!("{FILE}: {e}")],
    }
}

fn limit(allowed: &BTreeMap<String, f64>, measure: &Measure) -> f64 {
    allowed.get(&measure.name).copied().unwrap_or(measure.bar)
}

fn better(measure: &Measure) -> f64 {
    measure.value.max(measure.bar)
}

fn read(repo: &Repo) -> BTreeMap<String, f64> {
    if !repo.files.iter().any(|file| file == Path::new(FILE)) {
        return BTreeMap::new();
    }
    parse(&repo.text(Path::new(FILE)).expect("the ratchet is UTF-8"))
}

fn parse(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let line = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    lines
        .map(|text| line(text).unwrap_or_else(|| panic!("{FILE}: `{text}` is not a name and a number")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repo(name: &str) -> Repo {
        let root = std::env::temp_dir().join(format!("klamm-ratchet-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&root).expect("a folder to write in");
        Repo::at(root)
    }

    fn knot(of: usize) -> Vec<Measure> {
        let modules: Vec<String> = (0..of).map(|i| format!("m{i}")).collect();
        vec![Measure::knot("room", &modules)]
    }

    #[test]
    fn values_go_down_to_the_bar_and_never_up() {
        let open = || repo("down");
        assert_eq!(check(&open(), &knot(3)).len(), 1, "held to the bar without a file");
        assert!(tighten(&open(), &knot(3)).is_empty());
        assert!(check(&open(), &knot(3)).is_empty() && check(&open(), &knot(4)).len() == 1);
        tighten(&open(), &knot(4));
        assert_eq!(check(&open(), &knot(4)).len(), 1, "a worse value does not loosen it");
        tighten(&open(), &knot(0));
        assert_eq!(check(&open(), &knot(2)).len(), 1, "a better one tightens it");
        assert!(check(&open(), &knot(1)).is_empty());
        std::fs::remove_dir_all(open().root).expect("our own folder");
    }
}
