//! How files write comments and prose, by their names.

/// How a file writes comments and prose.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Shape {
    #[default]
    Other,
    /// `//`, `/*`.
    C,
    /// `#`.
    Hash,
    /// `#` too, and such lines are documentation.
    Schema,
    /// Documentation between `SRST` and `ERST`.
    Table,
    /// A list of packages.
    Packages,
}

/// The shape of the file at this path.
pub(super) fn shape(path: &str) -> Shape {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    if matches!(name, "Cargo.lock") {
        return Shape::Packages;
    }
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some(
            "c" | "h" | "cc" | "cpp" | "hpp" | "rs" | "S" | "inc" | "js" | "m" | "java" | "dts",
        ) => Shape::C,
        Some("py" | "sh" | "pl" | "mk" | "yml" | "yaml" | "toml" | "build" | "mak") => Shape::Hash,
        Some("json") => Shape::Schema,
        Some("hx") => Shape::Table,
        _ if name.starts_with("Makefile") || name.starts_with("Kconfig") => Shape::Hash,
        _ => Shape::Other,
    }
}

/// Whether a line without its indentation is a comment and nothing else.
pub(super) fn is_comment(shape: Shape, bare: &str) -> bool {
    match shape {
        Shape::C => {
            bare.starts_with("//")
                || bare.starts_with("/*") && bare.find("*/").is_none_or(|end| bare.len() <= end + 3)
                || bare.starts_with("* ")
                || bare.starts_with("*/") && bare.trim_end().len() == 2
                || bare.trim_end() == "*"
        }
        Shape::Hash | Shape::Schema => bare.starts_with('#') && !bare.starts_with("#!"),
        Shape::Table | Shape::Packages | Shape::Other => false,
    }
}

/// `SRST` begins prose in an option table, `ERST` ends it; before 2020 `STEXI` and `ETEXI` did.
pub(super) fn marker(line: &str) -> Option<bool> {
    let word = line.split(['(', ' ']).next().unwrap_or(line).trim_end();
    match word {
        "SRST" | "STEXI" => Some(true),
        "ERST" | "ETEXI" => Some(false),
        _ => None,
    }
}
