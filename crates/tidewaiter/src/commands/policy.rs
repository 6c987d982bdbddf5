//! `tidewaiter policy list|show|check|test`.

mod check;

use std::fmt::Write;

use tidewaiter_policy::Policy;
use tidewaiter_report::wrap;

use crate::{
    cli::{Global, PolicyCommand},
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(command: &PolicyCommand, global: &Global) -> Result<(), Failure> {
    let loaded = load::configuration(global)?;
    match command {
        PolicyCommand::Check { policies, tree } => {
            return check::check(&loaded, policies, tree.as_deref(), global);
        }
        PolicyCommand::Test { policies } => return check::test(&loaded, policies, global),
        PolicyCommand::List | PolicyCommand::Show { .. } => global.text_only()?,
    }
    let mut output = Output::new();
    match command {
        PolicyCommand::List => {
            let mut text = String::new();
            for id in load::policy_ids(&loaded)? {
                let policy = load::policy(&loaded, &id, &[], global)?;
                let lists = loaded.config.lists.iter().filter(|list| list.policy == id);
                let lists: Vec<&str> = lists.map(|list| list.id.as_str()).collect();
                listed(&mut text, &policy, &lists);
            }
            output.text(&text)?;
        }
        PolicyCommand::Show { id } => {
            let policy = load::policy(&loaded, id, &[], global)?;
            output.text(&shown(&policy))?;
        }
        PolicyCommand::Check { .. } | PolicyCommand::Test { .. } => {}
    }
    output.flush()
}

fn listed(text: &mut String, policy: &Policy, lists: &[&str]) {
    let status = word(&policy.status).replace('-', " ");
    let lists = if lists.is_empty() { String::new() } else { format!(", {}", lists.join(", ")) };
    let _ = writeln!(text, "{:<24}{status}, {}{lists}", policy.id, policy.dated());
    wrap(text, "    ", "    ", &policy.title);
}

fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn shown(policy: &Policy) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", policy.id);
    wrap(&mut text, "  ", "  ", &policy.title);
    let status = word(&policy.status).replace('-', " ");
    let _ = writeln!(text, "  status   {status}, stance {}", word(&policy.stance));
    if let Some(date) = policy.date {
        let _ = writeln!(text, "  text of  {date}");
    }
    if let Some(url) = &policy.url {
        let _ = writeln!(text, "  from     {url}");
    }
    if let Some(blob) = &policy.source_blob {
        let _ = writeln!(text, "  source   blob {blob}");
    }
    if let Some(checked) = policy.checked {
        let _ = writeln!(text, "  checked  {checked}");
    }
    for note in &policy.notes {
        wrap(&mut text, "  note     ", "           ", note);
    }
    let _ = writeln!(text, "\nIts words");
    for sentence in &policy.sentences {
        match (&sentence.text, &sentence.reported_by) {
            (Some(words), _) => {
                let _ = writeln!(text, "  {}", sentence.id);
                wrap(&mut text, "    ", "    ", &format!("\"{words}\""));
            }
            (None, reported) => {
                let summary = sentence.summary.as_deref().unwrap_or("(no summary)");
                let by = reported.as_deref().unwrap_or("(no source)");
                let _ = writeln!(text, "  {} (known from reports only)", sentence.id);
                wrap(&mut text, "    ", "    ", summary);
                let _ = writeln!(text, "    {by}");
            }
        }
    }
    values(&mut text, policy);
    let _ = writeln!(text, "\nRules");
    for (id, rule) in &policy.rules {
        let _ = writeln!(text, "  {id} (at most {})", word(&rule.severity));
        wrap(&mut text, "    ", "    ", &rule.advice);
    }
    text
}

/// What the rules go by, under the keys that `--set` takes.
fn values(text: &mut String, policy: &Policy) {
    let words = |items: &[String]| items.join(", ");
    let own = policy.own_tags.iter().map(|tag| format!("{}: {}", tag.key, tag.grammar.form()));
    let own: Vec<String> = own.collect();
    let other = policy.other_tags.iter();
    let other: Vec<String> =
        other.map(|tag| format!("{} ({})", tag.key, word(&tag.here).replace('-', " "))).collect();
    let agents: Vec<String> = policy.agents_may_not.iter().map(word).collect();
    let sign_off =
        [(policy.sign_off.required, "required"), (policy.sign_off.by_author, "by the author")];
    let sign_off: Vec<String> =
        sign_off.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned()).collect();
    let files: Vec<String> = policy.allowed_files.iter().map(word).collect();
    let patches =
        [(policy.allows_mechanical, "mechanical"), (policy.allows_small_fix, "small-fix")];
    let patches: Vec<String> =
        patches.iter().filter(|(on, _)| *on).map(|(_, name)| (*name).to_owned()).collect();
    let number = |limit: Option<u32>| limit.map(|n| n.to_string()).unwrap_or_default();
    let rows = [
        ("tags.own", words(&own)),
        ("tags.other", words(&other)),
        ("tags.exempt-uses", words(&policy.exempt_uses)),
        ("allowed.files", words(&files)),
        ("allowed.patches", words(&patches)),
        ("limits.small-fix", number(policy.limits.small_fix)),
        ("limits.small-fix-series", number(policy.limits.small_fix_series)),
        ("core.fan-in", number(policy.core_fan_in)),
        ("agreement.how", policy.agreement.clone().unwrap_or_default()),
        ("agreement.trailers", words(&policy.agreement_trailers)),
        ("sign-off", words(&sign_off)),
        ("agents.may-not", words(&agents)),
        ("risk.medium", policy.risk_medium.to_string()),
        ("risk.high", policy.risk_high.to_string()),
    ];
    let _ = writeln!(text, "\nValues (`--set KEY=VALUE` tries another number)");
    for (key, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        wrap(text, &format!("  {key:<25}"), &" ".repeat(27), value);
    }
}
