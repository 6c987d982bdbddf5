//! Policies, MAINTAINERS, the tree, keys.

use std::{fs, path::Path};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tidewaiter_engine::config::daemon::SecretAt;
use tidewaiter_policy::{CHECKED_FOR, Policy, Reserved, maintainers::Maintainers};
use tidewaiter_reply::Mode;
use tidewaiter_report::{Checked, counted};

use super::{
    Report, fail, ok, sends,
    servers::{not_looked_at, only_the_service},
    warn,
};
use crate::{
    cli::Global,
    edges,
    failure::Failure,
    keyring,
    load::{self, Loaded},
    operate::find,
};

/// The fewest bytes of a key.
const KEY: u64 = 32;

pub(super) fn check(
    loaded: &Loaded,
    global: &Global,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    // Where there is a store it knows of pulls; that there is none is said elsewhere.
    let store = find::look(loaded).ok();
    let mut seen: Vec<&str> = Vec::new();
    for list in &loaded.config.lists {
        if seen.contains(&list.policy.as_str()) {
            continue;
        }
        seen.push(&list.policy);
        let of_policy = loaded.config.lists.iter().filter(|other| other.policy == list.policy);
        let speaks = of_policy.clone().any(|list| list.reply.mode != Mode::Observe);
        let pulls = store.iter().flat_map(|store| {
            let pulls = of_policy.clone().map(|list| store.policy_changed(&list.reply.project));
            pulls.filter_map(Result::ok).flatten()
        });
        match load::policy(loaded, &list.policy, &[], global) {
            Ok(policy) => report.add(&of(&policy, today, pulls.max(), speaks))?,
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
        Some(at) if only_the_service(at) => report.add(&not_looked_at("key", "It"))?,
        Some(at) => report.add(&match edges::secret_file(loaded, at) {
            Ok(path) => key(&path, at, sends(loaded)),
            Err(failure) => fail("key", format!("{failure}."), "Mend `[files] key-credential`."),
        })?,
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
fn of(policy: &Policy, today: Date, changed: Option<Date>, speaks: bool) -> Checked {
    let part = "policy";
    let id = &policy.id;
    let consequence = if speaks {
        "Until then its lists are only observed."
    } else {
        "Its lists are only observed anyway."
    };
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let checked = day(policy.checked);
    let text = match policy.reserved(today, changed) {
        None => {
            let text = format!("`{id}` is in force, and was held against its text on {checked}.");
            return ok(part, text);
        }
        Some(Reserved::NotInForce) => {
            return warn(part, format!("`{id}` is not in force."), consequence);
        }
        Some(Reserved::Changed) => {
            format!("A pull of {} changed the documents of `{id}`.", day(changed))
        }
        Some(Reserved::NotChecked) if policy.checked.is_none() => {
            format!("`{id}` was never held against its text.")
        }
        Some(Reserved::NotChecked) => format!(
            "`{id}` was last held against its text on {checked}, over {CHECKED_FOR} days ago."
        ),
        Some(Reserved::ReviewDue) => {
            format!("`{id}` was to be reviewed by {}.", day(policy.review_by))
        }
    };
    let again = "Hold the file against the policy's text, note the day in `checked`, and set \
                 `review-by` anew.";
    warn(part, text, &format!("{again} {consequence}"))
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

fn key(path: &Path, at: &SecretAt, sends: bool) -> Checked {
    let name = path.display();
    let wrong = |text: String| {
        fail("key", text, "Another key gives replies other Message-IDs: put the old one back.")
    };
    match fs::metadata(path) {
        Err(error) => wrong(format!("`{name}` cannot be read: {error}.")),
        Ok(meta) if meta.len() < KEY => wrong(format!("`{name}` has less than {KEY} bytes.")),
        Ok(meta) => match open_to_others(&meta).filter(|_| matches!(at, SecretAt::File(_))) {
            Some(mode) => {
                let text = format!("Others may read `{name}` (mode {mode:o}).");
                let advice = format!("Run `chmod 600 {name}`.");
                if sends { fail("key", text, &advice) } else { warn("key", text, &advice) }
            }
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
