//! The project's own tag stands on the wrong side of another trailer.

use tidewaiter_patch::Trailer;

use super::{Checked, Rule, RuleInput, RuleMeta, sign_off_not_author::same};
use crate::{Audience, assess::PatchView, observe::Place, policy::OwnTag};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag-order",
        summary: "the project's own tag stands on the wrong side of another trailer",
        rationale: "A sign-off vouches for what stands above it, so some policies say where the tag belongs. Of the sign-offs only those of the author and of the sender count: what others add below or above is not theirs to order.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        // A tag that is no trailer stands in no order: that is misplaced-tag's to say.
        let trailers =
            patch.content(input.policy).filter(|d| d.own && d.tag.place == Place::Trailer);
        for declared in trailers {
            let tag = declared.tag.key.as_deref().and_then(|key| input.policy.own_tag(key));
            let Some(tag) = tag.filter(|tag| !(tag.before.is_empty() && tag.after.is_empty()))
            else {
                continue;
            };
            let Some(text) = mistake(patch, tag, declared.tag.line) else {
                checked.say(patch, format!("line {} is in order", declared.tag.line));
                continue;
            };
            let why = format!("line {}: {text}", declared.tag.line);
            let line = Some(declared.tag.line);
            checked.found(input.finding(Some(patch.index), patch.mail, line, Some(text)), why);
        }
    }
    checked.or("no tag that has to stand in an order")
}

/// What is wrong with where the tag stands. Among several trailers of a key one on the right side
/// is enough: a patch that went through several hands has several sign-offs of one person.
fn mistake(patch: &PatchView<'_>, tag: &OwnTag, line: usize) -> Option<String> {
    let wrong = |key: &str, side: fn(usize, usize) -> bool| {
        let mut any = false;
        for trailer in patch.mail.patch().map_or(&[][..], |content| &content.trailers) {
            if !trailer.is(key) || !counts(patch, trailer) {
                continue;
            }
            if side(line, trailer.line) {
                return false;
            }
            any = true;
        }
        any
    };
    let above = |key: &&String| wrong(key, |tag, other| tag < other);
    if let Some(key) = tag.before.iter().find(above) {
        return Some(format!("{} stands below {key}", tag.key));
    }
    let below = |key: &&String| wrong(key, |tag, other| tag > other);
    tag.after.iter().find(below).map(|key| format!("{} stands above {key}", tag.key))
}

fn counts(patch: &PatchView<'_>, trailer: &Trailer) -> bool {
    if !trailer.is("Signed-off-by") {
        return true;
    }
    let author = patch.mail.patch().and_then(|content| content.author.as_ref());
    let mut people = author.into_iter().chain(&patch.mail.header.from);
    people.any(|person| same(trailer, person))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;
    use tidewaiter_testkit::builder::Mail as Built;

    use crate::{
        Policy, PolicyContext,
        assess::testing::{judge, series_of},
    };

    const ALICE: &str = "Signed-off-by: Alice Author <alice@example.org>";
    const BOB: &str = "Signed-off-by: Bob Helper <bob@example.net>";
    const TAG: &str = "AI-used-for: code";
    const FIXES: &str = "Fixes: 123456789abc (\"hw/misc: frob\")";

    fn policy() -> Policy {
        let text = "id = \"p\"\nproject = \"P\"\ntitle = \"t\"\nstatus = \"in-force\"\n\
            stance = \"disclose\"\njudges-any-tree = true\n\
            [[tags.own]]\nkey = \"AI-used-for\"\ngrammar = \"free-text\"\n\
            before = [\"Signed-off-by\", \"Link\"]\nafter = [\"Fixes\"]\n\
            [rules.tag-order]\nseverity = \"note\"\nadvice = \"a\"\n";
        Policy::parse(text).expect("the policy reads").0
    }

    #[test_case(&[TAG, ALICE] => Vec::<String>::new(); "above")]
    #[test_case(&[ALICE, TAG] => vec!["AI-used-for stands below Signed-off-by"]; "below")]
    #[test_case(&[ALICE, TAG, ALICE] => Vec::<String>::new(); "signed again below")]
    #[test_case(&[BOB, TAG, ALICE] => Vec::<String>::new(); "another signed before")]
    #[test_case(&[BOB, TAG] => Vec::<String>::new(); "another's sign-off is none")]
    #[test_case(&[FIXES, TAG, ALICE] => Vec::<String>::new(); "behind fixes")]
    #[test_case(&[TAG, FIXES, ALICE] => vec!["AI-used-for stands above Fixes"]; "before fixes")]
    #[test_case(&["Link: https://example.org/1", TAG, ALICE] => vec!["AI-used-for stands below Link"]; "a key that is no sign-off")]
    #[test_case(&[ALICE, "AI-used-for: none"] => Vec::<String>::new(); "nothing declared")]
    #[test_case(&[ALICE, "Assisted-by: LLM"] => Vec::<String>::new(); "another project's tag")]
    fn orders(trailers: &[&str]) -> Vec<String> {
        let mail = Built::patch("hw/misc: frob").diff("hw/misc/frob.c", 1, 0);
        let mail = trailers.iter().fold(mail, |mail, trailer| {
            let (key, value) = trailer.split_once(": ").expect("a trailer");
            mail.trailer(key, value)
        });
        let judged = judge(&policy(), &PolicyContext::default(), &series_of(&[mail.build()]));
        judged.findings.into_iter().filter_map(|finding| finding.text).collect()
    }
}
