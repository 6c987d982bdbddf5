use proptest::prelude::*;
use test_case::test_case;

use super::*;

/// A tag in one line: prefixes|version|index/total|target|title.
fn shown(subject: &str) -> String {
    let parsed = Subject::parse(subject);
    let mark = match (parsed.reply, parsed.forward) {
        (true, _) => "re ",
        (_, true) => "fwd ",
        _ => "",
    };
    let Some(tag) = parsed.tag else { return format!("{mark}-|{}", parsed.title) };
    let numbers = match (tag.index, tag.total) {
        (Some(i), Some(t)) => format!("{i}/{t}"),
        _ => String::new(),
    };
    format!(
        "{mark}{}{}|{}|{numbers}|{}|{}",
        if tag.pull { "pull " } else { "" },
        tag.prefixes.join(","),
        tag.version.map(|v| v.to_string()).unwrap_or_default(),
        tag.target.unwrap_or_default(),
        tag.title
    )
}

#[test_case("[PATCH] a: b" => "||||a: b"; "plain")]
#[test_case("[PATCH v2 03/10] a: b" => "|v2|3/10||a: b"; "version and numbers")]
#[test_case("[RFC PATCH] a" => "RFC||||a"; "rfc first")]
#[test_case("[PATCH RFC v3 2/3] a" => "RFC|v3|2/3||a"; "rfc second")]
#[test_case("[PATCH for-10.2 v2] a" => "|v2||10.2|a"; "target")]
#[test_case("[PATCH-for-9.1?] a" => "|||9.1|a"; "doubtful target, glued")]
#[test_case("[PATCH-for-9.1 v2 1/2] a" => "|v2|1/2|9.1|a"; "glued target")]
#[test_case("[PATCH for 9.1 1/2] a" => "||1/2|9.1|a"; "target with a space")]
#[test_case("[PATCHv2] a" => "|v2|||a"; "glued version")]
#[test_case("[PATCH1/8] a" => "||1/8||a"; "glued numbers")]
#[test_case("[PATCH 1 of 2] a" => "||1/2||a"; "hg")]
#[test_case("[PATCH 1/2 v2] a" => "|v2|1/2||a"; "version last")]
#[test_case("[PATCH 1/2] a: b (v2)" => "|v2|1/2||a: b"; "version at the end of the title")]
#[test_case("[PATCH] a: b (v2 only)" => "||||a: b (v2 only)"; "not a version")]
#[test_case("[RESEND] a" => "RESEND||||a"; "resend alone")]
#[test_case("[PATCH v2 RESEND 03/10] a" => "RESEND|v2|3/10||a"; "resend")]
#[test_case("[resend, PATCH v2 1/2] a" => "resend|v2|1/2||a"; "comma")]
#[test_case("[PATCH nf,v2] a" => "nf|v2|||a"; "comma glued")]
#[test_case("[PULL 00/45] a" => "pull ||0/45||a"; "pull")]
#[test_case("[GIT PULL] a" => "pull GIT||||a"; "git pull")]
#[test_case("[Stable-10.0.3 07/38] a" => "Stable-10.0.3||7/38||a"; "stable")]
#[test_case("[qemu-web PATCH] a" => "qemu-web||||a"; "other tree")]
#[test_case("[Qemu-devel] [PATCH v2] a" => "Qemu-devel|v2|||a"; "list prefix")]
#[test_case("[Qemu-devel] question about a" => "-|[Qemu-devel] question about a"; "list prefix, no patch")]
#[test_case("[PATCH net-next 2/5] a" => "net-next||2/5||a"; "tree name")]
#[test_case("[PATCH v5.1 10/12] a" => "|v5.1|10/12||a"; "fractional")]
#[test_case("[PATCH v6.1 RFC 02.1/12] a" => "RFC|v6.1|2/12||a"; "fractional index")]
#[test_case("[PATCH]: a: b" => "||||a: b"; "colon behind the tag")]
#[test_case("[PATCH v2 2/ 7 ] a" => "|v2|2/7||a"; "space in the numbers")]
#[test_case("[PATCH\u{a0}v2] a" => "|v2|||a"; "no-break space")]
#[test_case("[[PATCH v2] a" => "|v2|||a"; "two brackets for one")]
#[test_case("[PATCH v2 1/2 docs frob: a" => "|v2|1/2||docs frob: a"; "no closing bracket")]
#[test_case("[PATCH v4294967296 1/99999999999] a" => "||||a"; "numbers too large")]
#[test_case("Re: (subset) [PATCH v2 0/3] a" => "re |v2|0/3||a"; "thanks for a part")]
#[test_case("Antw: [EXT] Re: [PATCH 1/2] a" => "re ||1/2||a"; "company mark before re")]
#[test_case("[PATCH 3/2] a" => "||3/2||a"; "more than the total")]
#[test_case("[PATCH]foo: bar" => "||||foo: bar"; "no space")]
#[test_case("[patch v2] a" => "|v2|||a"; "lower case")]
#[test_case("[PATCH] [media] a" => "||||[media] a"; "own brackets")]
#[test_case("[PATCH][next] a" => "||||[next] a"; "own brackets, glued")]
#[test_case("[PATCH v1 0/4] [RFC] a" => "RFC|v1|0/4||a"; "tag behind the tag")]
#[test_case("[PATCH] a: [1/2] b" => "||||a: [1/2] b"; "brackets within")]
#[test_case("[PATCH 5.10/5.15] a" => "5.10/5.15||||a"; "two trees are no numbers")]
#[test_case("[PATCH/RFC 1/2] a" => "RFC||1/2||a"; "slash")]
#[test_case("[RFC/RFT v2 PATCH 1/2] a" => "RFC,RFT|v2|1/2||a"; "two words with a slash")]
#[test_case("[PATCH RFC} a" => "RFC||||a"; "closed by a brace")]
#[test_case("[PATCH a: b" => "||||a: b"; "never closed")]
#[test_case("Re: [PATCH v2] a" => "re |v2|||a"; "re")]
#[test_case("RE: Re[2]: [PATCH] a" => "re ||||a"; "re counted")]
#[test_case("AW: [PATCH] a" => "re ||||a"; "german")]
#[test_case("SV: [PATCH] a" => "re ||||a"; "swedish")]
#[test_case("回复: [PATCH] a" => "re ||||a"; "chinese")]
#[test_case("Fwd: [PATCH] a" => "fwd ||||a"; "forward")]
#[test_case("[Qemu-devel] Re: [PATCH] a" => "re ||||a"; "re behind the list")]
#[test_case("Re: question: what now" => "re -|question: what now"; "no tag")]
#[test_case("[Bug 1234567] [NEW] crash" => "-|[Bug 1234567] [NEW] crash"; "tracker")]
#[test_case("" => "-|"; "empty")]
#[test_case("[[[[[[" => "-|[[[[[["; "only brackets")]
fn taken_apart(subject: &str) -> String {
    shown(subject)
}

