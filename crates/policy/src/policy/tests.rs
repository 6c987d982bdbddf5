use test_case::test_case;

use super::*;

fn text_of(id: &str) -> &'static str {
    builtin_policies().iter().find(|(known, _)| *known == id).expect("a shipped policy").1
}

fn shipped(id: &str) -> Policy {
    Policy::parse(text_of(id)).expect("a shipped policy reads").0
}

/// Line and column of each mistake, and its message.
fn mistakes(text: &str) -> Vec<String> {
    let errors = Policy::parse(text).expect_err("a mistake");
    let place = |error: &ConfigError| {
        let (line, column) = config::line_column(text, error.span.clone().map_or(0, |s| s.start));
        format!("{line}:{column} {}", error.message)
    };
    errors.iter().map(place).collect()
}

#[test]
fn shipped_policies_read_without_a_warning() {
    for (id, text) in builtin_policies() {
        let (policy, warnings) = Policy::parse(text).unwrap_or_else(|e| panic!("{id}: {e:?}"));
        assert_eq!(policy.id, *id);
        assert_eq!(warnings, [], "{id}");
    }
}

#[test]
fn the_example_mails_of_shipped_policies_give_what_they_should() {
    let vocabulary = crate::Vocabulary::builtin().expect("the shipped vocabulary reads");
    let mut wrong = Vec::new();
    for (id, _) in builtin_policies() {
        let policy = shipped(id);
        let least = if policy.project == "QEMU" { 6 } else { 3 };
        assert!(policy.examples.len() >= least, "{id}: {} examples", policy.examples.len());
        for example in &policy.examples {
            if let Err(why) = example.run(&policy, &vocabulary) {
                wrong.push(format!("{id}: {}: {why}", example.name));
            }
        }
        let finds = |e: &&Example| !e.expected.findings.is_empty();
        let hits = policy.examples.iter().filter(finds).count();
        assert!(hits > 0 || policy.rules.is_empty(), "{id}: no example finds anything");
        assert!(hits < policy.examples.len(), "{id}: every example finds something");
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn an_example_says_what_it_is_not() {
    let policy = shipped("qemu-2025-06");
    let vocabulary = crate::Vocabulary::builtin().expect("the shipped vocabulary reads");
    let clean = policy.examples.iter().find(|e| e.name == "nothing is said").expect("an example");
    let mut example = clean.clone();
    example.expected.told = Some(Told::Judged(crate::Outcome::Ask));
    let told = example.run(&policy, &vocabulary);
    assert_eq!(told, Err("expected ask; found silent".to_owned()));
    example.expected = Expected::default();
    example.expected.findings.insert(("tool-mark".to_owned(), Severity::Ask));
    let told = example.run(&policy, &vocabulary);
    assert_eq!(told, Err("expected tool-mark ask; found silent".to_owned()));
    example.mail = "Subject: a question\n\nWhat is a ring?\n".to_owned();
    assert_eq!(example.run(&policy, &vocabulary), Err("the mail holds no patch".to_owned()));
}

/// Which shipped policies rest on words that were read, and which of them a mail can cite.
#[test]
fn only_what_was_read_can_be_cited() {
    let ids = |wanted: fn(&Policy) -> bool| -> Vec<&str> {
        let ids = builtin_policies().iter().map(|(id, _)| *id);
        ids.filter(|id| wanted(&shipped(id))).collect()
    };
    assert_eq!(
        ids(Policy::is_report_only),
        ["libvirt-2025-07", "u-boot", "man-pages", "zephyr", "mesa", "openinfra", "apache", "curl"]
    );
    assert_eq!(
        ids(Policy::can_be_cited),
        [
            "qemu-2025-06",
            "qemu-proposed-2026-05",
            "linux-2026-08",
            "linux-2026-03",
            "gcc-2026-07",
            "gnulib"
        ]
    );
}

#[test]
fn a_rule_without_a_verbatim_sentence_is_a_note() {
    for (id, _) in builtin_policies() {
        let policy = shipped(id);
        for (rule, setting) in &policy.rules {
            let verbatim = policy.sentence(rule).is_some_and(|s| s.text.is_some());
            assert!(verbatim || setting.severity == Severity::Note, "{id}: {rule}");
        }
    }
    let policy = shipped("qemu-proposed-2026-05");
    let reported = policy.sentence("foreign-tag").expect("its sentence");
    assert_eq!((&reported.text, &reported.url), (&None, &None));
    assert!(reported.reported_by.is_some());
}

const SMALL: &str = "id = \"x\"\nproject = \"X\"\ntitle = \"t\"\nstatus = \"proposed\"\n\
                     date = \"2026-05-28\"\nstance = \"decline\"\njudges-any-tree = true\n";

#[test]
fn every_unknown_key_is_told() {
    let text = format!(
        "{SMALL}colour = 1\n[tree]\nroots = []\n\
         [rules.tool-mark]\nseverity = \"ask\"\nadvice = \"\"\nloud = true\n"
    );
    assert_eq!(
        mistakes(&text),
        [
            "8:1 failed to read the policy: there is no key `colour`",
            "10:1 failed to read the policy: there is no key `tree.roots`",
            "14:1 failed to read the policy: there is no key `rules.tool-mark.loud`",
        ]
    );
}

#[test_case("[core]\npaths = [\"a/\", \"b[\"]\n", "9:16"; "bad glob")]
#[test_case("[rules.no-such]\nseverity = \"ask\"\nadvice = \"\"\n", "8:1"; "no such rule")]
#[test_case("[rules.tool-mark]\nseverity = \"loud\"\nadvice = \"\"\n", "9:12"; "no such severity")]
#[test_case("[rules.tool-mark]\nseverity = \"ask\"\nsentence = \"x\"\nadvice = \"\"\n", "10:12"; "no such sentence")]
#[test_case("[[sentences]]\nid = \"a\"\ntext = \"t\"\n", "10:8"; "text without a mark")]
#[test_case("[[sentences]]\nid = \"a\"\n", "9:6"; "nothing known of it")]
#[test_case("[categories]\norder = [\"code\", \"music\"]\n", "9:18"; "no such category")]
#[test_case("[categories]\norder = [\"code\"]\ntests = [\"t/\"]\n", "10:10"; "not in the order")]
#[test_case("[[tags.own]]\nkey = \"a b\"\ngrammar = \"llm\"\n", "9:7"; "no key")]
#[test_case("[[tags.own]]\nkey = \"a\"\ngrammar = \"values\"\n", "10:11"; "no values")]
#[test_case("[[tags.own]]\nkey = \"a\"\ngrammar = \"poem\"\n", "10:11"; "no grammar")]
#[test_case("[[tags.own]]\nkey = \"a\"\ngrammar = \"llm\"\n[[tags.other]]\nkey = \"A\"\nhere = \"person\"\nmeaning = \"\"\n", "12:7"; "tag twice")]
#[test_case("[[tags.own]]\nkey = \"a\"\ngrammar = \"llm\"\nbefore = [\"b\", \"A\"]\n", "11:16"; "before itself")]
#[test_case("[[tags.own]]\nkey = \"a\"\ngrammar = \"llm\"\nbefore = [\"b\"]\nafter = [\"B\"]\n", "12:10"; "before and after")]
#[test_case("[agents]\nmay-not = [\"sing\"]\n", "9:12"; "no role")]
#[test_case("[[examples]]\nname = \"a\"\nmail = \"\"\nexpect = []\n", "10:8"; "nothing expected")]
#[test_case("[[examples]]\nname = \"a\"\nmail = \"\"\nexpect = [\"loud\"]\n", "11:11"; "no outcome")]
#[test_case("[[examples]]\nname = \"a\"\nmail = \"\"\nexpect = [\"tool-mark ask\"]\n", "11:11"; "rule is off")]
#[test_case("[[lists]]\naddress = \"nobody\"\n", "9:11"; "no address")]
#[test_case("[core]\nfan-in = 0\n", "9:10"; "fan-in of nothing")]
#[test_case("[mechanical]\nshare = 101\n", "9:9"; "more than all")]
#[test_case("[mechanical]\nfew-share = 0\n", "9:13"; "share of nothing")]
#[test_case("[[lists]]\naddress = \"a@b.example\"\n[[lists]]\naddress = \"A@b.example\"\n", "11:11"; "list twice")]
#[test_case("[[sentences]]\nid = \"a\"\nreported-by = \"x\"\n[[sentences]]\nid = \"a\"\nreported-by = \"y\"\n", "12:6"; "sentence twice")]
#[test_case("checked = \"soon\"\n", "8:11"; "no date")]
#[test_case("x = \n", "8:5"; "no toml")]
fn mistakes_have_their_place(rest: &str, place: &str) {
    let found = mistakes(&format!("{SMALL}{rest}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{place} failed to ")), "{found:?}");
}

#[test_case("", "1:6"; "neither")]
#[test_case("[tree]\nknown-paths = 0\n", "8:15"; "percentage")]
#[test_case("judges-any-tree = true\n[tree]\n", "7:19"; "both")]
#[test_case("judges-any-tree = false\n", "1:6"; "denied")]
fn how_the_tree_is_told_is_said_once(rest: &str, place: &str) {
    let small = SMALL.replace("judges-any-tree = true\n", "");
    let found = mistakes(&format!("{small}{rest}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{place} failed to ")), "{found:?}");
}

