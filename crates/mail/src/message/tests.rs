use test_case::test_case;

use super::*;

fn read(header: &str) -> Message {
    Message::parse(format!("From: Alice <alice@example.org>\n{header}\nHello.\n").as_bytes())
}

const LIST: &str = "List-Id: Frob <frob-devel.example.org>\n";
const THERE: &str = "X-BeenThere: frob-devel@example.org\n";

// A vacation program of old knows no other field.
#[test_case("Precedence: bulk\n" => Some(Automatic::Bulk); "bulk")]
#[test_case("precedence:  Junk \n" => Some(Automatic::Bulk); "junk")]
#[test_case("Precedence: list\nPrecedence: bulk\n" => Some(Automatic::Bulk); "the second of two")]
#[test_case("Precedence: list\n" => None; "list")]
#[test_case("Precedence: first-class\n" => None; "another word")]
#[test_case("Precedence: bulk\nAuto-Submitted: auto-replied\n" => Some(Automatic::AutoSubmitted); "another field says more")]
// A list's own says nothing of its people.
#[test_case(&format!("{LIST}Precedence: bulk\n") => None; "bulk of a list")]
#[test_case(&format!("{LIST}Precedence: list\n{THERE}") => None; "list of a list")]
#[test_case(&format!("{LIST}{THERE}") => None; "there and nowhere else")]
#[test_case(&format!("{LIST}X-BeenThere: FROB-devel@lists.example.org\n") => None; "there, before it moved")]
#[test_case(&format!("{LIST}{THERE}X-BeenThere: knob-devel@example.org\n") => None; "there by another list")]
#[test_case(&format!("{LIST}X-BeenThere: knob-devel@example.org\n") => Some(Automatic::Loop); "elsewhere")]
#[test_case(&format!("{LIST}X-BeenThere: frob@example.org\n") => Some(Automatic::Loop); "at a list whose name starts alike")]
#[test_case(THERE => Some(Automatic::Loop); "through a list that is not named")]
#[test_case(&format!("{LIST}X-BeenThere: \n") => None; "nowhere")]
fn programs(header: &str) -> Option<Automatic> {
    read(header).automatic
}

#[test]
fn loops_are_told() {
    let mail = read("X-Loop: bot@example.net\nX-Loop: no address\nx-loop: Other@example.net\n");
    let loops: Vec<&str> = mail.loops.iter().map(Address::as_str).collect();
    assert_eq!(loops, ["bot@example.net", "Other@example.net"]);
}
