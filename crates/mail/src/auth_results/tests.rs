use proptest::prelude::*;
use test_case::test_case;

use super::*;
use crate::Message;

/// The server and the domains that passed, as one text.
fn read(raw: &str) -> Option<String> {
    let found = AuthResults::parse(raw.as_bytes())?;
    let domains: Vec<&str> = found.dkim().collect();
    Some(format!("{}: {}", found.id(), domains.join(" ")))
}

#[test_case("mx.example.net; dkim=pass header.d=example.org" => Some("mx.example.net: example.org".to_owned()); "plain")]
#[test_case("mx.example.net; dkim=pass header.i=@example.org header.s=k1 header.b=AbC" => Some("mx.example.net: example.org".to_owned()); "i alone")]
#[test_case("mx.example.net; dkim=pass header.i=alice@lists.example.org" => Some("mx.example.net: lists.example.org".to_owned()); "i of a person")]
#[test_case("mx.example.net; dkim=pass header.d=example.org header.i=@sub.example.org" => Some("mx.example.net: example.org".to_owned()); "d before i")]
#[test_case("mx.example.net 1; dkim=pass header.d=example.org" => Some("mx.example.net: example.org".to_owned()); "version")]
#[test_case("mx.example.net; dkim/1=pass header.d=example.org" => Some("mx.example.net: example.org".to_owned()); "version of the method")]
#[test_case("mx.example.net;\r\n\tdkim=pass (2048-bit key; unprotected)\r\n\theader.d=example.org header.b=x+/=;\r\n\tdkim-atps=neutral" => Some("mx.example.net: example.org".to_owned()); "folded and commented")]
#[test_case("(by (us)) mx.example.net (really); dkim (a \\) b) = pass header.d = Example.ORG" => Some("mx.example.net: example.org".to_owned()); "comments everywhere")]
#[test_case("\"mx.example.net\"; dkim=pass reason=\"good; dkim=pass\" header.d=\"example.org\"" => Some("mx.example.net: example.org".to_owned()); "quoted")]
#[test_case("mx.example.net; DKIM=Pass Header.D=EXAMPLE.org;" => Some("mx.example.net: example.org".to_owned()); "letter case, semicolon at the end")]
#[test_case("mx.example.net; dkim=pass header.d=example.org; dkim=pass header.d=example.com; dkim=pass header.d=example.org; dkim=fail header.d=example.net" => Some("mx.example.net: example.org example.com".to_owned()); "several")]
#[test_case("mx.example.net; none" => Some("mx.example.net: ".to_owned()); "none")]
#[test_case("mx.example.net" => Some("mx.example.net: ".to_owned()); "nothing")]
#[test_case("mx.example.net; spf=pass smtp.mailfrom=example.org; dkim=none" => Some("mx.example.net: ".to_owned()); "no dkim")]
#[test_case("mx.example.net; spf=none smtp.mailfrom=; dkim=pass header.d=example.org" => Some("mx.example.net: example.org".to_owned()); "empty value")]
#[test_case("mx.example.net; spf=pass smtp.mailfrom=\"a;dkim=pass header.d=example.org \"@evil.example" => Some("mx.example.net: ".to_owned()); "result in a quoted name")]
#[test_case("mx.example.net; spf=pass (helo=x; dkim=pass header.d=example.org); dkim=fail" => Some("mx.example.net: ".to_owned()); "result in a comment")]
#[test_case("mx.example.net; x-dkim=pass header.d=example.org" => Some("mx.example.net: ".to_owned()); "another method")]
#[test_case("mx.example.net; dkim=pass" => Some("mx.example.net: ".to_owned()); "no domain")]
#[test_case("mx.example.net; dkim=pass header.d=org" => Some("mx.example.net: ".to_owned()); "one label")]
#[test_case("mx.example.net; dkim=pass header.d=example.org@evil.example" => Some("mx.example.net: ".to_owned()); "no domain at all")]
#[test_case("mx.example.net; dkim=pass header.d=ex\u{430}mple.org" => Some("mx.example.net: ".to_owned()); "look-alike letter")]
#[test_case("mx.example.net; dkim=pass smtp.d=example.org" => Some("mx.example.net: ".to_owned()); "other property")]
#[test_case("dkim=pass header.d=example.org; spf=none" => None; "no server")]
#[test_case("; dkim=pass header.d=example.org" => None; "empty server")]
#[test_case("" => None; "empty")]
#[test_case("mx.example.net 2; dkim=pass header.d=example.org" => None; "another version")]
#[test_case("mx.example.net 1 1; dkim=pass header.d=example.org" => None; "two versions")]
#[test_case("mx.example.net evil; dkim=pass header.d=example.org" => None; "two servers")]
#[test_case("mx.example.net; dkim=pass header.d=example.org header.d=example.com" => None; "two domains in one result")]
#[test_case("mx.example.net; dkim=pass header.d=example.org; none" => None; "none beside a result")]
#[test_case("mx.example.net; dkim=pass (open header.d=example.org" => None; "comment without end")]
#[test_case("mx.example.net; dkim=pass header.d=example.org)" => None; "comment without start")]
#[test_case("mx.example.net; dkim=pass header.d=\"example.org" => None; "quote without end")]
#[test_case("mx.example.net; dkim=pass header.d=example.org evil" => None; "word without value")]
#[test_case("mx.example.net; dkim == pass header.d=example.org" => None; "two signs")]
#[test_case("mx.example.net; dkim=pass\u{0} header.d=example.org" => None; "control character")]
fn fields(raw: &str) -> Option<String> {
    read(raw)
}

