//! Reading configuration texts: every mistake with its place.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A mistake in a configuration text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// Completes "failed to ...": `failed to read the policy: ...`.
    pub message: String,
    /// The bytes of the text that it is about.
    pub span: Option<Range<usize>>,
}

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>, span: Option<Range<usize>>) -> Self {
        Self { message: message.into(), span }
    }
}

/// Something in a configuration text that has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWarning {
    /// What it is.
    pub message: String,
    /// The bytes of the text that it is about.
    pub span: Option<Range<usize>>,
}

/// Line and column of a byte, both from 1; the column counts characters.
#[must_use]
pub fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..text.floor_char_boundary(at)).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    (line, before.get(start..).map_or(0, |l| l.chars().count()) + 1)
}

/// Reads a TOML text into `T`; `overrides` are dotted keys with values, set before.
///
/// Unknown keys are errors, all of them reported.
///
/// # Errors
/// Every mistake, with its place.
pub fn read<'a, T: DeserializeOwned>(
    what: &str,
    text: &'a str,
    overrides: &'a [(String, String)],
) -> Result<T, Vec<ConfigError>> {
    let failed = |error: &toml::de::Error| {
        ConfigError::new(format!("failed to read {what}: {}", error.message()), error.span())
    };
    let (mut table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(failed).collect());
    }
    let mut errors = Vec::new();
    for (key, value) in overrides {
        if let Err(error) = set(table.get_mut(), key, value) {
            errors.push(error);
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let keys = table.clone();
    let mut unknown = Vec::new();
    let deserializer = toml::de::Deserializer::from(table);
    let read = serde_ignored::deserialize(deserializer, |path| unknown.push(as_written(&path)));
    let mut errors: Vec<ConfigError> = unknown
        .iter()
        .map(|path| {
            let message = format!("failed to read {what}: there is no key `{path}`");
            ConfigError::new(message, span_of(keys.get_ref(), path))
        })
        .collect();
    errors.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    match read {
        Ok(value) if errors.is_empty() => Ok(value),
        Ok(_) => Err(errors),
        Err(error) => {
            errors.push(failed(&error));
            Err(errors)
        }
    }
}

/// Sets one value. Its key has to be in the text already: a misspelt one must not pass.
fn set<'a>(table: &mut DeTable<'a>, key: &str, value: &'a str) -> Result<(), ConfigError> {
    let missing =
        || ConfigError::new(format!("failed to set `{key}`: the policy has no such value"), None);
    let (parents, last) = key.rsplit_once('.').unwrap_or(("", key));
    let mut table = table;
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        table = match table.get_mut(part).map(Spanned::get_mut) {
            Some(DeValue::Table(inner)) => inner,
            _ => return Err(missing()),
        };
    }
    let slot = table.get_mut(last).ok_or_else(missing)?;
    let new = match DeValue::parse(value) {
        Ok(new) if !slot.get_ref().is_str() => new.into_inner(),
        _ => DeValue::String(value.into()),
    };
    if !slot.get_ref().same_type(&new) {
        let (old, new) = (slot.get_ref().type_str(), new.type_str());
        let message = format!("failed to set `{key}`: it is of type {old}, not {new}");
        return Err(ConfigError::new(message, Some(slot.span())));
    }
    *slot = Spanned::new(slot.span(), new);
    Ok(())
}

/// The path of a key as in the text, without the steps that only the reading has.
fn as_written(path: &serde_ignored::Path<'_>) -> String {
    let path = path.to_string();
    let written = |part: &&str| *part != "?" && !part.starts_with('$');
    path.split('.').filter(written).collect::<Vec<_>>().join(".")
}

/// Where the key of a path such as `rules.x.y` stands.
fn span_of(table: &DeTable<'_>, path: &str) -> Option<Range<usize>> {
    let mut table = table;
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        if let Some((key, value)) = table.iter().find(|(k, _)| k.get_ref() == part) {
            if parts.peek().is_none() {
                return Some(key.span());
            }
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                DeValue::Array(items) => {
                    let index: usize = parts.next()?.parse().ok()?;
                    table = items.get(index)?.get_ref().as_table()?;
                }
                _ => return Some(key.span()),
            }
        } else {
            return None;
        }
    }
    None
}
