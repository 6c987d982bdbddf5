//! Every mail of `fixtures/mail/` through the parser, as LF and as CRLF, one snapshot each.
//!
//! What a reader must find in them is written in `fixtures/mail/INDEX.md`; each snapshot was
//! read against it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failure here fails the test")]

use serde_json::Value;
use tidewaiter_patch::Mail;
use tidewaiter_report::ParsedMail;
use tidewaiter_testkit::fixtures::{Fixture, fixture_mails};

/// Mails whose oddity is their line ends, so that CRLF makes another mail of them.
const LINE_ENDS_MATTER: &[(&str, &str)] = &[];

fn parsed(raw: &[u8], id: &str) -> Value {
    let mail = ParsedMail::new(Mail::parse(raw), id.to_owned(), raw.len(), &[]);
    serde_json::to_value(mail).expect("failed to serialise a parsed mail")
}

/// Strings over 400 characters become their length.
fn short(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().nth(400).is_some() => {
            *text = format!("<{} chars>", text.chars().count());
        }
        Value::Array(values) => {
            if values.len() > 20 {
                let more = values.len() - 10;
                values.truncate(10);
                values.push(Value::String(format!("<{more} more>")));
            }
            values.iter_mut().for_each(short);
        }
        Value::Object(fields) => fields.values_mut().for_each(short),
        _ => {}
    }
}

#[test]
fn snapshots() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for fixture in fixture_mails() {
        let mut value = parsed(&fixture.lf, &fixture.id);
        short(&mut value);
        let json = serde_json::to_string_pretty(&value).unwrap();
        settings.bind(|| insta::assert_snapshot!(fixture.id.replace('/', "__"), json));
    }
}

#[test]
fn no_snapshot_is_left_over() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut kept: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str()?.strip_suffix(".snap").map(str::to_owned)
        })
        .collect();
    let mut wanted: Vec<_> =
        fixture_mails().into_iter().map(|fixture| fixture.id.replace('/', "__")).collect();
    kept.sort();
    wanted.sort();
    assert_eq!(kept, wanted);
}

#[test]
fn line_ends_do_not_matter() {
    let mut differ = Vec::new();
    for fixture in fixture_mails() {
        let mut lf = parsed(&fixture.lf, &fixture.id);
        let mut crlf = parsed(&fixture.crlf(), &fixture.id);
        for value in [&mut lf, &mut crlf] {
            value.as_object_mut().unwrap().remove("bytes");
        }
        if lf != crlf {
            differ.push(fixture.id);
        }
    }
    let expected: Vec<_> = LINE_ENDS_MATTER.iter().map(|(id, _)| *id).collect();
    assert_eq!(differ, expected);
}

#[test]
fn nothing_stands_in_for_what_is_missing() {
    let fixtures = fixture_mails();
    assert!(fixtures.len() >= 400, "{} fixtures", fixtures.len());
    for fixture in &fixtures {
        let value = parsed(&fixture.lf, &fixture.id);
        for field in ["message_id", "in_reply_to", "change_id"] {
            assert_bare(fixture, &value[field]);
        }
        for field in ["references", "based_on", "supersedes"] {
            value[field].as_array().unwrap().iter().for_each(|id| assert_bare(fixture, id));
        }
        if let Some(date) = value["date"].as_str() {
            let wrote_it = String::from_utf8_lossy(&fixture.lf).contains("1970");
            assert!(!date.starts_with("1970") || wrote_it, "{}: {date}", fixture.id);
        }
        for person in people(&value) {
            for field in ["name", "address"] {
                let text = person[field].as_str();
                assert!(
                    text.is_none_or(|t| !t.is_empty() && !t.to_lowercase().contains("unknown")),
                    "{}: {person}",
                    fixture.id
                );
            }
        }
        for field in ["subject", "notes"] {
            assert_ne!(value[field], "", "{}: an empty {field} is null", fixture.id);
        }
        for trailer in value["trailers"].as_array().unwrap() {
            assert!(trailer["line"].as_u64() > Some(0), "{}: lines count from 1", fixture.id);
        }
    }
}

fn assert_bare(fixture: &Fixture, id: &Value) {
    let text = id.as_str().unwrap_or("absent");
    assert!(!text.is_empty() && !text.contains(['<', '>', ' ']), "{}: {id}", fixture.id);
}

fn people(value: &Value) -> Vec<&Value> {
    let lists = ["to", "cc"].into_iter().flat_map(|field| value[field].as_array().unwrap());
    lists.chain(["from", "author"].map(|field| &value[field])).filter(|p| !p.is_null()).collect()
}
