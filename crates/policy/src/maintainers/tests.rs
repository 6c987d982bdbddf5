use test_case::test_case;

use super::*;

const SMALL: &str = include_str!("../../../../fixtures/maintainers/qemu-small");

fn small() -> Maintainers {
    Maintainers::parse(SMALL).0
}

fn warnings(text: &str) -> Vec<(usize, String)> {
    let (_, warnings) = Maintainers::parse(text);
    warnings.into_iter().map(|warning| (warning.line, warning.what.to_string())).collect()
}

fn section(name: &str) -> Section {
    let file = small();
    let mut found = file.sections().iter().filter(|s| s.name == name);
    found.next().cloned().unwrap_or_default()
}

#[test]
fn sections_and_groups_in_order() {
    let file = small();
    let names: Vec<_> =
        file.sections().iter().map(|s| (s.name.as_str(), s.group.as_deref())).collect();
    let admin = Some("General Project Administration");
    let (tcg, devices) = (Some("Guest CPU cores (TCG)"), Some("Devices"));
    assert_eq!(
        names,
        [
            ("General Project Administration", admin),
            ("All patches CC here", admin),
            ("Trivial patches", Some("Trivial patches")),
            ("Overall TCG CPUs", tcg),
            ("Hexagon TCG CPUs", tcg),
            ("Hexagon idef-parser", tcg),
            ("S390 channel devices", Some("S390 Machines")),
            ("Block device backends", devices),
            ("Sensors", devices),
            ("Firmware descriptors", devices),
            ("Build helpers", devices),
        ]
    );
    let lines: Vec<&str> = SMALL.lines().collect();
    for section in file.sections() {
        assert_eq!(lines.get(section.line - 1).copied(), Some(section.name.as_str()));
    }
}

#[test]
fn the_fixture_has_no_warnings_and_line_ends_do_not_matter() {
    let (lf, warnings) = Maintainers::parse(SMALL);
    assert_eq!(warnings, []);
    let (crlf, warnings) = Maintainers::parse(&SMALL.replace('\n', "\r\n"));
    assert_eq!(warnings, []);
    assert_eq!(lf.sections(), crlf.sections());
}

#[test_case("Overall TCG CPUs", Some(Status::Supported))]
#[test_case("S390 channel devices", Some(Status::Supported); "lower case")]
#[test_case("Trivial patches", Some(Status::Maintained))]
#[test_case("Block device backends", Some(Status::OddFixes))]
#[test_case("Sensors", Some(Status::Orphan))]
#[test_case("Firmware descriptors", Some(Status::Obsolete))]
#[test_case("Build helpers", Some(Status::Other("In transition".into())))]
#[test_case("All patches CC here", None)]
fn status(name: &str, expected: Option<Status>) {
    assert_eq!(section(name).status, expected);
}

#[test]
fn people_by_role() {
    let tcg = section("Overall TCG CPUs");
    assert_eq!(
        tcg.maintainers().collect::<Vec<_>>(),
        [&Person {
            role: Role::Maintainer,
            name: Some("Greta Core".into()),
            address: "greta@example.org".into(),
        }]
    );
    let names: Vec<_> = tcg.reviewers().map(|p| p.name.as_deref()).collect();
    assert_eq!(names, [Some("Pål Überprüfer")]);
}

#[test_case("ines@example.com", &[(None, "ines@example.com")])]
#[test_case("<ines@example.com>", &[(None, "ines@example.com")])]
#[test_case("Ines <ines@example.com> (away)", &[(Some("Ines"), "ines@example.com")])]
#[test_case("\"Hexley, J. R.\" <h@example.com>", &[(Some("Hexley, J. R."), "h@example.com")])]
#[test_case("Hexley, J <h@example.com>", &[(Some("Hexley, J"), "h@example.com")])]
#[test_case("A <a@example.com>, B <b@example.com>", &[(Some("A"), "a@example.com"), (Some("B"), "b@example.com")])]
#[test_case("a@example.com, b@example.com", &[(None, "a@example.com"), (None, "b@example.com")])]
#[test_case("Nobody", &[])]
#[test_case("Nobody <nobody>", &[])]
#[test_case("Open <o@example.com", &[])]
#[test_case("<@example.com>, <x@>", &[])]
fn addresses(value: &str, expected: &[(Option<&str>, &str)]) {
    let people = Person::parse_all(Role::Maintainer, value);
    let people: Vec<_> = people.iter().map(|p| (p.name.as_deref(), p.address.as_str())).collect();
    assert_eq!(people, expected);
}

