//! The paths of a source tree.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, anyhow};

use crate::{cli::Global, failure::Failure, sources::Skipped};

/// Every file of a tree, one a line, with `/` between folders.
///
/// `git ls-files` where the folder is a git checkout and git can read it; else its files as they
/// lie there.
pub(crate) fn list(folder: &Path, global: &Global) -> Result<String, Failure> {
    let listed = folder.join(".git").exists().then(|| git(folder)).and_then(Result::ok);
    if let Some(listed) = listed {
        return Ok(listed);
    }
    let mut skipped = Skipped::default();
    let list = walk(folder, &mut skipped).map_err(Failure::Io)?;
    skipped.tell("passed over", global);
    Ok(list)
}

fn git(folder: &Path) -> anyhow::Result<String> {
    let mut command = Command::new("git");
    // In a hook git says where its own repository is, which need not be this one.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let output = command
        .arg("-C")
        .arg(folder)
        .args(["-c", "core.quotePath=false", "-c", "safe.directory=*", "ls-files"])
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("failed to run git in `{}`", folder.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(anyhow!("failed to list `{}`: {}", folder.display(), said.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Depth and number are bounded; links are not followed. A folder below the top that cannot be
/// read is passed over.
fn walk(folder: &Path, skipped: &mut Skipped) -> anyhow::Result<String> {
    let mut list = String::new();
    let mut stack = vec![(folder.to_path_buf(), String::new(), 0_usize)];
    let mut files = 0_usize;
    while let Some((path, prefix, depth)) = stack.pop() {
        let entries = match std::fs::read_dir(&path) {
            Err(error) if depth > 0 => {
                skipped.add(&prefix, &error.to_string());
                continue;
            }
            entries => entries.with_context(|| format!("failed to read `{}`", path.display()))?,
        };
        for entry in entries {
            let entry = entry.with_context(|| format!("failed to read `{}`", path.display()))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && name == ".git" {
                continue;
            }
            if kind.is_dir() && depth < 40 {
                stack.push((entry.path(), format!("{name}/"), depth + 1));
            } else if kind.is_file() {
                files += 1;
                list.push_str(&name);
                list.push('\n');
            }
            if files > 1_000_000 {
                return Err(anyhow!(
                    "failed to list `{}`: more than a million files",
                    folder.display()
                ));
            }
        }
    }
    Ok(list)
}
