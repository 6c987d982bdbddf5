//! `tidewaiter policy check|test`.

use std::path::{Path, PathBuf};

use annotate_snippets::Level;
use anyhow::anyhow;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use tidewaiter_policy::{Policy, TreeFiles, Vocabulary};

use crate::{
    cli::{Format, Global},
    diagnostics,
    failure::Failure,
    load::{self, Loaded},
    output::Output,
};

/// A policy as a person names it: a file, or an id.
struct Named {
    path: String,
    text: String,
    /// What its `id` should be.
    id: String,
}

/// Says what is wrong with policies, and what in them has no effect.
pub(super) fn check(
    loaded: &Loaded,
    wanted: &[String],
    tree: Option<&Path>,
    global: &Global,
) -> Result<(), Failure> {
    global.text_only()?;
    let files = tree.map(|path| load::tree_files(path, global)).transpose()?;
    let files = files.as_deref().map(TreeFiles::from_list);
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut output = Output::new();
    let mut wrong = 0;
    for named in all(loaded, wanted)? {
        // The day decides whether this is said, and never how the command ends.
        let overdue: Vec<_> = Policy::overdue(&named.text, today).into_iter().collect();
        diagnostics::warnings(&overdue, &named.path, &named.text, global);
        match read(&named, files.as_ref(), global) {
            Some(policy) => output.text(&format!("{}: {}\n", named.path, counted(&policy)))?,
            None => wrong += 1,
        }
    }
    output.flush()?;
    match wrong {
        0 => Ok(()),
        1 => Err(Failure::usage(anyhow!("one policy has mistakes"))),
        wrong => Err(Failure::usage(anyhow!("{wrong} policies have mistakes"))),
    }
}

/// Judges the example mails that policies carry.
pub(super) fn test(loaded: &Loaded, wanted: &[String], global: &Global) -> Result<(), Failure> {
    let vocabulary = load::vocabulary()?;
    let mut output = Output::new();
    let (mut run, mut failed, mut unread) = (0, 0, 0);
    for named in all(loaded, wanted)? {
        let Some(policy) = read(&named, None, global) else {
            unread += 1;
            continue;
        };
        if policy.examples.is_empty() && global.format != Some(Format::Jsonl) {
            output.text(&format!("none  {}: it has no examples\n", policy.id))?;
        }
        for result in results(&policy, &vocabulary) {
            run += 1;
            failed += usize::from(result.why.is_some());
            match global.format {
                Some(Format::Jsonl) => output.json(&result)?,
                _ => output.text(&result.line())?,
            }
        }
    }
    output.flush()?;
    if failed > 0 {
        return Err(Failure::usage(anyhow!("{failed} of {run} examples failed")));
    }
    match unread {
        0 => Ok(()),
        _ => Err(Failure::usage(anyhow!("{unread} of the policies cannot be read"))),
    }
}

/// What came of one example mail.
#[derive(Serialize)]
struct ExampleResult<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    policy: &'a str,
    name: &'a str,
    ok: bool,
    why: Option<String>,
}

impl ExampleResult<'_> {
    fn line(&self) -> String {
        match &self.why {
            None => format!("ok    {}: {}\n", self.policy, self.name),
            Some(why) => format!("FAIL  {}: {}: {why}\n", self.policy, self.name),
        }
    }
}

fn results<'a>(
    policy: &'a Policy,
    vocabulary: &'a Vocabulary,
) -> impl Iterator<Item = ExampleResult<'a>> {
    policy.examples.iter().map(|example| {
        let why = example.run(policy, vocabulary).err();
        let (policy, name) = (policy.id.as_str(), example.name.as_str());
        ExampleResult { kind: "example", policy, name, ok: why.is_none(), why }
    })
}

/// The policies that are named, or all that there are.
fn all(loaded: &Loaded, wanted: &[String]) -> Result<Vec<Named>, Failure> {
    if wanted.is_empty() {
        return load::policy_ids(loaded)?.iter().map(|id| of_id(loaded, id)).collect();
    }
    wanted
        .iter()
        .map(|word| match file(word) {
            Some(path) => {
                let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                Ok(Named { path: word.clone(), text: load::text_file(&path)?, id })
            }
            None => of_id(loaded, word),
        })
        .collect()
}

fn of_id(loaded: &Loaded, id: &str) -> Result<Named, Failure> {
    let (path, text) = load::policy_text(loaded, id)?;
    Ok(Named { path, text, id: id.to_owned() })
}

/// A word with a folder or the ending of a policy file is a file.
fn file(word: &str) -> Option<PathBuf> {
    let is_file = word.contains(['/', '\\']) || word.ends_with(".toml");
    is_file.then(|| PathBuf::from(word))
}

/// Reads one policy; mistakes and what has no effect are printed with their places.
fn read(named: &Named, files: Option<&TreeFiles>, global: &Global) -> Option<Policy> {
    let Named { path, text, id } = named;
    match Policy::parse(text) {
        Ok((policy, mut warnings)) => {
            warnings.extend(files.into_iter().flat_map(|files| Policy::dead_entries(text, files)));
            diagnostics::warnings(&warnings, path, text, global);
            if policy.id != *id && !global.quiet {
                let message = format!("the policy `{}` is found as `{id}` alone", policy.id);
                eprintln!(
                    "{}",
                    diagnostics::show(Level::WARNING, &message, path, text, None, global)
                );
            }
            Some(policy)
        }
        Err(errors) => {
            diagnostics::errors(&errors, path, text, global);
            None
        }
    }
}

fn counted(policy: &Policy) -> String {
    let words = policy.sentences.iter().filter(|sentence| sentence.text.is_some()).count();
    let report_only = if policy.is_report_only() { "; report only" } else { "" };
    format!(
        "no mistakes ({} rules, {words} sentences word for word, {} examples{report_only})",
        policy.rules.len(),
        policy.examples.len()
    )
}