#[test]
fn other_entries() {
    let block = section("Block device backends");
    assert_eq!(block.web, ["https://wiki.example.org/Block"]);
    assert_eq!(block.patchwork, ["https://patchwork.example.org/project/emu/list/"]);
    assert_eq!(block.bugs, ["https://bugs.example.org/block"]);
    assert_eq!(block.chat, ["irc://irc.example.net/emu-block"]);
    assert_eq!(block.profiles, ["docs/block-profile.rst"]);
    assert_eq!(block.other, [('V', "3".to_owned())]);
    let trivial = section("Trivial patches");
    assert_eq!(trivial.trees.len(), 2);
    assert_eq!(
        trivial.lists,
        [List {
            address: "emu-trivial@example.org".into(),
            note: Some("(moderated for non-subscribers)".into()),
        }]
    );
    // Behind a blank line, and still in the section.
    assert_eq!(section("S390 channel devices").lists.len(), 1);
}

#[test_case("accel/tcg/cpu-exec.c", &["Overall TCG CPUs"])]
#[test_case("accel/tcg/a/b/c.h", &["Overall TCG CPUs"]; "any depth")]
#[test_case("cpu-target.c", &["Overall TCG CPUs"])]
#[test_case("include/exec/cpu-common.h", &["Overall TCG CPUs"])]
#[test_case("include/exec/cpu/common.h", &["All patches CC here"]; "star stays inside")]
#[test_case("target/hexagon/cpu.c", &["Hexagon TCG CPUs"])]
#[test_case("target/hexagon/idef-parser/macros.h", &["Hexagon idef-parser"]; "excluded folder")]
#[test_case("target/hexagon/gen_idef_parser.py", &["Hexagon idef-parser"]; "excluded glob")]
#[test_case("hw/char/sclpconsole.c", &["S390 channel devices"])]
#[test_case("hw/char/sclpconsole.S", &["All patches CC here"]; "not in class")]
#[test_case("pc-bios/dtb/pegasos2.dtb", &["S390 channel devices"])]
#[test_case("pc-bios/dtb/pegasos3.dtb", &["All patches CC here"])]
#[test_case("tests/qtest/vblock-test.c", &["Block device backends"])]
#[test_case("tests/block-test.c", &["All patches CC here"]; "one folder short")]
#[test_case("a/b/block-common/c.h", &["Block device backends"]; "star crosses before a trailing slash")]
#[test_case("x/nvme-ns.c", &["Block device backends"]; "name expression")]
#[test_case("hw/sensor/tmp105.c", &["Sensors"]; "folder without slash")]
#[test_case("include/hw/sensor.h", &["Sensors"]; "or the beginning of a file")]
#[test_case("pc-bios/descriptors/50-edk2-x86.json", &["Firmware descriptors"])]
#[test_case("scripts/{meson,ninja}.py", &["Build helpers"]; "braces are themselves")]
#[test_case("scripts/ninja.py", &["All patches CC here"]; "braces do not part")]
#[test_case("configure", &["Build helpers"])]
#[test_case("README.rst", &["All patches CC here"])]
#[test_case("", &["All patches CC here"]; "empty path")]
fn subsystem_names(path: &str, expected: &[&str]) {
    assert_eq!(small().subsystems(path), expected);
}

#[test]
fn most_specific_first() {
    let text = "Catch\nF: *\nF: */\n\nName\nN: virt\n\nLead\nF: */arm/\n\nTop\nF: hw/\n\n\
        Arm\nF: hw/arm/\n\nGlob\nF: hw/arm/v*\n\nFile\nF: hw/arm/virt.c\n\nBoth\nF: hw/arm/virt.c\nF: hw/\n";
    let file = Maintainers::parse(text).0;
    assert_eq!(
        file.subsystems("hw/arm/virt.c"),
        ["File", "Both", "Glob", "Arm", "Top", "Name", "Lead"]
    );
    let last = file.sections_for("hw/arm/virt.c").pop();
    assert_eq!(last.map(|m| (m.section, m.is_catch_all())), Some((0, true)));
    let best = file.most_specific("hw/arm/virt.c");
    assert_eq!(best.map(|s| s.name.as_str()), Some("File"));
    let none = Maintainers::parse("Top\nF: hw/\n").0;
    assert_eq!(none.most_specific("net/tap.c"), None);
}

