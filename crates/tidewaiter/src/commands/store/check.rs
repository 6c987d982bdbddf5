//! Whether the store is whole, and whether it is the one that was here last.

use std::path::Path;

use tidewaiter_report::{Checked, counted};
use tidewaiter_store::{Beside, Past, SCHEMA};

use crate::{
    cli::Global,
    commands::doctor::{Report, fail, ok, warn},
    edges,
    failure::Failure,
    load::Loaded,
    operate::find,
};

/// How many faults or mails are named.
const NAMED: usize = 5;

pub(super) fn run(loaded: &Loaded, global: &Global) -> Result<(), Failure> {
    let store = find::look(loaded)?;
    let mut report = Report::new(global);
    for checked in checks(loaded, &store) {
        report.add(&checked)?;
    }
    if let Some(checked) = damaged(&store) {
        report.add(&checked)?;
    }
    report.end()
}

/// Everything that can be said of the store from looking at it.
pub(crate) fn checks(loaded: &Loaded, store: &Beside) -> Vec<Checked> {
    let path = edges::store_path(loaded);
    let mut all = integrity(&path, store);
    all.push(past(store));
    all.extend(quarantined(store));
    all.extend(passed_over(store));
    all.extend(given_up(store));
    all.extend(mode(&path));
    all
}

fn integrity(path: &Path, store: &Beside) -> Vec<Checked> {
    let damaged = |text: String| fail("store", text, &put_back(path));
    let name = path.display();
    match store.integrity() {
        Err(error) => vec![damaged(format!("`{name}` cannot be checked: {error}."))],
        Ok(faults) if !faults.is_empty() => {
            let more = faults.len().saturating_sub(NAMED);
            let first = faults.iter().take(NAMED);
            let mut all: Vec<Checked> = first
                .map(|fault| {
                    damaged(format!("`{name}` is damaged: {}.", fault.trim_end_matches('.')))
                })
                .collect();
            if more > 0 {
                all.push(damaged(format!("`{name}` has {more} more faults.")));
            }
            all
        }
        Ok(_) => {
            let sum = |all: Vec<(_, u64)>| all.into_iter().map(|(_, count)| count).sum::<u64>();
            let replies = store.reply_counts().map(sum);
            let counts = store.mail_count().and_then(|mails| Ok((mails, replies?)));
            vec![match counts {
                Ok((mails, replies)) => ok(
                    "store",
                    format!(
                        "`{name}` is whole: schema {SCHEMA}, {}, {}.",
                        counted(mails, "mail", "mails"),
                        counted(replies, "reply", "replies")
                    ),
                ),
                Err(error) => damaged(format!("`{name}` cannot be read: {error}.")),
            }]
        }
    }
}

/// How a backup is put in its place: SQLite would take what the old log holds into the new file.
fn put_back(path: &Path) -> String {
    let name = path.display();
    format!(
        "Stop the daemon, move `{name}`, `{name}-wal` and `{name}-shm` away, all three, and put a \
         backup in the place of the first."
    )
}

/// Mails whose bytes can no longer be unpacked; all are tried.
fn damaged(store: &Beside) -> Option<Checked> {
    let mails = match store.damaged_mails() {
        Ok(mails) if mails.is_empty() => return None,
        Ok(mails) => mails,
        Err(error) => return Some(fail("mails", format!("{error}."), "Look at the disk.")),
    };
    let named: Vec<String> = mails.iter().take(NAMED).map(i64::to_string).collect();
    let more = if mails.len() > NAMED { ", ..." } else { "" };
    let count = counted(mails.len() as u64, "stored mail is", "stored mails are");
    Some(fail(
        "mails",
        format!("{count} damaged: {}{more}.", named.join(", ")),
        "The daemon puts them aside when it starts. Look at the disk.",
    ))
}

fn past(store: &Beside) -> Checked {
    let observes = "The daemon reads the own mails of the last weeks from the list first, and only \
                    observes until then.";
    match store.past() {
        Ok(Past::Known) => ok("past", "It is the store that was here last.".to_owned()),
        Ok(Past::Empty) => warn("past", "It is new (empty).".to_owned(), observes),
        Ok(Past::RolledBack) => warn(
            "past",
            "It is older than the store that was here last (rolled-back).".to_owned(),
            observes,
        ),
        Ok(Past::Unwitnessed) => warn(
            "past",
            "Nothing says whether it is the store that was here last (unwitnessed).".to_owned(),
            observes,
        ),
        Err(error) => fail("past", format!("{error}."), "See what `store check` says."),
    }
}

fn quarantined(store: &Beside) -> Option<Checked> {
    let mails = match store.quarantined() {
        Ok(mails) if mails.is_empty() => return None,
        Ok(mails) => mails,
        Err(error) => {
            return Some(fail("mails", format!("{error}."), "See what `store check` says."));
        }
    };
    let named: Vec<String> = mails
        .iter()
        .take(NAMED)
        .map(|mail| match &mail.message_id {
            Some(id) => id.clone(),
            None => format!("one of {}", find::minute(mail.time)),
        })
        .collect();
    let more = if mails.len() > NAMED { ", ..." } else { "" };
    let count = counted(mails.len() as u64, "mail was", "mails were");
    Some(warn(
        "mails",
        format!(
            "{count} put aside, having taken the program down or being damaged: {}{more}.",
            named.join(", ")
        ),
        "Where no disk failed, report it as a fault of the program; nothing else has to be done.",
    ))
}

fn given_up(store: &Beside) -> Option<Checked> {
    let names = match store.given_up() {
        Ok(names) if names.is_empty() => return None,
        Ok(names) => names,
        Err(error) => {
            return Some(fail("series", format!("{error}."), "See what `store check` says."));
        }
    };
    let named: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = if names.len() > NAMED { ", ..." } else { "" };
    Some(warn(
        "series",
        format!("What took the program down twice is not judged: {}{more}.", named.join(", ")),
        "Report it as a fault of the program; nothing else has to be done.",
    ))
}

/// Mails that were too large, or gone before they were read.
fn passed_over(store: &Beside) -> Option<Checked> {
    let passed = match store.passed_over(NAMED as u32) {
        Ok(passed) if passed.is_empty() => return None,
        Ok(passed) => passed,
        Err(error) => {
            return Some(fail("passed over", format!("{error}."), "See what `store check` says."));
        }
    };
    let named: Vec<String> = passed
        .iter()
        .map(|(place, why)| format!("mail {} of `{}`: {why}", place.uid, place.mailbox))
        .collect();
    Some(ok("passed over", format!("{}.", named.join("; "))))
}

/// It holds other people's mail.
fn mode(path: &Path) -> Option<Checked> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let name = path.display();
            return Some(warn(
                "store",
                format!("Others may read `{name}` (mode {mode:o})."),
                &format!("Run `chmod 600 {name}`."),
            ));
        }
    }
    None
}
