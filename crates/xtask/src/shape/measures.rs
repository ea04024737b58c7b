//! What is measured, and how good is good enough.

use crate::modules::Module;
use crate::repo::Repo;
use crate::rust_text::words;
use std::path::Path;

/// A number of which less is better.
pub struct Measure {
    /// A dotted key, stable because the ratchet keeps it.
    pub name: String,
    pub value: f64,
    /// What the best known projects reach; better than this is not asked of anyone.
    pub bar: f64,
    pub meaning: &'static str,
    /// Where to look.
    pub note: String,
}

impl Measure {
    fn new(name: &str, value: f64, bar: f64, meaning: &'static str) -> Measure {
        // Two digits are what the ratchet's file keeps.
        let value = (value * 100.0).round() / 100.0;
        Measure { name: name.to_owned(), value, bar, meaning, note: String::new() }
    }

    fn with_note(self, note: String) -> Measure {
        Measure { note, ..self }
    }

    /// A knot: modules of one crate that all reach each other.
    pub fn knot(room: &str, largest: &[String]) -> Measure {
        let note = if largest.len() > 1 { largest.join(" ") } else { String::new() };
        let size = largest.len().max(1) as f64;
        Measure::new(&format!("knot.{room}"), size, 1.0, "modules in the largest knot").with_note(note)
    }

    pub fn shown(&self) -> String {
        if self.value.fract() == 0.0 { format!("{}", self.value) } else { format!("{:.2}", self.value) }
    }
}

/// File sizes, tests inside files included.
pub fn sizes(modules: &[Module]) -> Vec<Measure> {
    let mut sizes: Vec<usize> = modules.iter().map(lines).collect();
    sizes.sort_unstable();
    let all: usize = sizes.iter().sum();
    let in_big: usize = sizes.iter().filter(|&&lines| lines > 1000).sum();
    let biggest = modules.iter().max_by_key(|module| lines(module));
    let note =
        biggest.map_or(String::new(), |module| format!("{} has {}", module.file.display(), lines(module)));
    vec![
        Measure::new("files.median", percentile(&sizes, 50), 150.0, "lines"),
        Measure::new("files.p90", percentile(&sizes, 90), 450.0, "lines").with_note(note),
        Measure::new("files.big_share", percent(in_big, all), 10.0, "% of lines in files above 1000 lines"),
    ]
}

/// Function lengths.
pub fn functions(modules: &[Module]) -> Vec<Measure> {
    let mut lengths: Vec<usize> = Vec::new();
    let mut longest = (0, String::new());
    for module in modules {
        let own = module.text.function_lengths();
        let top = own.iter().copied().max().unwrap_or(0);
        if top > longest.0 {
            longest = (top, format!("{top} lines in {}", module.file.display()));
        }
        lengths.extend(own);
    }
    lengths.sort_unstable();
    let long = lengths.iter().filter(|&&lines| lines > 70).count();
    vec![
        Measure::new("functions.median", percentile(&lengths, 50), 12.0, "lines"),
        Measure::new("functions.p90", percentile(&lengths, 90), 35.0, "lines").with_note(longest.1),
        Measure::new("functions.long_share", percent(long, lengths.len()), 2.0, "% above 70 lines"),
    ]
}

/// Panics, assertions and headers.
pub fn habits(modules: &[Module]) -> Vec<Measure> {
    let count = |needle: &str| -> usize {
        modules.iter().map(|module| words(&module.text.shipped, needle).count()).sum()
    };
    let kloc = modules.iter().map(|module| module.text.shipped_lines()).sum::<usize>().max(1) as f64 / 1000.0;
    let unwraps = (count(".unwrap()") + count(".expect(")) as f64 / kloc;
    let headless = modules.iter().filter(|module| !module.text.text.starts_with("//! ")).count();
    let asserts = ["assert!", "assert_eq!", "assert_ne!", "debug_assert!", "debug_assert_eq!"];
    let asserts = asserts.into_iter().map(count).sum::<usize>() as f64 / kloc;
    vec![
        Measure::new("panics.per_kloc", unwraps, 3.0, "unwrap and expect per 1000 lines outside tests")
            .with_note(format!("{asserts:.1} assertions")),
        Measure::new("files.headless_share", percent(headless, modules.len()), 0.0, "% without a //! header"),
    ]
}

/// How many packages a build from the lock file can need.
pub fn locked_packages(repo: &Repo) -> Measure {
    let lock = repo.text(Path::new("Cargo.lock")).expect("lock files are UTF-8");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    Measure::new("packages.locked", packages as f64, 200.0, "packages in Cargo.lock")
}

fn lines(module: &Module) -> usize {
    module.text.text.lines().count()
}

/// The nearest rank; 0 of nothing.
fn percentile(sorted: &[usize], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map_or(0.0, |&value| value as f64)
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_text::RustText;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values: Vec<usize> = (1..=10).collect();
        assert_eq!((percentile(&values, 50), percentile(&values, 90), percentile(&[], 50)), (5.0, 9.0, 0.0));
    }

    #[test]
    fn habits_are_counted_outside_tests() {
        let source = "//! A.\nfn a() {\n    b.unwrap();\n    assert!(c);\n}\n#[cfg(test)]\nmod t { fn d() { e.unwrap() } }\n";
        let text = RustText::new(source.to_owned());
        let module = Module { file: "a.rs".into(), path: vec![], test: false, text };
        let measures = habits(&[module]);
        assert_eq!(measures[0].value, 200.0);
        assert_eq!(measures[0].note, "200.0 assertions");
        assert_eq!(measures[1].value, 0.0);
    }
}