proptest! {
    #[test]
    fn never_panics(subject in "\\PC{0,200}") {
        let _ = Subject::parse(&subject);
    }

    #[test]
    fn a_written_tag_reads_the_same(
        rfc in any::<bool>(),
        tree in prop::option::of("(net-next|qemu-web|kvm-unit-tests|block)"),
        version in prop::option::of((1_u32..99, 0_u32..9)),
        numbers in prop::option::of((0_u32..1200, 1_u32..1200)),
        target in prop::option::of("(10\\.2|9\\.1|next)"),
        title in "[a-z]{1,8}(/[a-z]{1,8})?: [a-zA-Z0-9 ]{0,30}[a-z0-9]",
        pull in any::<bool>(),
    ) {
        let mut prefixes = Vec::new();
        if rfc { prefixes.push("RFC".to_owned()); }
        prefixes.extend(tree);
        let tag = SubjectTag {
            prefixes,
            version: version.map(|(major, minor)| Version { major, minor }),
            index: numbers.map(|(i, _)| i),
            total: numbers.map(|(_, t)| t),
            target,
            title,
            pull,
        };
        prop_assert_eq!(Subject::parse(&tag.to_string()).tag, Some(tag));
    }
}

#[test_case("[Qemu-devel] [PATCH v2] a" => "a"; "before the tag")]
#[test_case("[PATCH v2 1/2] [Qemu-devel] a" => "a"; "behind the tag")]
#[test_case("[PATCH v2] [docs] a" => "[docs] a"; "not a list")]
fn lists_are_no_prefix(subject: &str) -> String {
    let parsed =
        Subject::parse_on_lists(subject, |name, _| name.eq_ignore_ascii_case("qemu-devel"));
    let tag = parsed.tag.unwrap();
    assert!(tag.prefixes.is_empty() && tag.version.is_some());
    tag.title
}
