//! Which files of a package are modules, found as the compiler finds them.

use crate::repo::{Crate, Repo};
use crate::rust_text::{RustText, is_test_only, is_word, words};
use std::path::{Path, PathBuf};

/// A file that the compiler reads.
pub struct Module {
    /// Relative to the root of the repository.
    pub file: PathBuf,
    /// Names from the root of its crate; empty for `lib.rs` and `main.rs`.
    pub path: Vec<String>,
    /// Read in tests only.
    pub test: bool,
    pub text: RustText,
}

/// Every module file of a package. Roots are `src/lib.rs`, `src/main.rs`, what lies in `src/bin`, and
/// the files and folders of `tests`, `benches` and `examples`.
pub fn of_crate(repo: &Repo, package: &Crate) -> Vec<Module> {
    let mut modules = Vec::new();
    for file in repo.rust_files(package) {
        let inside = file.strip_prefix(&package.folder).unwrap_or(&file);
        let test = !inside.starts_with("src");
        if is_root(inside) {
            follow(repo, file, Vec::new(), test, &mut modules);
        }
    }
    modules
}

fn is_root(inside: &Path) -> bool {
    let parts: Vec<_> = inside.iter().filter_map(|part| part.to_str()).collect();
    matches!(
        parts[..],
        ["build.rs"]
            | ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["tests" | "benches" | "examples", _]
            | ["tests" | "benches" | "examples", _, "main.rs"]
    )
}

fn follow(repo: &Repo, file: PathBuf, path: Vec<String>, test: bool, modules: &mut Vec<Module>) {
    let source = repo.text(&file).unwrap_or_else(|| panic!("{} is not UTF-8", file.display()));
    let text = RustText::new(source);
    let declarations = declarations(&text);
    let folder = inner_folder(&file, path.is_empty());
    modules.push(Module { file: file.clone(), path: path.clone(), test, text });
    for declaration in declarations {
        let candidates = match &declaration.written_path {
            Some(written) => vec![file.with_file_name(written)],
            None => vec![
                folder.join(format!("{}.rs", declaration.name)),
                folder.join(&declaration.name).join("mod.rs"),
            ],
        };
        let mut inner = path.clone();
        inner.push(declaration.name);
        // The compiler complains about a missing file; both forms of `json` may be declared.
        if let Some(found) = candidates.into_iter().find(|candidate| repo.files.contains(candidate)) {
            follow(repo, found, inner, test || declaration.test, modules);
        }
    }
}

/// Where the modules that a file declares lie.
fn inner_folder(file: &Path, is_root: bool) -> PathBuf {
    let owns_folder = is_root || file.file_name().is_some_and(|name| name == "mod.rs");
    if owns_folder { file.with_file_name("") } else { file.with_extension("") }
}

struct Declaration {
    name: String,
    test: bool,
    written_path: Option<String>,
}

/// The `mod name;` items of a file.
fn declarations(text: &RustText) -> Vec<Declaration> {
    let code = &text.code;
    let mut found = Vec::new();
    for at in words(code, "mod") {
        let rest = code[at + 3..].trim_start();
        let name: String = rest.bytes().take_while(|&byte| is_word(byte)).map(char::from).collect();
        if name.is_empty() || !rest[name.len()..].trim_start().starts_with(';') {
            continue;
        }
        let start = code[..at].rfind([';', '}', '{']).map_or(0, |end| end + 1);
        found.push(Declaration {
            name,
            test: is_test_only(&code[start..at]),
            written_path: written_path(&text.text[start..at]),
        });
    }
    found
}

/// The value of `#[path = "..."]`.
fn written_path(attributes: &str) -> Option<String> {
    let (_, value) = attributes.split_once("#[path")?;
    value.split('"').nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_know_their_attributes() {
        let source = "//! mod a;\nmod b;\n#[cfg(test)]\npub mod c;\n#[path = \"e.rs\"]\nmod d;\nmod f { }\n";
        let found = declarations(&RustText::new(source.to_owned()));
        let names: Vec<_> =
            found.iter().map(|d| (d.name.as_str(), d.test, d.written_path.as_deref())).collect();
        assert_eq!(names, [("b", false, None), ("c", true, None), ("d", false, Some("e.rs"))]);
    }
}