/// Warnings of a policy with this text behind the smallest one: place and message.
fn warnings(rest: &str) -> Vec<String> {
    let text = format!("{SMALL}{rest}");
    let (_, warnings) = Policy::parse(&text).expect("no mistake");
    let place = |warning: &ConfigWarning| {
        let at = warning.span.clone().map_or(0, |span| span.start);
        let (line, column) = config::line_column(&text, at);
        format!("{line}:{column} {}", warning.message)
    };
    warnings.iter().map(place).collect()
}

#[test_case("[sign-off]\nrequired = true\n", "9:12 without the rule `sign-off-missing` this has no effect"; "sign-off")]
#[test_case("[agents]\nmay-not = [\"author\"]\n", "9:12 without the rule `agent-author` this has no effect"; "agent")]
#[test_case("[[tags.other]]\nkey = \"X\"\nhere = \"forbidden\"\nmeaning = \"m\"\n", "10:8 without the rule `forbidden-tag` this has no effect"; "forbidden tag")]
#[test_case("[[tags.own]]\nkey = \"X\"\ngrammar = \"llm\"\nafter = [\"Y\"]\n", "11:10 without the rule `tag-order` this has no effect"; "order")]
#[test_case("[[tags.own]]\nkey = \"X\"\ngrammar = \"llm\"\nvalues = [\"a\"]\n", "11:11 the tag's form has no values"; "values")]
#[test_case("[allowed]\nfiles = [\"docs\"]\n", "9:10 without the rule `outside-allowed` this has no effect"; "allowed")]
#[test_case("[limits]\nsmall-fix = 5\n", "9:13 without `small-fix` in `allowed.patches` this has no effect"; "limit")]
#[test_case("[agreement]\ntrailers = [\"Acked-by\"]\n", "9:13 no rule of the policy asks for agreement"; "agreement")]
#[test_case("[[sentences]]\nid = \"a\"\nreported-by = \"b\"\n", "9:6 no rule rests on this sentence"; "sentence")]
#[test_case("[tags]\nexempt-uses = [\"reserch\"]\n", "9:16 the vocabulary knows no such use; it knows `code`, `tests`, `docs`, `commit-message`, `analysis`, `research`, `review`, `translation`"; "use")]
#[test_case("[categories]\norder = [\"docs\"]\n", "9:10 this category has no patterns"; "category")]
#[test_case("[rules.tool-mark]\nseverity = \"ask\"\nadvice = \"a\"\n", "9:12 without a verbatim sentence this rule is only a note"; "severity")]
fn what_has_no_effect_is_told(rest: &str, wanted: &str) {
    assert_eq!(warnings(rest), [wanted]);
}

