//! git as an oracle: what `git am` would read from a mail, and what `git apply` counts in a patch.
//!
//! Every call runs one git process with a cleaned environment, outside of any repository. An
//! [`Oracle`] may be shared by threads.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, thread};

use tempfile::TempDir;

/// The oldest git whose answers are compared with ours.
const OLDEST: (u32, u32) = (2, 30);

/// A git to ask, and the scratch folder its processes run in.
#[derive(Debug)]
pub struct Oracle {
    git: PathBuf,
    scratch: TempDir,
    calls: AtomicU64,
}

/// What `git mailinfo --scissors` reads from a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailInfo {
    /// Author's name; empty where git prints none (a mail without `From`).
    pub author: String,
    /// Author's address; empty where git prints none.
    pub email: String,
    /// Subject without its leading `[...]` and `Re:`; empty where git prints none.
    pub subject: String,
    /// Date as written in the mail; empty where git prints none.
    pub date: String,
    /// Commit message after the subject, UTF-8, trailers included, without the `---` line.
    pub message: Vec<u8>,
    /// The rest of the body from the `---` line on (notes, diffstat, diff, signature).
    pub patch: Vec<u8>,
}

/// One file of a patch as `git apply --numstat` counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumStat {
    /// Lines added; `None` for a binary file.
    pub added: Option<u64>,
    /// Lines removed; `None` for a binary file.
    pub removed: Option<u64>,
    /// Path after the patch, before it for a deleted file; bytes that are not UTF-8 are replaced.
    pub path: String,
}

