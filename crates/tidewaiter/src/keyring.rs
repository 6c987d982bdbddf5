//! A folder of public keys, as patatt lays them out: `ed25519/<domain>/<local part>/<selector>`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use tidewaiter_mail::{Address, Keyring};

use crate::{archives::safe, cli::Global, failure::Failure, output};

/// Folders and files that are looked at.
const MOST: usize = 100_000;
const TOO_MANY: &str = "the keyring has more than 100,000 folders and files";
/// Bytes of a key's file; 44 are needed.
const LARGEST: u64 = 1024;

/// Reads a keyring, in which there has to be a key. What is no key is passed over and told; other
/// kinds of keys are not looked at.
pub(crate) fn read(folder: &Path, global: &Global) -> Result<Keyring, Failure> {
    let found = look(folder, global)?;
    if found.is_empty() {
        let folder = folder.display();
        return Err(Failure::usage(anyhow!(
            "failed to find a key in `{folder}`; keys are in ed25519/<domain>/<local part>/<selector>"
        )));
    }
    Ok(found)
}

/// Whether a keyring that was read before has no key any more.
pub(crate) fn is_gone(folder: &Path, global: &Global) -> bool {
    let quiet = Global { quiet: true, ..global.clone() };
    let exists = folder.join("ed25519").try_exists().unwrap_or(true);
    !exists || look(folder, &quiet).is_ok_and(|found| found.is_empty())
}

/// Every folder and file that is looked at, as many as there may be.
pub(crate) fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut left = MOST;
    let mut all = vec![folder.to_path_buf()];
    let mut level = vec![folder.join("ed25519")];
    for _ in 0..3 {
        let next = level.iter().flat_map(|path| entries(path, &mut left).unwrap_or_default());
        let next = next.collect();
        all.append(&mut level);
        level = next;
    }
    all.append(&mut level);
    all
}

fn look(folder: &Path, global: &Global) -> Result<Keyring, Failure> {
    let mut found = Keyring::default();
    let mut odd: Vec<String> = Vec::new();
    let mut left = MOST;
    let root = folder.join("ed25519");
    for domain in entries(&root, &mut left)? {
        for person in entries(&domain, &mut left)? {
            for file in entries(&person, &mut left)? {
                if let Err(why) = add(&mut found, &file) {
                    odd.push(format!("`{}`: {why:#}", file.display()));
                }
            }
        }
    }
    if let Some(first) = odd.first().filter(|_| !global.quiet) {
        let more = match odd.len() {
            1 => String::new(),
            count => format!("; {} more keys were passed over", count - 1),
        };
        output::complain(&format!(
            "note: of the keyring a key was passed over: {}{more}",
            safe(first)
        ));
    }
    Ok(found)
}

/// What is in a folder, in order of name; hidden files are not, and files have nothing in them.
fn entries(folder: &Path, left: &mut usize) -> Result<Vec<PathBuf>, Failure> {
    let mut read = || -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            *left = left.checked_sub(1).ok_or_else(|| io::Error::other(TOO_MANY))?;
            if !entry.file_name().to_string_lossy().starts_with('.') {
                found.push(entry.path());
            }
        }
        found.sort();
        Ok(found)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Vec::new()),
        other => other
            .with_context(|| format!("failed to read `{}`", folder.display()))
            .map_err(Failure::Io),
    }
}

/// Adds the key of a file, which its path names.
fn add(keyring: &mut Keyring, path: &Path) -> anyhow::Result<()> {
    let mut names = path.iter().rev().map(|name| name.to_str().and_then(unquoted));
    let mut next = || names.next().flatten();
    let (selector, local, domain) = (next(), next(), next());
    let (Some(selector), Some(local), Some(domain)) = (selector, local, domain) else {
        return Err(anyhow!("its name cannot be read"));
    };
    let person = Address::new(&format!("{local}@{domain}"))
        .ok_or_else(|| anyhow!("`{local}@{domain}` is no address"))?;
    let meta = fs::metadata(path)?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(anyhow!("it is no file of at most {LARGEST} bytes"));
    }
    Ok(keyring.add(person, &selector, &fs::read_to_string(path)?)?)
}

/// A name as Python's `quote_plus` writes it: `+` for a space, `%2B` for a plus.
fn unquoted(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high << 4 | low).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("mia" => Some("mia".to_owned()); "plain")]
    #[test_case("mia%2Bgit" => Some("mia+git".to_owned()); "plus")]
    #[test_case("a+b%20c" => Some("a b c".to_owned()); "spaces")]
    #[test_case("m%c3%a9" => Some("mé".to_owned()); "lower case")]
    #[test_case("..%2F" => Some("../".to_owned()); "a slash")]
    #[test_case("a%" => None; "cut")]
    #[test_case("a%+1" => None; "no digit")]
    #[test_case("%ff" => None; "no text")]
    fn names(name: &str) -> Option<String> {
        unquoted(name)
    }
}
