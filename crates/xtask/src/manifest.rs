//! What a `Cargo.toml` depends on; only the table headers and keys are read.

/// Which table a dependency stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Normal,
    Dev,
    Build,
    Workspace,
}

/// One dependency line.
#[derive(Debug, PartialEq, Eq)]
pub struct Dependency<'a> {
    pub name: &'a str,
    pub table: Table,
    /// Whether a comment stands above it or above a neighbour that belongs with it.
    pub explained: bool,
}

/// How many dependencies one comment can explain, such as a parser, its printer and their tokens.
const EXPLAINED_MAX: usize = 3;

pub fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let (mut table, mut explained_left) = (None, 0);
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            table = table_of(header.trim_end_matches(']'));
            explained_left = 0;
        } else if line.starts_with('#') {
            explained_left = EXPLAINED_MAX;
        } else if line.is_empty() {
            explained_left = 0;
        } else if let (Some(table), Some(name)) = (table, line.split(['.', '=', ' ']).next()) {
            found.push(Dependency { name: name.trim_matches('"'), table, explained: explained_left > 0 });
            explained_left = explained_left.saturating_sub(1);
        }
    }
    found
}

fn table_of(header: &str) -> Option<Table> {
    match header.rsplit('.').next()? {
        "dependencies" if header == "workspace.dependencies" => Some(Table::Workspace),
        "dependencies" => Some(Table::Normal),
        "dev-dependencies" => Some(Table::Dev),
        "build-dependencies" => Some(Table::Build),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_of_dependencies_is_read() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\n# why\na.workspace = true\n\nb = { path = \"b\" }\n\
                        [target.'cfg(unix)'.dependencies]\nc = \"1\"\n[dev-dependencies]\nd = \"1\"\n[lints]\nworkspace = true\n";
        let found: Vec<_> = dependencies(manifest).iter().map(|d| (d.name, d.table, d.explained)).collect();
        let expected = [
            ("a", Table::Normal, true),
            ("b", Table::Normal, false),
            ("c", Table::Normal, false),
            ("d", Table::Dev, false),
        ];
        assert_eq!(found, expected);
    }
}
