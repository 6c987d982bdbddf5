//! `docs/schema/*.json` from the types, and `docs/json.md` against them.

use std::collections::BTreeSet;

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::Value;
use tidewaiter_report::{Checked, ParsedMail, SeriesRecord, StoredReply, Summary};

use crate::{compare, document, program::run};

fn schema<T: JsonSchema>(title: &str) -> Value {
    // As it is written: what is always there is required, although it may be null.
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn schemas() -> [(&'static str, Value); 5] {
    [
        ("parse", schema::<ParsedMail>("One line of tidewaiter parse --format jsonl")),
        ("series", schema::<SeriesRecord>("One line of tidewaiter dry-run --jsonl")),
        ("summary", schema::<Summary>("The last line of tidewaiter dry-run --jsonl")),
        ("reply", schema::<StoredReply>("One line of tidewaiter outbox list --format jsonl")),
        ("check", schema::<Checked>("One line of tidewaiter doctor --format jsonl")),
    ]
}

#[test]
fn schemas_are_up_to_date() {
    for (name, schema) in schemas() {
        let mut text = serde_json::to_string_pretty(&schema).expect("failed to write JSON");
        text.push('\n');
        compare(&format!("docs/schema/{name}.json"), &text);
    }
}

/// The names of all properties, at any depth.
fn properties(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                names.extend(properties.keys().cloned());
            }
            fields.values().for_each(|value| properties(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, names)),
        _ => {}
    }
}

#[test]
fn every_field_is_explained() {
    let page = document("docs/json.md");
    let mut names = BTreeSet::new();
    schemas().iter().for_each(|(_, schema)| properties(schema, &mut names));
    assert!(names.len() > 70, "{names:?}");
    let missing: Vec<&String> =
        names.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/json.md says nothing of {missing:?}");
}

/// The words that a schema allows: of `enum` and `const`, at any depth.
fn words(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            let listed = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
            let single = fields.get("const");
            found.extend(listed.chain(single).filter_map(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| words(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| words(value, found)),
        _ => {}
    }
}

#[test]
fn every_word_is_explained() {
    let page = document("docs/json.md");
    let mut found = BTreeSet::new();
    schemas().iter().for_each(|(_, schema)| words(schema, &mut found));
    assert!(found.len() > 40, "{found:?}");
    let missing: Vec<&String> =
        found.iter().filter(|word| !page.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/json.md says nothing of {missing:?}");
}

/// What a schema says of an object: its properties and the required ones.
fn shape(schema: &Value) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let keys = schema["properties"].as_object().expect("no properties").keys();
    let required = schema["required"].as_array().expect("nothing is required");
    (keys.map(String::as_str).collect(), required.iter().filter_map(Value::as_str).collect())
}

#[test]
fn what_is_printed_has_the_fields_of_the_schema() {
    let sample = "fixtures/mbox/qemu-sample.mbox";
    let schemas = schemas();
    let against = "--against=qemu-proposed-2026-05";
    let runs = [run(&["parse", sample]), run(&["dry-run", sample, "--jsonl=-", against])];
    for line in runs.iter().flat_map(|ran| ran.stdout.lines()) {
        let object: Value = serde_json::from_str(line).expect(line);
        let (_, schema) = match object["type"].as_str() {
            None => &schemas[0],
            Some("series") => &schemas[1],
            Some(_) => &schemas[2],
        };
        let (known, required) = shape(schema);
        let keys: BTreeSet<&str> =
            object.as_object().expect(line).keys().map(String::as_str).collect();
        assert!(keys.is_subset(&known), "{:?}", keys.difference(&known));
        assert!(required.is_subset(&keys), "{:?}", required.difference(&keys));
    }
}
