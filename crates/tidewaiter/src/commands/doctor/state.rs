//! The store, the stop switch, what waits, and lists that have fallen silent.

use std::{path::Path, process::Command};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_report::{Checked, counted};
use tidewaiter_store::{Beside, Error, ReplyState};

use super::{Report, fail, ok, warn};
use crate::{commands::store::checks, edges, failure::Failure, load::Loaded, operate::find};

/// After so many seconds a command should have been carried out.
const SLOW: i64 = 60;
/// Less free space than this, in KiB, is little.
const LITTLE: u64 = 512 * 1024;

/// The store, where there is one that can be read.
pub(super) fn check(loaded: &Loaded, report: &mut Report<'_>) -> Result<Option<Beside>, Failure> {
    let path = edges::store_path(loaded);
    let store = match find::look(loaded) {
        Ok(store) => store,
        Err(_) if matches!(path.try_exists(), Ok(false)) => {
            report.add(&warn(
                "store",
                format!("There is no store `{}` yet.", path.display()),
                "`tidewaiter run` makes it when it first starts.",
            ))?;
            stop_file(loaded, report)?;
            return Ok(None);
        }
        Err(failure) => {
            let advice = "Is it the right file? If it is damaged, put a backup in its place.";
            report.add(&fail("store", format!("{failure}."), advice))?;
            stop_file(loaded, report)?;
            return Ok(None);
        }
    };
    for checked in checks(loaded, &store) {
        report.add(&checked)?;
    }
    report.add(&disk(&path).unwrap_or_else(|| ok("disk", "Not looked at.".to_owned())))?;
    for look in [daemon, switch, replies, commands] {
        for checked in look(&store).unwrap_or_else(|error| vec![unreadable(&error)]) {
            report.add(&checked)?;
        }
    }
    stop_file(loaded, report)?;
    for checked in silent(loaded, &store).unwrap_or_else(|error| vec![unreadable(&error)]) {
        report.add(&checked)?;
    }
    Ok(Some(store))
}

fn unreadable(error: &Error) -> Checked {
    fail("store", format!("{error}."), "See what `tidewaiter store check` says.")
}

fn daemon(store: &Beside) -> Result<Vec<Checked>, Error> {
    let text = if store.in_use()? { "One runs on the store." } else { "None runs on the store." };
    Ok(vec![ok("daemon", text.to_owned())])
}

fn switch(store: &Beside) -> Result<Vec<Checked>, Error> {
    Ok(vec![match store.stopped()? {
        None => ok("stop switch", "It is off.".to_owned()),
        Some(switch) => {
            let since = find::minute(switch.since);
            let why = switch.why.trim_end_matches('.');
            let text = format!("It has been on since {since}, and nothing is sent: {why}.");
            warn("stop switch", text, "`tidewaiter resume` turns it off.")
        }
    }])
}

fn stop_file(loaded: &Loaded, report: &mut Report<'_>) -> Result<(), Failure> {
    let file = edges::stop_file(loaded);
    if matches!(file.try_exists(), Ok(false)) {
        return Ok(());
    }
    let text = format!("The file `{}` is there, and nothing is sent.", file.display());
    report.add(&warn("stop file", text, "Remove it to let sending go on."))
}

fn replies(store: &Beside) -> Result<Vec<Checked>, Error> {
    let counts = store.reply_counts()?;
    let of = |state| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, count)| *count);
    let mut all = Vec::new();
    let doubt = of(ReplyState::Doubt);
    if doubt > 0 {
        let text = format!(
            "{} in doubt: nobody knows whether it went out.",
            counted(doubt, "reply is", "replies are")
        );
        all.push(warn(
            "outbox",
            text,
            "Look into the list's archive, then `tidewaiter outbox resolve`.",
        ));
    }
    let text =
        format!("{} held, {} waiting to be sent.", of(ReplyState::Held), of(ReplyState::Ready));
    all.push(ok("outbox", text));
    Ok(all)
}

fn commands(store: &Beside) -> Result<Vec<Checked>, Error> {
    let long = Timestamp::now() - SignedDuration::from_secs(SLOW);
    let waiting = store.commands()?.into_iter().filter(|command| command.time < long).count();
    if waiting == 0 {
        return Ok(Vec::new());
    }
    let text =
        format!("{} to be carried out.", counted(waiting as u64, "command waits", "commands wait"));
    Ok(vec![warn("commands", text, "The daemon does so when it runs.")])
}

/// Lists of which nothing has come for longer than the configuration says.
fn silent(loaded: &Loaded, store: &Beside) -> Result<Vec<Checked>, Error> {
    let now = Timestamp::now();
    let advice = "Does the daemon run? Is the account still subscribed?";
    let mut all = Vec::new();
    for list in &loaded.config.lists {
        let id = &list.id;
        all.push(match store.heard(id.as_str())? {
            None if store.mail_count()? == 0 => continue,
            None => warn("list", format!("Nothing has come from {id} yet."), advice),
            Some(last) => {
                let since = find::minute(last);
                if now.duration_since(last) > list.quiet_alarm {
                    let text = format!("Nothing has come from {id} since {since}.");
                    warn("list", text, advice)
                } else {
                    ok("list", format!("{id} was last heard at {since}."))
                }
            }
        });
    }
    Ok(all)
}

/// How much room is left, by `df`; `None` where that cannot be told.
fn disk(path: &Path) -> Option<Checked> {
    let output = Command::new("df").env("LC_ALL", "C").arg("-Pk").arg(path).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let free: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    let mebibytes = free / 1024;
    let text = format!("{mebibytes} MiB are free where the store is.");
    Some(if free < LITTLE {
        warn("disk", text, "Make room: with a full disk nothing is read and nothing is sent.")
    } else {
        ok("disk", text)
    })
}
