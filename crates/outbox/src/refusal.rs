//! What the refusal of a recipient is about.

/// Whether an answer to a recipient is about the address itself (RFC 3463 section 3): no such
/// mailbox or domain (5.1.x, but for what it says of the sender's), or one that is closed (5.2.1).
/// What else a server refuses, by policy, by a block list or because it does not relay, may be
/// this mail's fault, or ours. Without such a number the plain code counts.
pub(crate) fn no_mailbox(code: &str, said: &str) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    let numbers: Option<Vec<u16>> = first.split('.').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([5, 1, detail]) => !matches!(detail, 7 | 8),
        Some([class, subject, detail]) => (*class, *subject, *detail) == (5, 2, 1),
        _ => ["550", "551", "553"].contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::no_mailbox;

    #[test_case("550", "5.1.1 no such user" => true; "no such user")]
    #[test_case("554", "5.1.2 bad destination system" => true; "no such domain")]
    #[test_case("556", "5.1.10 it takes no mail" => true; "null MX")]
    #[test_case("550", "5.2.1 disabled" => true; "closed")]
    #[test_case("550", "User unknown" => true; "bare 550")]
    #[test_case("551", "" => true; "bare 551")]
    #[test_case("553", "not 5.1.1 of ours" => true; "bare 553")]
    #[test_case("550", "5.1.8 bad sender" => false; "the sender's domain")]
    #[test_case("553", "5.1.7 bad sender" => false; "the sender's address")]
    #[test_case("554", "5.7.1 Relay access denied" => false; "no relay")]
    #[test_case("550", "5.7.1 blocked" => false; "blocked")]
    #[test_case("550", "5.7.26 unauthenticated" => false; "policy")]
    #[test_case("552", "5.2.2 over quota" => false; "quota")]
    #[test_case("550", "4.7.1 later" => false; "neither")]
    #[test_case("554", "no" => false; "bare 554")]
    #[test_case("552", "full" => false; "bare 552")]
    fn for_good(code: &str, said: &str) -> bool {
        no_mailbox(code, said)
    }
}