impl Oracle {
    /// Finds git and makes a scratch folder, in memory where the system has `/dev/shm`.
    ///
    /// # Errors
    /// A sentence why there is no oracle: no git, one before 2.30, or no scratch folder.
    pub fn new() -> Result<Self, String> {
        let git = find_git().ok_or("failed to find git in PATH")?;
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() };
        let parent = parent.canonicalize().unwrap_or(parent);
        let scratch = tempfile::Builder::new()
            .prefix("tidewaiter-oracle-")
            .tempdir_in(&parent)
            .or_else(|_| tempfile::tempdir())
            .map_err(|error| format!("failed to make a scratch folder: {error}"))?;
        let oracle = Self { git, scratch, calls: AtomicU64::new(0) };
        let version = oracle.run(&["version"], b"").ok_or("failed to run `git version`")?;
        let version = String::from_utf8_lossy(&version).trim().to_owned();
        match parse_version(&version) {
            Some(found) if found >= OLDEST => Ok(oracle),
            _ => Err(format!("failed to find git 2.30 or later: `{version}`")),
        }
    }

    /// Runs `git mailinfo --scissors --encoding=UTF-8`; `None` where git refuses the mail.
    ///
    /// CRLF line ends are read as LF first, as `git am` does when it splits an mbox
    /// (`git mailsplit` without `--keep-cr`).
    #[must_use]
    pub fn mailinfo(&self, mail: &[u8]) -> Option<MailInfo> {
        self.mailinfo_with("--scissors", mail)
    }

    /// Runs `git mailinfo --no-scissors --encoding=UTF-8`.
    #[must_use]
    pub fn mailinfo_plain(&self, mail: &[u8]) -> Option<MailInfo> {
        self.mailinfo_with("--no-scissors", mail)
    }

    fn mailinfo_with(&self, scissors: &str, mail: &[u8]) -> Option<MailInfo> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let message = Scrap(self.scratch.path().join(format!("{call}.msg")));
        let patch = Scrap(self.scratch.path().join(format!("{call}.patch")));
        let (message_name, patch_name) = (message.0.to_str()?, patch.0.to_str()?);
        let arguments = ["mailinfo", scissors, "--encoding=UTF-8", message_name, patch_name];
        let printed = self.run(&arguments, &without_cr(mail))?;
        let mut info = MailInfo {
            author: String::new(),
            email: String::new(),
            subject: String::new(),
            date: String::new(),
            message: fs::read(&message.0).ok()?,
            patch: fs::read(&patch.0).ok()?,
        };
        for line in String::from_utf8_lossy(&printed).lines() {
            let field = match line.split_once(": ") {
                Some(("Author", value)) => (&mut info.author, value),
                Some(("Email", value)) => (&mut info.email, value),
                Some(("Subject", value)) => (&mut info.subject, value),
                Some(("Date", value)) => (&mut info.date, value),
                _ => continue,
            };
            value_into(field);
        }
        Some(info)
    }

    /// Runs `git apply --numstat -z`, with `-p1`; `None` where git refuses the patch.
    ///
    /// Takes a mail's [`MailInfo::patch`] or a bare diff. A rename is one entry under its new path.
    #[must_use]
    pub fn numstat(&self, patch: &[u8]) -> Option<Vec<NumStat>> {
        let arguments = ["apply", "--numstat", "-z", "-p1", "--whitespace=nowarn"];
        let printed = self.run(&arguments, patch)?;
        parse_numstat(&printed)
    }

    /// Runs `git interpret-trailers --parse` on the commit message; pairs of key and value in order.
    ///
    /// `message` is [`MailInfo::message`]. It is asked without `--no-divider`, as `contract.md`
    /// words it: mailinfo has cut at every `---` it knows, but leaves lines such as `---  text`,
    /// and there git's own answer from a mail ends at the divider.
    #[must_use]
    pub fn trailers(&self, subject: &str, message: &[u8]) -> Vec<(String, String)> {
        let whole = [subject.as_bytes(), b"\n\n", message].concat();
        let printed = self.run(&["interpret-trailers", "--parse"], &whole).unwrap_or_default();
        String::from_utf8_lossy(&printed)
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            .collect()
    }

    /// Runs `git patch-id --stable`; the id of the (first) patch, 40 hex digits, or `None`.
    #[must_use]
    pub fn patch_id(&self, patch: &[u8]) -> Option<String> {
        let printed = self.run(&["patch-id", "--stable"], patch)?;
        let printed = String::from_utf8_lossy(&printed);
        printed.split_whitespace().next().map(str::to_owned)
    }

    /// Standard output of one git process that ended well.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
        let scratch = self.scratch.path();
        let mut command = Command::new(&self.git);
        command.args(arguments).current_dir(scratch).env_clear();
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ]);
        command.env("HOME", scratch);
        // Without it a scratch folder inside a checkout would find that repository, and
        // `git apply` would then leave out files beyond the current folder.
        command.env("GIT_CEILING_DIRECTORIES", scratch.parent()?);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().ok()?;
        let mut stdin = child.stdin.take()?;
        let output = thread::scope(|scope| {
            // git closes its input early where it has seen enough: that write error is no news.
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output().ok()
        })?;
        output.status.success().then_some(output.stdout)
    }
}

/// The whole path of git: only with it, and a `PATH` of its own, is a child spawned without `fork`,
/// which is slow from a test that holds an archive in memory.
fn find_git() -> Option<PathBuf> {
    let name = format!("git{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    let mut found = env::split_paths(&path).map(|folder| folder.join(&name));
    std::path::absolute(found.find(|git| git.is_file())?).ok()
}

/// A scratch file that goes with its call, so that thousands of calls need little memory.
struct Scrap(PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

fn value_into((field, value): (&mut String, &str)) {
    value.clone_into(field);
}

fn without_cr(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len());
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(text) => out.extend([text, b"\n"].concat()),
            None => out.extend_from_slice(line),
        }
    }
    out
}

