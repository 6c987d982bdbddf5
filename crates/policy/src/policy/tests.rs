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
                     date = \"2026-05-28\"\nstance = \"decline\"\n";

#[test]
fn every_unknown_key_is_told() {
    let text = format!("{SMALL}colour = 1\n[tree]\nroots = []\n");
    assert_eq!(
        mistakes(&text),
        [
            "7:1 failed to read the policy: there is no key `colour`",
            "9:1 failed to read the policy: there is no key `tree.roots`",
        ]
    );
}

#[test_case("[core]\npaths = [\"a/\", \"b[\"]\n", "8:16"; "bad glob")]
#[test_case("[rules.no-such]\nseverity = \"ask\"\nadvice = \"\"\n", "7:1"; "no such rule")]
#[test_case("[rules.tool-mark]\nseverity = \"loud\"\nadvice = \"\"\n", "8:12"; "no such severity")]
#[test_case("[rules.tool-mark]\nseverity = \"ask\"\nsentence = \"x\"\nadvice = \"\"\n", "9:12"; "no such sentence")]
#[test_case("[[sentences]]\nid = \"a\"\ntext = \"t\"\n", "9:8"; "text without a mark")]
#[test_case("[[sentences]]\nid = \"a\"\n", "8:6"; "nothing known of it")]
#[test_case("[categories]\norder = [\"code\", \"music\"]\n", "8:18"; "no such category")]
#[test_case("[categories]\norder = [\"code\"]\ntests = [\"t/\"]\n", "9:10"; "not in the order")]
#[test_case("[[lists]]\naddress = \"nobody\"\n", "8:11"; "no address")]
#[test_case("checked = \"soon\"\n", "7:11"; "no date")]
#[test_case("[tree]\nknown-paths = 0\n", "8:15"; "percentage")]
#[test_case("x = \n", "7:5"; "no toml")]
fn mistakes_have_their_place(rest: &str, place: &str) {
    let found = mistakes(&format!("{SMALL}{rest}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{place} failed to ")), "{found:?}");
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
    for (id, _) in builtin_policies() {
        assert_eq!(shipped(id).categories.of(path), wanted, "{id}");
    }
}
