//! Options of `check`.

use std::path::PathBuf;

use clap::Args;

/// Options of `check`.
#[derive(Args, Debug)]
pub(crate) struct CheckArgs {
    /// The series: files as `git format-patch` writes them, an mbox, or a folder; `-` or nothing
    /// is standard input. With --hook the two files that git passes
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Check these commits instead, named as for `git format-patch`, such as origin/master..
    #[arg(long, value_name = "RANGE", conflicts_with_all = ["files", "hook"])]
    pub(crate) git: Option<String>,
    /// Judge under this policy; without it the checkout, the addresses or the configuration tell
    #[arg(long, value_name = "ID", help_heading = "Judging")]
    pub(crate) policy: Option<String>,
    /// MAINTAINERS file of the tree; without it the checkout's
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    pub(crate) maintainers: Option<PathBuf>,
    /// The tree, as a folder or a file with a path a line; without it the checkout
    #[arg(long, value_name = "DIR|FILE-LIST", help_heading = "Judging")]
    pub(crate) tree: Option<PathBuf>,
    /// Print the trailer line that states AI use as the policy asks for it, and nothing else
    #[arg(long, conflicts_with = "hook", help_heading = "Trailer")]
    pub(crate) fix_tag: bool,
    /// What AI was used for, such as code,tests; without it what the series says
    #[arg(
        long,
        value_name = "USES",
        value_delimiter = ',',
        requires = "fix_tag",
        help_heading = "Trailer"
    )]
    pub(crate) uses: Vec<String>,
    /// Run as git's sendemail-validate hook, which is called once a file: speak at the last one
    #[arg(long, help_heading = "As a hook")]
    pub(crate) hook: bool,
    /// Exit as without --hook, so that git sends nothing where something is asked or declined
    #[arg(long, requires = "hook", help_heading = "As a hook")]
    pub(crate) strict: bool,
}
