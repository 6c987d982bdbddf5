//! Which policy a series is checked under, and why that one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::anyhow;
use tidewaiter_mail::{Address, Message, parse_mailboxes};
use tidewaiter_policy::{Checkout, Policy, Recognised, Status};

use super::git;
use crate::{
    cli::{CheckArgs, Global},
    failure::Failure,
    load::{self, Loaded},
};

/// The most names of a folder that are looked at.
const NAMES: usize = 10_000;

/// The policy that a series is checked under.
pub(super) struct Picked {
    /// Its id.
    pub(super) id: String,
    /// Why this one, in words that go after a comma: `because ...`.
    pub(super) because: String,
    /// The top of its project's checkout, where there is one.
    pub(super) top: Option<PathBuf>,
    /// The patches are known to be for its tree.
    pub(super) this_tree: bool,
    /// Proposals of the same project.
    pub(super) proposals: Vec<String>,
}

/// Tells the policy by what was asked for, else by the checkout, else by where the series goes,
/// else by the configuration.
pub(super) fn pick<'a>(
    args: &CheckArgs,
    loaded: &Loaded,
    mails: impl Iterator<Item = &'a Message>,
    files: &[PathBuf],
    global: &Global,
) -> Result<Picked, Failure> {
    let policies = policies(loaded)?;
    let checkout = checkout(files, &policies);
    let done = |id: &str, because: String, top: Option<PathBuf>, this_tree: bool| {
        let project = policies.iter().find(|p| p.id == id).map(|p| p.project.clone());
        let same = policies.iter().filter(|p| Some(&p.project) == project.as_ref() && p.id != id);
        let proposals = same.filter(|p| p.status == Status::Proposed);
        Ok(Picked {
            id: id.to_owned(),
            because,
            top,
            this_tree,
            proposals: proposals.map(|p| p.id.clone()).collect(),
        })
    };
    if let Some(id) = &args.policy {
        // A wrong id is told here, with those that there are.
        let asked = load::policy(loaded, id, &[], global)?;
        let top = checkout.ok().flatten().filter(|found| found.policy.project == asked.project);
        return done(id, "as asked for".to_owned(), top.map(|found| found.top), true);
    }
    if let Some(found) = checkout? {
        return done(&found.policy.id, found.because, Some(found.top), true);
    }
    if let Some((id, because)) = by_addresses(loaded, &policies, mails)? {
        return done(&id, because, None, false);
    }
    if let (Some(path), [list]) = (&loaded.path, loaded.config.lists.as_slice()) {
        let because = format!("because `{}` has one list, {}", path.display(), list.reply.list);
        return done(&list.policy, because, None, false);
    }
    Err(unsure("this is no checkout that a policy knows, and no known list is addressed"))
}

fn unsure(why: &str) -> Failure {
    Failure::usage(anyhow!(
        "failed to tell which policy holds here: {why}; --policy ID says which \
         (`tidewaiter policy list` shows them)"
    ))
}

/// Every policy that can be read. A mistake in one that is not meant is no reason to fail.
fn policies(loaded: &Loaded) -> Result<Vec<Policy>, Failure> {
    let read = |id: String| {
        let (_, text) = load::policy_text(loaded, &id).ok()?;
        Policy::parse(&text).ok().map(|(policy, _)| policy)
    };
    Ok(load::policy_ids(loaded)?.into_iter().filter_map(read).collect())
}

/// A checkout that a policy knows.
struct Found<'a> {
    policy: &'a Policy,
    top: PathBuf,
    because: String,
}

