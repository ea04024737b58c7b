//! Knots: top-level modules of a crate that all import each other.
//!
//! An edge goes from a module to each other one that it names through `crate::` or, at the same
//! depth, `super::`, outside tests. What `lib.rs` hands on (`pub use words::Word;`) counts as the module that
//! has it. The knot is the largest strongly connected component; 1 means none.

use super::measures::Measure;
use crate::modules::Module;
use crate::rust_text::{is_word, use_paths, words};
use std::collections::{BTreeMap, BTreeSet};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The knot of one crate.
pub fn measure(room: &str, modules: &[Module]) -> Measure {
    Measure::knot(room, &largest_component(&graph(modules)))
}

/// The arrows that tie the knot of one crate, as text.
pub fn arrows(modules: &[Module]) -> Vec<String> {
    let graph = graph(modules);
    let knot = largest_component(&graph);
    let inside = |from: &String| -> Option<String> {
        let to: Vec<&str> = graph[from].iter().filter(|to| knot.contains(to)).map(String::as_str).collect();
        (!to.is_empty()).then(|| format!("{from} -> {}", to.join(", ")))
    };
    knot.iter().filter_map(inside).collect()
}

fn graph(modules: &[Module]) -> Graph {
    let mut graph: Graph = modules.iter().filter_map(top).map(|name| (name, BTreeSet::new())).collect();
    let handed_on = handed_on(modules, &graph);
    for module in modules {
        let Some(from) = top(module) else { continue };
        for name in names_from_root(module) {
            let target = if graph.contains_key(&name) { Some(&name) } else { handed_on.get(&name) };
            if let Some(target) = target.filter(|target| **target != from) {
                graph.get_mut(&from).expect("every module is in the graph").insert(target.clone());
            }
        }
    }
    graph
}

fn top(module: &Module) -> Option<String> {
    module.path.first().cloned()
}

/// Names that the crate's root re-exports, with the module that each comes from.
fn handed_on(modules: &[Module], graph: &Graph) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for root in modules.iter().filter(|module| module.path.is_empty()) {
        for mut path in use_paths(&root.text.shipped) {
            path.retain(|segment| segment != "self" && segment != "crate");
            if let [first, .., last] = &path[..]
                && graph.contains_key(first)
            {
                names.insert(last.clone(), first.clone());
            }
        }
    }
    names
}

/// The first name behind each `crate::` and each chain of `super::` that reaches the root.
fn names_from_root(module: &Module) -> BTreeSet<String> {
    let code = &module.text.shipped;
    let to_root = "super::".repeat(module.path.len());
    let mut names: BTreeSet<String> = BTreeSet::new();
    for prefix in ["crate::", to_root.as_str()] {
        for at in words(code, prefix) {
            let longer_chain = code[..at].ends_with("super::");
            let behind = &code[at + prefix.len()..];
            let name: String = behind.bytes().take_while(|&byte| is_word(byte)).map(char::from).collect();
            if !longer_chain && name != "super" && !name.is_empty() {
                names.insert(name);
            }
        }
    }
    for path in use_paths(code) {
        let supers = path.iter().take_while(|segment| *segment == "super").count();
        let from_root = match path.first().map(String::as_str) {
            Some("crate") => path.get(1),
            Some("super") if supers == module.path.len() => path.get(supers),
            _ => None,
        };
        names.extend(from_root.cloned());
    }
    names
}

fn largest_component(graph: &Graph) -> Vec<String> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        graph.keys().map(|start| (start, reachable(graph, start))).collect();
    let component = |start: &String| -> Vec<String> {
        let both = reached[start].iter().filter(|other| reached[**other].contains(start) || **other == start);
        both.map(|name| (*name).clone()).collect()
    };
    graph.keys().map(component).max_by_key(Vec::len).unwrap_or_default()
}

fn reachable<'a>(graph: &'a Graph, start: &'a String) -> BTreeSet<&'a String> {
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        open.extend(graph[name].iter().filter(|next| seen.insert(next)));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_text::RustText;

    fn knot(files: &[(&str, &str)]) -> Vec<String> {
        let module = |(path, source): &(&str, &str)| Module {
            file: format!("{path}.rs").into(),
            path: path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            test: false,
            text: RustText::new((*source).to_owned()),
        };
        largest_component(&graph(&files.iter().map(module).collect::<Vec<_>>()))
    }

    #[test]
    fn modules_in_a_line_are_no_knot() {
        assert_eq!(knot(&[("", ""), ("a", "use crate::b::X;"), ("b", "use crate::c;"), ("c", "")]).len(), 1);
        assert_eq!(knot(&[("", "")]).len(), 0);
    }

    #[test]
    fn circles_are_knots_however_they_are_written() {
        for back in [
            "use crate::a::X;",
            "use crate::{c, a::{self, Y}};",
            "fn f() -> crate::a::X {}",
            "use super::a::X;",
            "use crate::X;",
        ] {
            let files = [("", "pub use a::X;"), ("a", "use crate::b::Z;"), ("b", back), ("c", "")];
            assert_eq!(knot(&files), ["a", "b"], "{back}");
        }
        let deep = [("", ""), ("a", "use crate::b::Z;"), ("b", ""), ("b/d", "use super::super::a;")];
        assert_eq!(knot(&deep), ["a", "b"]);
    }

    #[test]
    fn tests_and_comments_tie_no_knots() {
        let files = [
            ("", ""),
            ("a", "use crate::b::Z;"),
            ("b", "// crate::a\n#[cfg(test)]\nmod tests { use crate::a; }"),
        ];
        assert_eq!(knot(&files).len(), 1);
        let inner = [("", ""), ("a", "use crate::b;"), ("b", ""), ("b/d", "use super::a;")];
        assert_eq!(knot(&inner).len(), 1, "b::a is another module than a");
    }
}