#[test]
fn patterns_that_match_no_file_are_told() {
    let text = format!(
        "{}[tree]\nown-roots = [\"hw\", \"gone\"]\nown-files = [\"block*.c\"]\n\
         [core]\npaths = [\"hw/core/\", \"hw/gone/\"]\n\
         [categories]\norder = [\"docs\"]\ndocs = [\"docs/\", \"**/*.rst\", \"**/*.md\"]\n",
        SMALL.replace("judges-any-tree = true\n", "")
    );
    let files = TreeFiles::from_list("block.c\nhw/core/qdev.c\ndocs/index.rst\n");
    let dead: Vec<String> = Policy::dead_entries(&text, &files)
        .iter()
        .map(|warning| {
            let at = warning.span.clone().expect("a place").start;
            format!("{:?} {}", config::line_column(&text, at), warning.message)
        })
        .collect();
    assert_eq!(
        dead,
        [
            "(8, 20) the tree has no folder `gone`",
            "(11, 22) the core pattern `hw/gone/` matches no file of the tree",
            "(14, 30) the docs pattern `**/*.md` matches no file of the tree",
        ]
    );
}

#[test]
fn a_value_is_set_before_the_policy_is_read() {
    let text = text_of("qemu-proposed-2026-05");
    let set = |key: &str, value: &str| {
        Policy::parse_with(text, &[(key.to_owned(), value.to_owned())]).map(|(policy, _)| policy)
    };
    let policy = set("limits.small-fix", "50").expect("a limit");
    assert_eq!(policy.limits.small_fix, Some(50));
    let policy = set("rules.tool-mark.severity", "note").expect("a severity");
    assert_eq!(policy.rules["tool-mark"].severity, Severity::Note);
    let policy = set("allowed.files", "[\"tests\"]").expect("a list");
    assert_eq!(policy.allowed_files, [Category::Tests]);
    for (key, value) in [("limits.small-fox", "50"), ("limits", "50"), ("limits.small-fix", "many")]
    {
        let errors = set(key, value).expect_err("no such value");
        assert!(errors[0].message.starts_with(&format!("failed to set `{key}`")), "{errors:?}");
    }
}

