//! `docs/configuration.md` from `config/tidewaiter.toml`, and that file against the types.

use std::{collections::BTreeMap, fmt::Write};

use crate::{compare, document, with_part};

/// The keys of the configuration by table, with the value that stands there and what the comment
/// above says. A key that is commented out is given without a value.
#[derive(Debug, Default)]
struct Table {
    comment: String,
    keys: Vec<(String, Option<String>, String)>,
}

fn tables(text: &str) -> Vec<(String, Table)> {
    let mut tables: Vec<(String, Table)> = Vec::new();
    let mut comment = String::new();
    let mut fresh = true;
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let key = bare.split_once(" = ").filter(|(key, _)| !key.contains([' ', '`']));
        if let Some((key, value)) = key {
            let value = (bare == line).then(|| value.to_owned());
            let (_, table) = tables.last_mut().expect("a key without a table");
            table.keys.push((key.to_owned(), value, comment.clone()));
            fresh = true;
        } else if bare.starts_with('[') {
            // A table that is commented out is one to be filled in.
            let comment = std::mem::take(&mut comment);
            tables.push((bare.to_owned(), Table { comment, keys: Vec::new() }));
            fresh = true;
        } else if line.is_empty() {
            comment.clear();
        } else {
            // A comment below a key is about the next one; keys without one share the last.
            if std::mem::take(&mut fresh) {
                comment.clear();
            }
            comment.push_str(if comment.is_empty() { "" } else { " " });
            comment.push_str(bare);
        }
    }
    tables
}

#[test]
fn the_page_is_up_to_date() {
    let mut part = String::new();
    for (name, table) in tables(&document("config/tidewaiter.toml")) {
        let _ = writeln!(part, "\n## `{name}`\n");
        if !table.comment.is_empty() {
            let _ = writeln!(part, "{}\n", table.comment);
        }
        part.push_str("| key | built in | means |\n| --- | --- | --- |\n");
        for (key, value, comment) in &table.keys {
            let value = value.as_ref().map_or("not set".to_owned(), |value| format!("`{value}`"));
            let _ = writeln!(part, "| `{key}` | {value} | {} |", comment.replace('|', "\\|"));
        }
    }
    part.push('\n');
    let page = document("docs/configuration.md");
    let (start, end) = ("<!-- from config/tidewaiter.toml -->\n", "<!-- end -->");
    compare("docs/configuration.md", &with_part(&page, start, end, &part));
}

/// The fields of the structs in a source text, as a configuration writes them.
fn fields(source: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in source.lines().map(str::trim) {
        let ways = ["pub(in super::super) ", "pub(super) ", "pub "];
        let field = ways.iter().find_map(|way| line.strip_prefix(way));
        let Some(field) = field else { continue };
        if let Some(rest) = field.strip_prefix("struct ") {
            name = rest.split(' ').next().unwrap_or_default().to_owned();
        } else if let Some((key, _)) = field.split_once(": ")
            && !key.contains([' ', '('])
        {
            found.entry(name.clone()).or_default().push(key.replace('_', "-"));
        }
    }
    found
}

/// Reads the sources, as the types as written are the engine's own.
#[test]
fn the_built_in_configuration_shows_every_key() {
    let as_written = fields(&document("crates/engine/src/config/file.rs"));
    let shared = fields(&document("crates/engine/src/config/mod.rs"));
    let daemon = fields(&document("crates/engine/src/config/daemon/file.rs"));
    let log = fields(&document("crates/engine/src/config/daemon/mod.rs"));
    let tables: BTreeMap<String, Table> =
        tables(&document("config/tidewaiter.toml")).into_iter().collect();
    let of = |name: &str| tables[name].keys.iter().map(|(key, ..)| key).collect::<Vec<_>>();
    let wanted = [
        ("[identity]", &as_written["Identity"]),
        ("[files]", &as_written["Files"]),
        ("[caps]", &shared["Caps"]),
        ("[trust]", &as_written["Trust"]),
        ("[[lists]]", &as_written["List"]),
        ("[[mailboxes]]", &daemon["Mailbox"]),
        ("[smtp]", &daemon["Smtp"]),
        ("[store]", &daemon["Store"]),
        ("[outbox]", &daemon["Outbox"]),
        ("[status]", &daemon["Status"]),
        ("[log]", &log["LogConfig"]),
    ];
    for (table, keys) in wanted {
        assert_eq!(of(table), keys.iter().collect::<Vec<_>>(), "{table}");
    }
    let shared = ["identity", "files", "caps", "trust", "lists"];
    let daemon = ["mailboxes", "smtp", "store", "outbox", "status", "log"];
    assert_eq!(as_written["File"], [&shared[..], &daemon[..]].concat());
}
