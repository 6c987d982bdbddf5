//! Policies, MAINTAINERS, the tree, keys.

use std::{fs, path::Path};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tidewaiter_policy::{Policy, Status, maintainers::Maintainers};
use tidewaiter_reply::Mode;
use tidewaiter_report::{Checked, counted};

use super::{Report, fail, ok, sends, warn};
use crate::{
    cli::Global,
    failure::Failure,
    keyring,
    load::{self, Loaded},
};

/// How long a policy counts as checked, in days.
const CHECKED_FOR: i32 = 31;
/// The fewest bytes of a key.
const KEY: u64 = 32;

pub(super) fn check(
    loaded: &Loaded,
    global: &Global,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let mut seen: Vec<&str> = Vec::new();
    for list in &loaded.config.lists {
        if seen.contains(&list.policy.as_str()) {
            continue;
        }
        seen.push(&list.policy);
        let of_policy = loaded.config.lists.iter().filter(|other| other.policy == list.policy);
        let speaks = of_policy.clone().any(|list| list.reply.mode != Mode::Observe);
        match load::policy(loaded, &list.policy, &[], global) {
            Ok(policy) => report.add(&of(&policy, today, speaks))?,
            Err(failure) => report.add(&fail(
                "policy",
                format!("{failure}."),
                "`tidewaiter policy check` names each mistake with line and column.",
            ))?,
        }
    }
    let files = &loaded.config.files;
    if let Some(name) = &files.maintainers {
        report.add(&maintainers(&loaded.beside(name)))?;
    } else if loaded.config.lists.iter().any(|list| list.reply.mode == Mode::Maintainers) {
        report.add(&warn(
            "maintainers",
            "A list's mode is `maintainers`, and no MAINTAINERS is named.".to_owned(),
            "Name it in `[files] maintainers`; without it such replies are held.",
        ))?;
    }
    if let Some(name) = &files.tree {
        report.add(&tree(&loaded.beside(name), global))?;
    }
    if let Some(name) = &loaded.config.trust.keyring {
        report.add(&match keyring::read(&loaded.beside(name), global) {
            Ok(_) => ok("keyring", format!("`{name}` can be read.")),
            Err(failure) => fail("keyring", format!("{failure}."), "Mend `[trust] keyring`."),
        })?;
    }
    match &files.key {
        Some(name) => report.add(&key(&loaded.beside(name)))?,
        None if sends(loaded) => report.add(&fail(
            "key",
            "A list's mode sends, and there is no key for the replies' Message-IDs.".to_owned(),
            "Make one with `(umask 077; head -c 32 /dev/urandom > key)` and name it in `[files] key`.",
        ))?,
        None => {}
    }
    Ok(())
}

/// Whether a policy may be spoken by, and for how long.
fn of(policy: &Policy, today: Date, speaks: bool) -> Checked {
    let part = "policy";
    let id = &policy.id;
    let consequence = if speaks {
        "Until then its lists are only observed."
    } else {
        "Its lists are only observed anyway."
    };
    if policy.status != Status::InForce {
        return warn(part, format!("`{id}` is not in force."), consequence);
    }
    let again = format!(
        "Hold the file against the policy's text and note the day in `checked`. {consequence}"
    );
    let Some(day) = policy.checked else {
        return warn(part, format!("`{id}` was never held against its text."), &again);
    };
    let until = day.checked_add(CHECKED_FOR.days()).unwrap_or(day);
    if today > until {
        let text =
            format!("`{id}` was last held against its text on {day}, over {CHECKED_FOR} days ago.");
        return warn(part, text, &again);
    }
    if let Some(due) = policy.review_by.filter(|due| today > *due) {
        return warn(part, format!("`{id}` was to be reviewed by {due}."), &again);
    }
    ok(part, format!("`{id}` is in force, and was held against its text on {day}."))
}

fn maintainers(path: &Path) -> Checked {
    let part = "maintainers";
    let name = path.display();
    match load::text_file(path) {
        Err(failure) => fail(part, format!("{failure}."), "Mend `[files] maintainers`."),
        Ok(text) => match Maintainers::parse(&text).0.sections().len() {
            0 => fail(part, format!("`{name}` has no section."), "Is it a MAINTAINERS file?"),
            count => {
                let count = counted(count as u64, "section", "sections");
                ok(part, format!("`{name}` has {count}."))
            }
        },
    }
}

fn tree(path: &Path, global: &Global) -> Checked {
    match load::tree_files(path, global) {
        Err(failure) => fail("tree", format!("{failure}."), "Mend `[files] tree`."),
        Ok(list) => {
            let count = counted(list.lines().count() as u64, "file", "files");
            ok("tree", format!("`{}` has {count}.", path.display()))
        }
    }
}

fn key(path: &Path) -> Checked {
    let name = path.display();
    let wrong = |text: String| {
        fail("key", text, "Another key gives replies other Message-IDs: put the old one back.")
    };
    match fs::metadata(path) {
        Err(error) => wrong(format!("`{name}` cannot be read: {error}.")),
        Ok(meta) if meta.len() < KEY => wrong(format!("`{name}` has less than {KEY} bytes.")),
        Ok(meta) => match open_to_others(&meta) {
            Some(mode) => warn(
                "key",
                format!("Others may read `{name}` (mode {mode:o})."),
                &format!("Run `chmod 600 {name}`."),
            ),
            None => ok("key", format!("`{name}` is there.")),
        },
    }
}

fn open_to_others(meta: &fs::Metadata) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = meta.permissions().mode() & 0o777;
        (mode & 0o077 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    None
}