#[test]
fn bounds() {
    let many: String = (0..50).map(|n| format!("; dkim=pass header.d=d{n}.example")).collect();
    assert_eq!(AuthResults::parse(format!("mx{many}").as_bytes()).unwrap().dkim().count(), 10);
    let long = format!("mx; dkim=pass header.d=example.org ({})", "x".repeat(FIELD));
    assert_eq!(read(&long), None);
    assert_eq!(AuthResults::parse(b"mx; dkim=pass header.d=example.org (\xff)"), None);
    let nested = format!("mx; dkim=pass {}", "(".repeat(4_000));
    assert_eq!(read(&nested), None);
}

#[test_case("example.org", "a@example.org" => true; "the same")]
#[test_case("example.org", "a@Lists.Example.Org" => true; "below")]
#[test_case("lists.example.org", "a@example.org" => false; "above")]
#[test_case("a.example.org", "a@b.example.org" => false; "beside")]
#[test_case("ample.org", "a@example.org" => false; "end of a label")]
#[test_case("examp1e.org", "a@example.org" => false; "look-alike")]
#[test_case("example.org.evil.example", "a@example.org" => false; "start of a name")]
#[test_case("co.uk", "a@example.co.uk" => false; "public suffix")]
#[test_case("info.pl", "a@example.info.pl" => false; "longer public suffix")]
#[test_case("example.de", "a@lists.example.de" => true; "country")]
#[test_case("example.co.uk", "a@lists.example.co.uk" => true; "below a public suffix")]
fn alignment(signer: &str, from: &str) -> bool {
    let field = format!("mx; dkim=pass header.d={signer}");
    let address = Address::new(from).unwrap();
    AuthResults::parse(field.as_bytes()).unwrap().aligns_with(&address)
}

#[test_case("Authentication-Results: mx; dkim=pass header.d=a.example\nAuthentication-Results: mx; dkim=pass header.d=b.example\n" => Some("mx: a.example".to_owned()); "the topmost")]
#[test_case("Authentication-Results: mx; (\nAuthentication-Results: mx; dkim=pass header.d=b.example\n" => None; "the topmost says nothing")]
#[test_case("Received: by mx\nauthentication-results : mx; none\n" => Some("mx: ".to_owned()); "any case")]
#[test_case("ARC-Authentication-Results: i=1; mx; dkim=pass header.d=b.example\n" => None; "another field")]
#[test_case("Subject: x\n\nAuthentication-Results: mx; dkim=pass header.d=b.example\n" => None; "in the text")]
fn of_mails(header: &str) -> Option<String> {
    let mail = Message::parse(format!("{header}From: a@example.org\n\nx\n").as_bytes());
    let found = mail.auth_results?;
    Some(format!("{}: {}", found.id(), found.dkim().collect::<Vec<_>>().join(" ")))
}

proptest! {
    #[test]
    fn never_panics(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = AuthResults::parse(&raw);
    }

    /// What a sender can have copied into a comment or a quoted string vouches for nobody.
    #[test]
    fn words_of_the_sender_do_not_count(words in "[ -~]{0,60}", quoted in any::<bool>()) {
        let escaped = words.replace('\\', "\\\\").replace('"', "\\\"");
        let escaped = if quoted { escaped } else { escaped.replace('(', "\\(").replace(')', "\\)") };
        let raw = if quoted {
            format!("mx; spf=pass smtp.mailfrom=\"{escaped}\"; dkim=fail header.d=example.org")
        } else {
            format!("mx; spf=pass ({escaped}) smtp.mailfrom=x; dkim=fail header.d=example.org")
        };
        let found = AuthResults::parse(raw.as_bytes());
        prop_assert_eq!(found.map(|f| f.dkim().count()), Some(0));
    }

    #[test]
    fn tokens_in_any_order(parts in prop::collection::vec(
        prop_oneof!["dkim", "pass", "=", ";", "header.d", "example.org", "\\(", "\\)", "\"", " ", "\\\\"], 0..30))
    {
        let raw: String = parts.concat();
        if let Some(found) = AuthResults::parse(format!("mx;{raw}").as_bytes()) {
            prop_assert!(found.dkim().all(|domain| domain.contains('.')));
        }
    }
}
