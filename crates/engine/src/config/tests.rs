use tidewaiter_policy::line_column;

use super::*;

#[test]
fn the_built_in_one_is_valid() {
    let (config, warnings) = Config::parse(BUILTIN).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.lists.len(), 1);
    assert_eq!(config.lists[0].reply.mode, Mode::Observe);
    assert_eq!(config.lists[0].settle, SignedDuration::from_hours(12));
}

/// Each mistake as `line:column message`.
fn mistakes(text: &str) -> Vec<String> {
    Config::parse(text)
        .unwrap_err()
        .into_iter()
        .map(|e| {
            let at = e.span.as_ref().map(|s| line_column(text, s.start));
            format!("{at:?} {}", e.message)
        })
        .collect()
}

#[test]
fn mistakes_have_their_place() {
    let changed = |from: &str, to: &str| {
        assert!(BUILTIN.contains(from));
        mistakes(&BUILTIN.replace(from, to)).join("\n")
    };
    let all = [
        changed("settle = \"12h\"", "settle = \"soon\""),
        changed("mode = \"observe\"", "mode = \"shout\""),
        changed("settle = \"12h\"", "setle = \"12h\""),
        changed("address = \"qemu-devel@nongnu.org\"", "address = \"qemu-devel\""),
        changed("[caps]", "[capz]"),
        changed("authserv-ids = []", "authserv-ids = [\"mx.example.net\", \"mx example\"]"),
        changed("authserv-ids = []", "authserv-ids = \"mx.example.net\""),
    ];
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_list_stands_once() {
    let second = BUILTIN.find("[[lists]]").and_then(|at| BUILTIN.get(at..)).unwrap();
    let text = format!("{BUILTIN}\n{second}");
    assert!(mistakes(&text)[0].contains("has an entry already"));
}

#[test]
fn a_server_stands_once() {
    let text =
        BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"mx.example\", \"MX.example\"]");
    let (config, warnings) = Config::parse(&text).unwrap();
    assert_eq!(config.trust.authserv_ids, ["mx.example"]);
    assert_eq!(warnings[0].message, "`MX.example` is named twice");
}
