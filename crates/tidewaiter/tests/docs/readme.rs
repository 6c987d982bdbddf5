//! `README.md` against what the program offers and prints.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    compare, document,
    program::{root, run},
    with_part,
};

/// The commands below one, as its help lists them.
fn subcommands(command: &[&str]) -> Vec<String> {
    let help = run(&[command, &["-h"]].concat()).stdout;
    let Some((_, list)) = help.split_once("Commands:\n") else { return Vec::new() };
    let names = list.lines().take_while(|line| !line.is_empty());
    let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// The rows of the table of commands: a command, the words below it, and the whole row.
fn rows(readme: &str) -> BTreeMap<String, (BTreeSet<String>, String)> {
    let (_, table) = readme.split_once("| command | does |\n").expect("no table of commands");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let row = |line: &str| {
        let call = line.split('`').nth(1).expect("a row without a command");
        let mut words = call.replace("\\|", "|");
        words = words.strip_prefix("tidewaiter ").expect("another program").to_owned();
        let mut words = words.split(' ').map(str::to_owned);
        let command = words.next().expect("no command");
        let below = words.next().filter(|word| word.chars().all(|c| c.is_lowercase() || c == '|'));
        let below = below.iter().flat_map(|word| word.split('|')).map(str::to_owned).collect();
        (command, (below, line.to_owned()))
    };
    rows.map(row).collect()
}

#[test]
fn the_table_of_commands_is_that_of_the_program() {
    let rows = rows(&document("README.md"));
    let commands: BTreeSet<String> = subcommands(&[]).into_iter().collect();
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), commands);
    for (command, (below, row)) in rows {
        assert_eq!(below, subcommands(&[&command]).into_iter().collect(), "{command}");
        let help = run(&[&command, "-h"]).stdout;
        for option in row.split('`').filter(|word| word.starts_with("--")) {
            assert!(help.contains(&format!("{option} ")), "{command} has no {option}");
        }
    }
}

/// A summary with another time in it.
fn timeless(text: &str) -> String {
    let (first, rest) = text.split_once('\n').expect("one line");
    let (before, seconds) = first.rsplit_once(" in ").expect("no seconds");
    assert!(seconds.ends_with(" s"), "{seconds}");
    format!("{before} in 0.1 s\n{rest}")
}

#[test]
fn the_sample_is_what_the_first_command_prints() {
    let readme = document("README.md");
    let call = "cargo run --release -- ";
    let call = readme.lines().find_map(|line| line.strip_prefix(call)).expect("no first command");
    let ran = run(&call.split(' ').collect::<Vec<_>>());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let part = format!("\n```text\n{}```\n", timeless(&ran.stdout));
    let (start, end) = ("<!-- sample output -->\n", "<!-- end -->");
    compare("README.md", &with_part(&readme, start, end, &part));
}

#[test]
fn links_lead_somewhere() {
    for page in ["README.md", "docs/json.md", "docs/configuration.md", "docs/contributors.md"] {
        let text = document(page);
        let folder = root().join(page);
        let folder = folder.parent().expect("no folder");
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for target in targets.filter(|target| !target.starts_with("http") && !target.is_empty()) {
            assert!(folder.join(target).exists(), "{page}: {target}");
        }
    }
}
