//! `--html`: the page of a dry run, written into a folder.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tidewaiter_engine::{Context, Judged};
use tidewaiter_report::{HtmlAsked, HtmlError, HtmlReport, Summary};

use crate::{cli::DryRunArgs, failure::Failure};

/// Writes `index.html`, and `series-2.html` and so on where there are many series. The folder
/// is empty; a file that somebody put there meanwhile is not written over.
pub(super) fn write(
    folder: &Path,
    args: &DryRunArgs,
    summary: &Summary,
    context: &Context,
    all: &[Judged],
) -> Result<(), Failure> {
    let internal = |error: HtmlError| Failure::Internal(error.into());
    let read: Vec<String> = args.archive.paths.iter().map(|path| name_of(path)).collect();
    let asked = HtmlAsked {
        read: &read,
        options: &options(args),
        program: concat!("tidewaiter ", env!("CARGO_PKG_VERSION")),
        names: args.names,
    };
    let report = HtmlReport::new(summary, context, all, asked).map_err(internal)?;
    for page in report.pages() {
        let page = page.map_err(internal)?;
        let path = folder.join(&page.name);
        File::create_new(&path)
            .and_then(|mut file| file.write_all(page.text.as_bytes()))
            .with_context(|| format!("failed to write `{}`", path.display()))
            .map_err(Failure::Io)?;
    }
    Ok(())
}

/// The file's name alone: its folder is nobody's business.
fn name_of(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "standard input".to_owned();
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}

/// The options that decide what comes out, files by name.
fn options(args: &DryRunArgs) -> Vec<String> {
    let judge = &args.judge;
    let mut options: Vec<String> = Vec::new();
    let mut text = |name: &str, value: Option<String>| {
        options.extend(value.map(|value| format!("--{name} {value}")));
    };
    let file = |path: &Option<PathBuf>| path.as_deref().map(name_of);
    text("policy", judge.policy.clone());
    text("against", judge.against.clone());
    for (key, value) in &judge.set {
        text("set", Some(format!("{key}={value}")));
    }
    text("mode", judge.mode.clone());
    text("maintainers", file(&judge.maintainers));
    text("tree", file(&judge.tree));
    text("list", args.list.clone());
    text("since", args.since.map(|date| date.to_string()));
    text("until", args.until.map(|date| date.to_string()));
    text("limit", args.limit.map(|limit| limit.to_string()));
    let flags = [
        ("--as-configured", judge.as_configured),
        ("--mboxrd", args.archive.mboxrd),
        ("--names", args.names),
    ];
    options.extend(flags.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag.to_owned()));
    options
}
