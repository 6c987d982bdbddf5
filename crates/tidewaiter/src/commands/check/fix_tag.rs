//! `tidewaiter check --fix-tag`: the trailer line that states AI use as a policy asks for it.

use std::collections::BTreeSet;

use anyhow::anyhow;
use tidewaiter_mail::Message;
use tidewaiter_policy::{
    Declared, DeclaredForm, PatchAssessment, Policy, Stance,
    policy::{Grammar, OwnTag},
};

use super::{Assessed, assess, pick};
use crate::{
    archives::safe,
    cli::{CheckArgs, Global},
    failure::Failure,
    load,
    output::Output,
};

pub(super) fn run(args: &CheckArgs, global: &Global) -> Result<(), Failure> {
    global.text_only()?;
    let line = if args.uses.is_empty() || !args.files.is_empty() || args.git.is_some() {
        let assessed = assess(args, &args.files, &[], global)?;
        let policy = assessed.context.policy(&assessed.picked.id);
        let policy = policy.ok_or_else(|| refused("the policy is not there".to_owned()))?;
        let tag = tag(policy)?;
        let value = match args.uses.as_slice() {
            [] => seen(&assessed, policy, tag)?,
            uses => asked(tag, uses)?,
        };
        format!("{}: {value}", tag.key)
    } else {
        // What the uses are is said: no mail is needed.
        let loaded = load::configuration(global)?;
        let none: [Message; 0] = [];
        let picked = pick::pick(args, &loaded, none.iter(), &[], global)?;
        let policy = load::policy(&loaded, &picked.id, &[], global)?;
        let tag = tag(&policy)?;
        format!("{}: {}", tag.key, asked(tag, &args.uses)?)
    };
    let mut output = Output::new();
    output.text(&format!("{}\n", safe(&line).replace('\n', " ")))?;
    output.flush()
}

fn refused(why: String) -> Failure {
    Failure::usage(anyhow!("there is no line to add: {why}"))
}

/// The policy's own tag, where stating AI use with it is what the policy asks for.
fn tag(policy: &Policy) -> Result<&OwnTag, Failure> {
    if policy.stance == Stance::Decline {
        return Err(refused(format!(
            "{} declines such content, and no tag changes that; a tag that is there should stay",
            policy.id
        )));
    }
    policy.own_tags.first().ok_or_else(|| refused(format!("{} has no tag of its own", policy.id)))
}

/// The value for uses that a person names.
fn asked(tag: &OwnTag, uses: &[String]) -> Result<String, Failure> {
    if tag.values.is_empty() {
        return Err(refused(format!(
            "`{}:` does not say what AI was used for; its form is `{}`",
            tag.key,
            tag.grammar.form()
        )));
    }
    let mut values: Vec<&str> = Vec::new();
    for used in uses {
        let named = tag.values.iter().find(|value| value.eq_ignore_ascii_case(used.trim()));
        let Some(value) = named else {
            return Err(Failure::usage(anyhow!(
                "`{}` is none of the policy's uses; there are {}",
                used.trim(),
                tag.values.join(", ")
            )));
        };
        if !values.contains(&value.as_str()) {
            values.push(value);
        }
    }
    Ok(values.join(", "))
}

/// The value that follows from what the patches say, where it is the same for all of them.
fn seen(assessed: &Assessed, policy: &Policy, tag: &OwnTag) -> Result<String, Failure> {
    let first = assessed.checked.judged.first();
    let Some(assessment) = first.and_then(|judged| judged.assessment.as_ref()) else {
        return Err(refused(format!("{} does not judge this series", policy.id)));
    };
    let content = |declared: &Declared| !policy.exempts(&declared.uses);
    let stating: Vec<&PatchAssessment> =
        assessment.patches.iter().filter(|patch| patch.declared.iter().any(content)).collect();
    if stating.is_empty() {
        return Err(refused(format!("no patch states AI use{}", uses_hint(tag))));
    }
    let fits = |declared: &Declared| {
        declared.form == DeclaredForm::Tag && tag.mistake(&declared.value).is_none()
    };
    let (mut values, mut without) = (BTreeSet::new(), Vec::new());
    for patch in stating {
        if patch.declared.iter().any(fits) {
            continue;
        }
        without.push(patch.index.to_string());
        let value = value_of(tag, &patch.declared).ok_or_else(|| {
            let form = tag.grammar.form();
            let hint = uses_hint(tag);
            let hint = if hint.is_empty() { format!("; the form is `{form}`") } else { hint };
            refused(format!("patch {} does not say what `{}:` wants{hint}", patch.index, tag.key))
        })?;
        values.insert(value);
    }
    let mut values = values.into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(refused(format!(
            "patches {} need different lines; check them one at a time",
            without.join(", ")
        ))),
        (None, _) => Err(refused(format!("`{}:` is where AI use is stated", tag.key))),
    }
}

/// Which uses `--uses` takes, where it takes any.
fn uses_hint(tag: &OwnTag) -> String {
    match tag.values.as_slice() {
        [] => String::new(),
        values => format!("; --uses says it, of {}", values.join(", ")),
    }
}

/// The value that says the same as these declarations, in the form that the tag wants.
fn value_of(tag: &OwnTag, declared: &[Declared]) -> Option<String> {
    let tool = declared.iter().find_map(|declared| declared.tool.as_deref());
    let value = match tag.grammar {
        Grammar::Llm => "LLM".to_owned(),
        Grammar::UsesTool => format!("Uses {}", tool?),
        _ if !tag.values.is_empty() => {
            let used = |value: &&String| declared.iter().any(|d| d.uses.contains(value));
            let named: Vec<&str> = tag.values.iter().filter(used).map(String::as_str).collect();
            named.join(", ")
        }
        Grammar::FreeText | Grammar::Values => tool?.to_owned(),
        // Which model it was, another tag may say in the same form.
        Grammar::AgentModel => {
            declared.iter().map(|d| &d.value).find(|value| tag.mistake(value).is_none())?.clone()
        }
    };
    (!value.is_empty() && tag.mistake(&value).is_none()).then_some(value)
}
