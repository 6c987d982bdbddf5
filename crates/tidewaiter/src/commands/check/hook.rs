//! `tidewaiter check --hook`: git's sendemail-validate.
//!
//! `git send-email` calls the hook once a file, before it sends any: with the file, since git 2.41
//! with a second file that holds the header fields it will send, and since git 2.40 with
//! `GIT_SENDEMAIL_FILE_COUNTER` (from 1) and `GIT_SENDEMAIL_FILE_TOTAL` in the environment. A
//! series is judged as a whole, so the files' names are kept until the last one comes.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, anyhow};
use tidewaiter_mail::Message;

use super::{git, judge_and_show};
use crate::{
    archives::safe,
    cli::{CheckArgs, Global},
    failure::Failure,
    load, output,
};

/// The most files of one series.
const MOST: usize = 10_000;
/// What an interrupted run left behind is swept away after this.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn run(args: &CheckArgs, global: &Global) -> Result<(), Failure> {
    match called(args, global) {
        Err(failure) if !args.strict => {
            if !matches!(failure, Failure::Findings) {
                let why = safe(&failure.to_string());
                output::complain(&format!("warning: the series was not checked: {why}"));
            }
            Ok(())
        }
        result => result,
    }
}

fn called(args: &CheckArgs, global: &Global) -> Result<(), Failure> {
    let (file, headers) = match args.files.as_slice() {
        [file] => (file, None),
        [file, headers] => (file, Some(headers)),
        _ => return Err(Failure::usage(anyhow!("--hook takes the files that git passes"))),
    };
    let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
    let files = match (number("GIT_SENDEMAIL_FILE_COUNTER"), number("GIT_SENDEMAIL_FILE_TOTAL")) {
        (Some(counter), Some(total)) if (1..=total).contains(&counter) && total > 1 => {
            match gather(&file, counter, total)? {
                Some(files) => files,
                None => return Ok(()),
            }
        }
        _ => vec![file],
    };
    // The header fields are those of the last file; all of a series go to the same lists.
    let headers = headers.and_then(|path| load::text_file(path).ok());
    let more: Vec<Message> = headers.iter().map(|text| Message::parse(text.as_bytes())).collect();
    judge_and_show(args, &files, &more, global)
}

fn number(name: &str) -> Option<usize> {
    env::var(name).ok()?.parse().ok().filter(|number| (1..=MOST).contains(number))
}

/// Keeps a file's name; at the last one gives all of them, in their order.
fn gather(file: &Path, counter: usize, total: usize) -> Result<Option<Vec<PathBuf>>, Failure> {
    let alone = || (counter == total).then(|| vec![file.to_owned()]);
    let Some(all) = git::own_path("tidewaiter-hook") else { return Ok(alone()) };
    let folder = all.join(format!("{total}-{}", run_id()));
    if counter == 1 {
        sweep(&all);
        let _ = fs::remove_dir_all(&folder);
    }
    let failed = || format!("failed to keep a file's name in `{}`", folder.display());
    let name = file.to_str().ok_or_else(|| Failure::Io(anyhow!("{}: it is no UTF-8", failed())))?;
    fs::create_dir_all(&folder).with_context(failed).map_err(Failure::Io)?;
    fs::write(folder.join(counter.to_string()), name).with_context(failed).map_err(Failure::Io)?;
    if counter < total {
        return Ok(None);
    }
    let kept = (1..=total).map(|number| fs::read_to_string(folder.join(number.to_string())));
    let kept: Result<Vec<String>, _> = kept.collect();
    let _ = fs::remove_dir_all(&folder);
    let kept = kept.context("failed to find the names of all files").map_err(Failure::Io)?;
    Ok(Some(kept.into_iter().map(PathBuf::from).collect()))
}

/// What the calls of one `git send-email` have in common, and those of another at the same time
/// do not: the process group, where the system tells it. The parent is another one each time.
fn run_id() -> String {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // proc(5): the name, in brackets, may hold blanks; behind it state, parent, group.
    let group = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(2));
    let group = group.filter(|group| group.bytes().all(|b| b.is_ascii_digit()));
    group.unwrap_or("run").to_owned()
}

fn sweep(all: &Path) {
    let old = |path: &Path| {
        let changed = fs::metadata(path).and_then(|meta| meta.modified()).ok()?;
        SystemTime::now().duration_since(changed).ok().filter(|age| *age > STALE)
    };
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        if old(&entry.path()).is_some() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
