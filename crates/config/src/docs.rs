//! The table as Markdown, for the README and the documentation.

use crate::definition::{Definition, Status};
use crate::table;
use std::fmt::Write;

/// The resources with a table, in the order of the documentation.
fn resources() -> [(&'static str, &'static table::Table); 4] {
    [
        ("broker", table::broker()),
        ("topic", table::topic()),
        ("group", table::group()),
        ("client metrics", table::client_metrics()),
    ]
}

/// What the settings do today: a line of counts per resource, the refused ones and the partly working
/// ones with their reasons, and the list "no effect yet". Internal properties are left out.
pub fn settings_by_status() -> String {
    let mut text = String::new();
    for (resource, rows) in resources() {
        let of = |wanted: fn(&Definition) -> bool| -> Vec<&'static Definition> {
            rows.values().copied().filter(|row| !row.internal && wanted(row)).collect()
        };
        let works = of(|row| matches!(row.status, Status::Works | Status::Partly(_)));
        let partly = of(|row| matches!(row.status, Status::Partly(_)));
        let refused = of(|row| matches!(row.status, Status::Refused(_)));
        let idle = of(|row| row.status == Status::NoEffectYet);
        let (works, total) = (works.len(), works.len() + refused.len() + idle.len());
        let _ = writeln!(text, "### {resource}: {works} of {total} properties work\n");
        write_reasons(&mut text, "Works in part:", &partly);
        write_reasons(&mut text, "Refused, when set to another value than the default:", &refused);
        if !idle.is_empty() {
            let names: Vec<String> = idle.iter().map(|row| format!("`{}`", row.name)).collect();
            let _ = writeln!(text, "No effect yet: {}.\n", names.join(", "));
        }
    }
    text
}

fn write_reasons(text: &mut String, title: &str, rows: &[&Definition]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "{title}\n");
    for row in rows {
        let (Status::Partly(reason) | Status::Refused(reason)) = row.status else { continue };
        let _ = writeln!(text, "- `{}`: {reason}", row.name);
    }
    text.push('\n');
}

/// A table of the properties that work, with default and description.
pub fn working_settings() -> String {
    let mut text = String::new();
    for (resource, rows) in resources() {
        let is_working = |row: &Definition| matches!(row.status, Status::Works | Status::Partly(_));
        let works = rows.values().filter(|row| is_working(row) && !row.internal);
        let lines: Vec<String> = works.map(|row| line_of(row)).collect();
        if !lines.is_empty() {
            let _ = writeln!(text, "### {resource}\n\n| Property | Default | |\n|---|---|---|");
            let _ = writeln!(text, "{}\n", lines.join("\n"));
        }
    }
    text
}

fn line_of(row: &Definition) -> String {
    let default = row.default_text().map_or_else(|| "-".to_string(), |text| format!("`{text}`"));
    let default = if default == "``" { "empty".to_string() } else { default };
    format!("| `{}` | {default} | {} |", row.name, row.doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_public_property_is_named_once_per_resource() {
        let text = settings_by_status();
        assert!(text.contains("- `authorizer.class.name`: no authorizer"), "{text}");
        assert!(text.contains("`log.cleaner.threads`"), "{text}");
        assert!(!text.contains("`num.partitions`"), "works, so is in no list: {text}");
        assert!(working_settings().contains("| `num.partitions` | `1` | Partitions of a topic"));
    }
}