#[test]
fn an_exclude_takes_the_name_expression_out_too() {
    let file = Maintainers::parse("A\nN: virt\nX: docs/\n").0;
    assert_eq!(file.subsystems("hw/virt.c"), ["A"]);
    assert!(file.subsystems("docs/virt.rst").is_empty());
}

#[test_case("hw/core/loader", "hw/core/loader.c", true; "no anchor at the end")]
#[test_case("hw/core/loader.c", "hw/core/loaderXc", false; "dot is quoted")]
#[test_case("hw/*", "hw/meson.build", true)]
#[test_case("hw/*", "hw/arm/virt.c", false)]
#[test_case("*", "Makefile", true)]
#[test_case("*", "hw/Makefile", false)]
#[test_case("*/", "Makefile", false)]
#[test_case("*/", "a/b/c", true)]
#[test_case("**", "a/b", false; "two stars do not cross")]
#[test_case("a/**/b", "a/x/y/b", false)]
#[test_case("a/**/b", "a/x/b", true)]
#[test_case("a*c*e", "abcbcde", true)]
#[test_case("a*c*e", "abcbcd", false)]
#[test_case("a?c", "abc", true)]
#[test_case("a?c", "ac", false)]
#[test_case("a.[^ch]", "a.S", true)]
#[test_case("a.[^ch]", "a.c", false)]
#[test_case("a.[a-c]", "a.b", true)]
#[test_case("a.[a-c]", "a.d", false)]
#[test_case("a[.]c", "a.c", true)]
#[test_case("a[*]c", "a*c", true; "star in a class goes to the regex")]
#[test_case("doc/|net/", "src/net/x", true; "only the first alternative is anchored")]
#[test_case("(a|b)/c", "b/c", true)]
#[test_case("fs$", "fs", true)]
#[test_case("fs$", "fsx", false)]
#[test_case("hw/c+/", "hw/ccc/x", true; "plus repeats as in perl")]
#[test_case("hw/a{2}b", "hw/aab", true; "quantifier")]
#[test_case("hw/{a,b}", "hw/a", false)]
#[test_case("hw/ö*", "hw/öl.c", true)]
#[test_case(".github", ".github/x.yml", false; "a folder with a dot is never looked up")]
fn one_pattern(pattern: &str, path: &str, expected: bool) {
    let (file, warnings) = Maintainers::parse(&format!("Title\nF: {pattern}\n"));
    assert_eq!(warnings, []);
    assert_eq!(!file.sections_for(path).is_empty(), expected);
}

#[test_case("hw/sensor", &["hw/sensor/a.c"], "hw/sensors.c", false; "a folder in the tree")]
#[test_case("hw/sensor", &["hw/sensor/a.c"], "hw/sensor/b.c", true)]
#[test_case("hw/sensor", &["hw/sensor.c"], "hw/sensor/b.c", false; "not a folder in the tree")]
#[test_case("hw/sensor", &["hw/sensor.c"], "hw/sensor.c", true)]
#[test_case("a.d", &["a.d/x"], "a.d/x", false; "a folder with a dot")]
fn with_a_tree(pattern: &str, files: &[&str], path: &str, expected: bool) {
    let tree = Directories::from_files(files);
    let (file, _) = Maintainers::parse_in_tree(&format!("Title\nF: {pattern}\n"), &tree);
    assert_eq!(!file.sections_for(path).is_empty(), expected);
}

#[test_case("Subject: [PATCH] a TRIVIAL fix\n", true)]
#[test_case("From: x\r\nSubject: trivial\r\n\r\nBody\r\n", true)]
#[test_case("Subject: fix\n\ntrivial\n", false)]
#[test_case("--- a/x\n+++ b/x\n@@ -1 +1 @@\n+Subject: trivial\n", false; "anchored, so not in a diff")]
fn keywords(mail: &str, expected: bool) {
    let file = small();
    let names: Vec<_> = file
        .keyword_sections(mail)
        .into_iter()
        .filter_map(|place| file.sections().get(place))
        .map(|s| s.name.as_str())
        .collect();
    let trivial: &[&str] = if expected { &["Trivial patches"] } else { &[] };
    assert_eq!(names, trivial);
}

#[test_case("of_get_profile()\n", true; "in the message")]
#[test_case("--- a/x\n+++ b/x\n@@ -1,1 +1,1 @@ of_get_profile\n of_get_profile\n", false; "in context")]
#[test_case("---\n x | 1 +\n--- a/x\n+++ b/x\n-\tof_get_profile();\n", true; "removed")]
fn keywords_in_a_diff(mail: &str, expected: bool) {
    let file =
        Maintainers::parse("OF\nK: of_get_profile [ ]* # x\nK: \\b(printk|pr_(info|err))\\b\n").0;
    let mail = mail.replace("of_get_profile", "of_get_profile ");
    assert_eq!(file.keyword_sections(&mail), if expected { vec![0] } else { vec![] });
}

