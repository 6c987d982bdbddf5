//! Settings as they are written.

use test_case::test_case;

use super::scene::{address, identity};
use crate::{HeldBy, Identity, ListReply, Mode};

const LIST: &str = "project = 'qemu'\nlist-name = 'qemu-devel'\nlist = 'qemu-devel@nongnu.org'\n";

#[test]
fn a_list_starts_quiet() {
    let list: ListReply = toml::from_str(LIST).unwrap();
    assert_eq!((list.mode, list.decline), (Mode::Observe, Mode::Hold));
    assert!(!list.cc_maintainers && list.never_to.is_empty());
}

#[test]
fn all_can_be_set() {
    let more = "mode = 'list'\ndecline = 'maintainers'\ncc-maintainers = true\n\
                never-to = ['x@example.org']\n";
    let list: ListReply = toml::from_str(&format!("{LIST}{more}")).unwrap();
    assert_eq!((list.mode, list.decline), (Mode::List, Mode::Maintainers));
    assert!(list.cc_maintainers && list.never_to == [address("x@example.org")]);
}

#[test]
fn who_speaks() {
    let text = "address = 'tidewaiter@bot.example.net'\n\
                operator = 'Olga Operator <olga@example.net>'\n\
                message-id-domain = 'bot.example.net'\n";
    assert_eq!(toml::from_str::<Identity>(text).unwrap(), identity());
}

#[test_case("mode = 'loud'"; "mode")]
#[test_case("never-to = ['nobody']"; "never to")]
fn refused(line: &str) {
    assert!(toml::from_str::<ListReply>(&format!("{LIST}{line}\n")).is_err());
}

#[test_case(HeldBy::Observe)]
#[test_case(HeldBy::FirstSeries)]
#[test_case(HeldBy::UnverifiedSender)]
#[test_case(HeldBy::AuthorUnreachable)]
#[test_case(HeldBy::NoMaintainer)]
#[test_case(HeldBy::MarkOnly)]
#[test_case(HeldBy::NoRecipient)]
#[test_case(HeldBy::PolicyNotInForce)]
#[test_case(HeldBy::PolicyNotChecked)]
#[test_case(HeldBy::PolicyReviewDue)]
fn one_word_for_one_reason(why: HeldBy) {
    let written = toml::Value::try_from(why).unwrap();
    assert_eq!(written.as_str(), Some(why.as_str()));
}