/// The checkout in which the files lie, or that of the current folder.
fn checkout<'a>(files: &[PathBuf], policies: &'a [Policy]) -> Result<Option<Found<'a>>, Failure> {
    let of_files = files.iter().map(|file| match file.parent() {
        Some(parent) if !file.is_dir() => parent,
        _ => file.as_path(),
    });
    let mut found: Option<Found<'a>> = None;
    let mut tops: Vec<PathBuf> = Vec::new();
    for folder in of_files.chain([Path::new(".")]) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Some(top) = top_above(folder).filter(|top| !tops.contains(top)) else { continue };
        tops.push(top.clone());
        let known = at_top(&top);
        match known.recognise(policies) {
            Recognised::Nothing => {}
            Recognised::Several(several) => {
                let ids: Vec<&str> = several.iter().map(|p| p.id.as_str()).collect();
                return Err(unsure(&format!("the checkout fits {}", ids.join(" and "))));
            }
            Recognised::As(policy, own) => match &found {
                None => found = Some(Found { policy, because: because(&own, &known), top }),
                Some(other) if other.policy.id == policy.id => {}
                Some(other) => {
                    let (one, two) = (&other.policy.id, &policy.id);
                    let why = format!("the files lie in a checkout for {one}, this is for {two}");
                    return Err(unsure(&why));
                }
            },
        }
    }
    Ok(found)
}

fn because(own: &[&str], checkout: &Checkout) -> String {
    let mut names: Vec<String> = own.iter().take(3).map(|name| format!("{name}/")).collect();
    if checkout.maintainers {
        names.push("MAINTAINERS".to_owned());
    }
    let last = names.pop().unwrap_or_default();
    format!("because this checkout has {} and {last}", names.join(", "))
}

/// The nearest folder upwards that looks like the top of a source tree.
fn top_above(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let is_top = |path: &&Path| path.join(".git").exists() || path.join("MAINTAINERS").is_file();
    folder.ancestors().find(is_top).map(Path::to_path_buf)
}

fn at_top(top: &Path) -> Checkout {
    let entries = fs::read_dir(top).into_iter().flatten().flatten().take(NAMES);
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    folders.sort();
    Checkout { folders, maintainers: top.join("MAINTAINERS").is_file() }
}

/// The policy of the list that the mails, or git's configuration, are addressed to.
fn by_addresses<'a>(
    loaded: &Loaded,
    policies: &[Policy],
    mails: impl Iterator<Item = &'a Message>,
) -> Result<Option<(String, String)>, Failure> {
    let mut told: Vec<(String, String)> = Vec::new();
    let mut add = |id: &str, because: String| {
        if !told.iter().any(|(known, _)| known == id) {
            told.push((id.to_owned(), because));
        }
    };
    for mail in mails {
        for address in mail.recipients().filter_map(|mailbox| mailbox.address.as_ref()) {
            if let Some(id) = of_list(loaded, policies, address) {
                add(&id, format!("because the series is addressed to {address}"));
            }
        }
        for list in &mail.lists {
            let listed = |p: &&Policy| p.lists.iter().any(|l| l.id.as_ref() == Some(list));
            let in_force = policies.iter().filter(|policy| policy.status == Status::InForce);
            for policy in in_force.filter(listed) {
                add(&policy.id, format!("because the series came through {list}"));
            }
        }
    }
    if told.is_empty() {
        for key in ["sendemail.to", "format.to"] {
            for value in git::config(key) {
                let addresses = parse_mailboxes(value.as_bytes()).good;
                for address in addresses.iter().filter_map(|mailbox| mailbox.address.as_ref()) {
                    if let Some(id) = of_list(loaded, policies, address) {
                        told.push((id, format!("because git's {key} is {address}")));
                    }
                }
            }
        }
        told.dedup_by(|a, b| a.0 == b.0);
    }
    match told.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        several => {
            let ids: Vec<&str> = several.iter().map(|(id, _)| id.as_str()).collect();
            Err(unsure(&format!("the series goes to lists with {}", ids.join(" and "))))
        }
    }
}

/// The policy that holds on a list, by the configuration, else by the policies in force.
fn of_list(loaded: &Loaded, policies: &[Policy], address: &Address) -> Option<String> {
    let configured = loaded.config.lists.iter().find(|list| list.reply.list == *address);
    if let Some(list) = configured {
        return Some(list.policy.clone());
    }
    let in_force = policies.iter().filter(|policy| policy.status == Status::InForce);
    let mut holds = in_force.filter(|p| p.lists.iter().any(|list| list.address == *address));
    holds.next().map(|policy| policy.id.clone())
}
