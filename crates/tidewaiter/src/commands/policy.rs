//! `tidewaiter policy list|show`.

use std::fmt::Write;

use anyhow::anyhow;
use tidewaiter_policy::{Policy, builtin_policies};

use crate::{
    cli::{Global, PolicyCommand},
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(command: &PolicyCommand, global: &Global) -> Result<(), Failure> {
    let loaded = load::configuration(global)?;
    let mut output = Output::new();
    match command {
        PolicyCommand::List => {
            let mut text = String::new();
            for id in ids(&loaded)? {
                let policy = load::policy(&loaded, &id, &[], global)?;
                let _ = writeln!(text, "{}", line(&policy));
            }
            output.text(&text)?;
        }
        PolicyCommand::Show { id } => {
            let policy = load::policy(&loaded, id, &[], global)?;
            output.text(&shown(&policy))?;
        }
    }
    output.flush()
}

/// Built-in ids, and those of the configuration's folder.
fn ids(loaded: &load::Loaded) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<String> = builtin_policies().iter().map(|(id, _)| (*id).to_owned()).collect();
    if let Some(folder) = &loaded.config.files.policies {
        let folder = loaded.beside(folder);
        let entries = std::fs::read_dir(&folder)
            .map_err(|e| Failure::Io(anyhow!("failed to read `{}`: {e}", folder.display())))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(id) = name.strip_suffix(".toml").filter(|id| !ids.iter().any(|k| k == id)) {
                ids.push(id.to_owned());
            }
        }
    }
    ids.sort();
    Ok(ids)
}

fn line(policy: &Policy) -> String {
    format!("{:<22} {:<9} {}  {}", policy.id, word(&policy.status), policy.date, policy.title)
}

fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn shown(policy: &Policy) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}: {}", policy.id, policy.title);
    let _ = writeln!(
        text,
        "  {} of {}, stance {}",
        word(&policy.status),
        policy.date,
        word(&policy.stance)
    );
    if let Some(url) = &policy.url {
        let _ = writeln!(text, "  {url}");
    }
    if let Some(checked) = policy.checked {
        let _ = writeln!(text, "  checked on {checked}");
    }
    for note in &policy.notes {
        let _ = writeln!(text, "  note: {note}");
    }
    let _ = writeln!(text, "\nSentences");
    for sentence in &policy.sentences {
        match (&sentence.text, &sentence.reported_by) {
            (Some(words), _) => {
                let _ = writeln!(text, "  {}: \"{words}\"", sentence.id);
            }
            (None, reported) => {
                let summary = sentence.summary.as_deref().unwrap_or("(no summary)");
                let by = reported.as_deref().unwrap_or("(no source)");
                let _ = writeln!(text, "  {}: reported only: {summary} ({by})", sentence.id);
            }
        }
    }
    let _ = writeln!(text, "\nRules");
    for (id, rule) in &policy.rules {
        let _ = writeln!(text, "  {id}: at most {}; {}", word(&rule.severity), rule.advice);
    }
    text
}