#[test_case("linux-headers/linux/kvm.h", Category::Imported)]
#[test_case("include/standard-headers/linux/virtio_ids.h", Category::Imported)]
#[test_case("include/hw/xen/interface/memory.h", Category::Imported)]
#[test_case("target/hexagon/imported/alu.idef", Category::Imported)]
#[test_case("gdb-xml/arm-core.xml", Category::Imported)]
#[test_case("linux-user/arm/syscall.tbl", Category::Imported)]
#[test_case("linux-user/arm/cpu_loop.c", Category::Code)]
#[test_case("tests/docker/dockerfiles/alpine.docker", Category::Generated)]
#[test_case("tests/docker/Makefile.include", Category::Tests)]
#[test_case("ebpf/rss.bpf.skeleton.h", Category::Generated)]
#[test_case("ebpf/ebpf_rss.c", Category::Code)]
#[test_case("tests/data/acpi/x86/pc/DSDT", Category::Generated)]
#[test_case("tests/qemu-iotests/041.out", Category::Generated)]
#[test_case("tests/qemu-iotests/tests/nbd-multiconn.out", Category::Generated)]
#[test_case("tests/qemu-iotests/041", Category::Tests)]
#[test_case("pc-bios/vgabios.bin", Category::Blob)]
#[test_case("pc-bios/edk2-x86_64-code.fd.bz2", Category::Blob)]
#[test_case("roms/seabios", Category::Blob)]
#[test_case("pc-bios/s390-ccw/main.c", Category::Code)]
#[test_case("subprojects/libvhost-user/libvhost-user.c", Category::Code)]
#[test_case("scripts/qapi/gen.py", Category::Code)]
#[test_case("scripts/decodetree.py", Category::Code)]
#[test_case("scripts/tracetool/__init__.py", Category::Code)]
#[test_case("contrib/plugins/cache.c", Category::Code)]
#[test_case("tests/qtest/libqos/virtio.c", Category::Tests)]
#[test_case("tests/unit/test-aio.c", Category::Tests)]
#[test_case("rust/hw/char/pl011/tests/a.rs", Category::Tests)]
#[test_case("docs/devel/style.rst", Category::Docs)]
#[test_case("hw/arm/README", Category::Docs)]
#[test_case("MAINTAINERS", Category::Docs)]
#[test_case("hw/misc/meson.build", Category::Build)]
#[test_case("hw/arm/Kconfig", Category::Build)]
#[test_case("configure", Category::Build)]
#[test_case("tests/meson.build", Category::Tests)]
#[test_case(".gitlab-ci.d/base.yml", Category::Build)]
#[test_case("hw/misc/frob.c", Category::Code)]
#[test_case("qapi/net.json", Category::Code)]
#[test_case("qemu-options.hx", Category::Code)]
fn qemu_categories(path: &str, wanted: Category) {
    for id in ["qemu-2025-06", "qemu-proposed-2026-05"] {
        assert_eq!(shipped(id).categories.of(path), wanted, "{id}");
    }
}

#[test_case("2026-11-12" => false; "before")]
#[test_case("2026-11-13" => false; "on the day")]
#[test_case("2026-11-14" => true; "after")]
fn a_review_is_overdue(today: &str) -> bool {
    let text = format!("{SMALL}review-by = \"2026-11-13\"\n");
    let warning = Policy::overdue(&text, today.parse().expect("a day"));
    let place =
        warning.as_ref().and_then(|w| w.span.clone()).map(|s| config::line_column(&text, s.start));
    assert_eq!(place, warning.is_some().then_some((8, 13)));
    warning.is_some()
}