fn parse_version(line: &str) -> Option<(u32, u32)> {
    let mut numbers = line.strip_prefix("git version ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn parse_numstat(printed: &[u8]) -> Option<Vec<NumStat>> {
    let mut fields = printed.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    let mut files = Vec::new();
    while let Some(entry) = fields.next().filter(|entry| !entry.is_empty()) {
        let mut columns = entry.splitn(3, '\t');
        let (added, removed, path) = (columns.next()?, columns.next()?, columns.next()?);
        let path = if path.is_empty() {
            // `git diff --numstat -z` gives a rename as an empty path, then old and new.
            fields.next()?;
            fields.next()?.into_owned()
        } else {
            path.to_owned()
        };
        files.push(NumStat { added: count(added)?, removed: count(removed)?, path });
    }
    Some(files)
}

/// `Some(None)` for the `-` of a binary file, `None` for what is no count.
fn count(column: &str) -> Option<Option<u64>> {
    if column == "-" { Some(None) } else { column.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENAME: &[u8] = b"diff --git a/old.c b/dir/new.c\nsimilarity index 90%\n\
rename from old.c\nrename to dir/new.c\nindex 1111111..2222222 100644\n--- a/old.c\n\
+++ b/dir/new.c\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+3\n";

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(parse_version("git version 2.47.3"), Some((2, 47)));
        assert_eq!(parse_version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(parse_version("hub version 2"), None);
    }

    #[test]
    fn numstat_reads_renames_of_both_shapes_and_binaries() {
        let read =
            parse_numstat(b"2\t1\tnew.c\x00-\t-\tlogo.png\x003\t0\t\x00old\x00new\x00").unwrap();
        let short: Vec<_> =
            read.iter().map(|file| (file.added, file.removed, file.path.as_str())).collect();
        let expected =
            [(Some(2), Some(1), "new.c"), (None, None, "logo.png"), (Some(3), Some(0), "new")];
        assert_eq!(short, expected);
        assert_eq!(parse_numstat(b"x\t1\tnew.c\x00"), None);
    }

    #[test]
    fn git_counts_a_rename_under_its_new_path() {
        let oracle = Oracle::new().unwrap();
        let expected = NumStat { added: Some(2), removed: Some(1), path: "dir/new.c".to_owned() };
        assert_eq!(oracle.numstat(RENAME), Some(vec![expected]));
        assert_eq!(oracle.numstat(b"no diff\n"), None);
        assert_eq!(oracle.patch_id(RENAME).unwrap().len(), 40);
        assert_eq!(oracle.patch_id(b"no diff\n"), None);
    }

    #[test]
    fn a_path_needing_quotes_comes_back_whole() {
        let oracle = Oracle::new().unwrap();
        let diff =
            b"diff --git \"a/caf\\303\\251 x.c\" \"b/caf\\303\\251 x.c\"\nnew file mode 100644\n\
index 0000000..1111111\n--- /dev/null\n+++ \"b/caf\\303\\251 x.c\"\n@@ -0,0 +1 @@\n+one\n";
        assert_eq!(oracle.numstat(diff).unwrap()[0].path, "caf\u{e9} x.c");
    }

    #[test]
    fn trailers_come_in_order_and_unfolded() {
        let oracle = Oracle::new().unwrap();
        let message =
            b"Why.\n\nReviewed-by: Bob <bob@example.org>\nLink:\n  https://example.org/1\n";
        let expected =
            [("Reviewed-by", "Bob <bob@example.org>"), ("Link", "https://example.org/1")];
        let found = oracle.trailers("frob: add", message);
        let found: Vec<_> = found.iter().map(|(key, value)| (&**key, &**value)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn threads_share_an_oracle_without_mixing_answers() {
        let oracle = &Oracle::new().unwrap();
        thread::scope(|scope| {
            for name in ["alice", "bob"] {
                scope.spawn(move || {
                    for number in 0..20 {
                        let mail = format!(
                            "From: {name} <{name}@example.org>\r\nSubject: [PATCH] n{number}\r\n\r\nfrom {name} {number}\r\n"
                        );
                        let info = oracle.mailinfo(mail.as_bytes()).unwrap();
                        assert_eq!((info.author.as_str(), info.subject), (name, format!("n{number}")));
                        assert_eq!(info.message, format!("from {name} {number}\n").into_bytes());
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(oracle.scratch.path()).unwrap().count(), 0);
    }
}