#[test_case("M: a@example.org\n", 1, "entries without a section title"; "no title")]
#[test_case("A\nM: a@example.org\n\twrapped\nF: hw/\n", 3, "starts with a blank"; "wrapped entry")]
#[test_case("A\nF:\n", 2, "`F:` has no value"; "empty value")]
#[test_case("A\nM: Nobody\n", 2, "failed to find an address in `M: Nobody`"; "no address")]
#[test_case("A\nL: somewhere\n", 2, "failed to find an address in `L: somewhere`"; "no list")]
#[test_case("A\nS: Orphan\nS: Supported\n", 3, "more than one status"; "second status")]
#[test_case("A\nF: hw/ \n", 2, "blanks behind the pattern"; "trailing blank")]
#[test_case("A\nF: hw/[ab\n", 2, "failed to read the pattern `F: hw/[ab`"; "open class")]
#[test_case("A\nX: (\n", 2, "failed to read the pattern `X: (`"; "open group")]
#[test_case("A\nN: (?<!x)y\n", 2, "failed to read the pattern `N: (?<!x)y`"; "look-around")]
#[test_case("A\nK: \\w{900}{900}\n", 2, "failed to read the pattern `K:"; "large expression")]
fn a_warning_with_its_line(text: &str, line: usize, what: &str) {
    let found = warnings(text);
    assert!(
        matches!(found.as_slice(), [(at, text)] if *at == line && text.contains(what)),
        "{found:?}"
    );
}

#[test]
fn sizes_are_bounded() {
    let long = format!("A\nF: {}\nF: hw/\n", "x".repeat(5000));
    assert_eq!(warnings(&long), [(2, "the line is too long and is passed over".into())]);

    let sections = "A\nS: Orphan\n".repeat(20_001);
    let (file, _) = Maintainers::parse(&sections);
    assert_eq!(file.sections().len(), 20_000);

    let prose = "prose\n".repeat((8 << 20) / 6 + 10) + "A\nS: Orphan\n";
    let (file, found) = Maintainers::parse(&prose);
    assert!(file.sections().is_empty());
    assert_eq!(found.len(), 1);

    let bad = format!("A\n{}", "M: nobody\n".repeat(5000));
    assert_eq!(warnings(&bad).len(), 1000);

    let patterns = format!("A\n{}", "F: a/b\n".repeat(200_005));
    let (file, found) = Maintainers::parse(&patterns);
    assert_eq!(found.len(), 1);
    assert_eq!(file.sections().first().map(|s| s.files.len()), Some(200_000));
}

#[test]
fn many_stars_on_a_long_path_end_soon() {
    let text = format!("A\nF: {}b\n", "a*".repeat(2000));
    let (file, _) = Maintainers::parse(&text);
    assert!(file.sections_for(&"a".repeat(20_000)).is_empty());
}

#[test]
fn translation_of_perl() {
    let table = [
        ("a{b", r"a\{b"),
        ("a{2,3}", "a{2,3}"),
        ("{}", r"\{}"),
        (r"\{2}", r"\{2}"),
        ("[a b#]", r"[a\x20b\x23]"),
        ("[]a]", r"[\]a]"),
        ("[^]a]", r"[^\]a]"),
        ("[[:alpha:]_]", "[[:alpha:]_]"),
        ("[a[]", r"[a\[]"),
        ("[a&&b]", r"[a\&\&b]"),
    ];
    for (perl, rust) in table {
        assert_eq!(perl::translate(perl, true), rust);
        assert!(regex::bytes::Regex::new(rust).is_ok() || perl == "{}", "{rust}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_parses(text in "([A-Z]: ?[a-z/*?.\\[\\]{}|+()^$\\\\ ]{0,12}|[a-z]{0,4}|---|\\t.)(\\n[FXNK]: [a-z/*.?\\[{(|]{0,9}){0,6}", path in "[a-z/.]{0,12}") {
        let (file, _) = Maintainers::parse(&text);
        let names = file.subsystems(&path);
        proptest::prop_assert!(names.len() <= file.sections().len());
        proptest::prop_assert!(file.keyword_sections(&path).len() <= file.sections().len());
    }
}
