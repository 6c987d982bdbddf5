//! The configuration and its files: read at the start, at a signal, and when they change.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use anyhow::anyhow;
use tidewaiter_engine::config::daemon::{LogConfig, MailboxConfig, StatusConfig};
use tidewaiter_outbox::{Clock, Halt, Outbox, Server};
use tracing::warn;

use super::{Parts, may_send, watch::Source};
use crate::{
    cli::{Global, JudgeArgs},
    edges,
    failure::Failure,
    keyring,
    load::{self, Loaded},
};

/// What is in force.
#[derive(Clone)]
pub(crate) struct Settings {
    loaded: Loaded,
    /// The stop that a signal turns on, whatever is in force.
    halt: Halt,
    /// The files besides the configuration, as they were when they were read.
    files: Vec<(PathBuf, Option<Stamp>)>,
    /// What was configured at the start, and is taken up at no other time.
    at_start: (LogConfig, Option<StatusConfig>),
}

/// What tells one state of a file from another.
type Stamp = (Option<SystemTime>, u64);

impl Settings {
    pub(crate) fn load(global: &Global) -> Result<Self, Failure> {
        let loaded = load::configuration(global)?;
        let files = stamps(&loaded);
        let daemon = &loaded.config.daemon;
        let at_start = (daemon.log, daemon.status.clone());
        Ok(Self { loaded, halt: Halt::default(), files, at_start })
    }

    pub(crate) fn halt(&self) -> &Halt {
        &self.halt
    }

    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Names what decides: the program and the configuration.
    pub(crate) fn version(&self) -> String {
        let program = env!("CARGO_PKG_VERSION");
        let text = format!("{:?}", self.loaded.config);
        format!("{program} {:016x}", hash(text.as_bytes()))
    }

    /// Everything that the daemon needs of it.
    pub(crate) fn parts(&self, global: &Global) -> Result<Parts, Failure> {
        parts(&self.loaded, &self.halt, global)
    }

    /// Reads the configuration again; what is in force then, and what the daemon needs of it.
    pub(crate) fn reload(&self, global: &Global) -> Result<(Self, Parts), Failure> {
        let mut new = Self::load(global)?;
        new.halt = self.halt.clone();
        if edges::store_path(&new.loaded) != edges::store_path(&self.loaded) {
            return Err(Failure::usage(anyhow!("another store needs another start")));
        }
        if new.loaded.config.daemon.mailboxes.is_empty() {
            return Err(Failure::usage(anyhow!("it has no [[mailboxes]]")));
        }
        let parts = new.parts(global)?;
        let new = Self { at_start: self.at_start.clone(), ..new };
        new.tell_what_waits();
        Ok((new, parts))
    }

    /// Names what is another now than at the start, and is not in force.
    fn tell_what_waits(&self) {
        let (log, status) = &self.at_start;
        let daemon = &self.loaded.config.daemon;
        for (table, waits) in [("log", *log != daemon.log), ("status", *status != daemon.status)] {
            if waits {
                warn!("[{table}] was changed, which needs another start; all else is in force");
            }
        }
    }

    /// The same configuration with its files as they are now; `None` where none has changed.
    pub(crate) fn changed_files(
        mut self,
        global: &Global,
    ) -> (Self, Result<Option<Parts>, Failure>) {
        let now = stamps(&self.loaded);
        if now == self.files {
            return (self, Ok(None));
        }
        // What cannot be read is not tried again before it changes again.
        self.files = now;
        let mut loaded = self.loaded.clone();
        let keyring = loaded.config.trust.keyring.as_ref().map(|name| loaded.beside(name));
        if keyring.is_some_and(|folder| keyring::is_gone(&folder, global)) {
            // Whoever takes the last key away wants it to be believed no longer.
            warn!("the keyring has no key any more: no signature is believed");
            loaded.config.trust.keyring = None;
        }
        let parts = parts(&loaded, &self.halt, global).map(Some);
        (self, parts)
    }
}

/// What the daemon would refuse of a configuration, whatever the network and the store say.
pub(crate) fn refused(loaded: &Loaded) -> Vec<Failure> {
    let mailboxes = loaded.config.daemon.mailboxes.iter();
    let mailboxes = mailboxes.map(|mailbox| source(loaded, mailbox).map(drop));
    [key(loaded), server(loaded).map(drop)]
        .into_iter()
        .chain(mailboxes)
        .filter_map(Result::err)
        .collect()
}

/// The key can be used, and there is one where a list sends.
fn key(loaded: &Loaded) -> Result<(), Failure> {
    if may_send(&loaded.config) {
        if loaded.config.files.key.is_none() {
            let name = loaded.name();
            return Err(Failure::usage(anyhow!(
                "failed to start: a list's mode sends, and `{name}` names no `key` in [files]; make \
                 one with `(umask 077; head -c 32 /dev/urandom > key)`"
            )));
        }
        edges::guarded_key(loaded)?;
    }
    load::key(&as_configured(), loaded).map(drop)
}

/// A mailbox with its password.
fn source(loaded: &Loaded, mailbox: &MailboxConfig) -> Result<Source, Failure> {
    let source = Source { name: mailbox.name.clone(), imap: edges::mailbox(loaded, mailbox)? };
    source.check().map_err(Failure::usage)?;
    Ok(source)
}

/// The mail server with its password. Where nothing may be sent there is nothing to send it with.
fn server(loaded: &Loaded) -> Result<Option<Server>, Failure> {
    if !may_send(&loaded.config) {
        return Ok(None);
    }
    let Some(server) = edges::server(loaded)? else {
        let name = loaded.name();
        return Err(Failure::usage(anyhow!(
            "failed to start: a list's mode sends, and `{name}` has no [smtp]"
        )));
    };
    server.tls().map_err(Failure::usage)?;
    Ok(Some(server))
}

fn as_configured() -> JudgeArgs {
    JudgeArgs { as_configured: true, ..JudgeArgs::default() }
}

fn parts(loaded: &Loaded, halt: &Halt, global: &Global) -> Result<Parts, Failure> {
    key(loaded)?;
    let server = server(loaded)?;
    let mailboxes = loaded.config.daemon.mailboxes.iter();
    let sources =
        mailboxes.map(|mailbox| source(loaded, mailbox)).collect::<Result<Vec<_>, _>>()?;
    let mut context = load::context_of(loaded.clone(), &as_configured(), global)?;
    context.overrides.without_trace = true;
    // A copy that came by another way than the list is none that the list vouches for.
    context.overrides.by_list_id = true;
    let mut rules = edges::rules(loaded, &context.policies);
    rules.halt = halt.clone();
    let of_outbox = rules.clone();
    let outbox = Box::new(move |store: &Arc<_>, clock: &Arc<super::Now>| {
        let Some(server) = server else { return Ok(None) };
        let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
        Outbox::new(Arc::clone(store), server, of_outbox, clock).map(Some).map_err(Failure::usage)
    });
    Ok(Parts { context, sources, rules, outbox })
}

/// Policies, MAINTAINERS, the tree's list of paths or what git knows of it, every key of the keyring.
fn stamps(loaded: &Loaded) -> Vec<(PathBuf, Option<Stamp>)> {
    let files = &loaded.config.files;
    let keyring = loaded.config.trust.keyring.as_ref();
    let named = [&files.maintainers, &files.tree].into_iter().flatten();
    let mut paths: Vec<PathBuf> = named.map(|name| loaded.beside(name)).collect();
    paths.extend(files.tree.as_ref().map(|name| loaded.beside(name).join(".git/index")));
    paths.extend(keyring.into_iter().flat_map(|name| keyring::paths(&loaded.beside(name))));
    if let Some(folder) = &files.policies {
        let folder = loaded.beside(folder);
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        paths.extend(entries.map(|entry| entry.path()));
        paths.push(folder);
    }
    paths.sort();
    paths.into_iter().map(|path| (stamp(&path), path)).map(|(s, p)| (p, s)).collect()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok(), metadata.len()))
}

/// FNV-1a: it has to be the same in every build of the program.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tidewaiter_engine::{Config, config::BUILTIN};

    use super::*;

    /// A change deep in a folder is a change.
    #[test]
    fn keys_and_the_index_are_looked_at() {
        let folder = TempDir::new().unwrap();
        let (mut config, _) = Config::parse(BUILTIN).unwrap();
        config.trust.keyring = Some("keyring".to_owned());
        config.files.tree = Some("tree".to_owned());
        let loaded = Loaded { config, path: Some(folder.path().join("tidewaiter.toml")) };
        let person = folder.path().join("keyring/ed25519/example.org/alice");
        fs::create_dir_all(&person).unwrap();
        fs::create_dir_all(folder.path().join("tree/.git")).unwrap();
        let index = folder.path().join("tree/.git/index");
        let mut before = stamps(&loaded);
        assert_eq!(stamps(&loaded), before);
        let mut has_changed = |what: &str| {
            let now = stamps(&loaded);
            assert_ne!(now, before, "{what}");
            before = now;
        };
        fs::write(person.join("one"), "a key").unwrap();
        has_changed("a key was added");
        fs::write(person.join("one"), "another").unwrap();
        has_changed("a key was changed");
        fs::write(person.join("two"), "a key").unwrap();
        has_changed("a second key was added");
        fs::remove_file(person.join("one")).unwrap();
        has_changed("a key was deleted");
        fs::write(&index, "an index").unwrap();
        has_changed("there is an index");
        fs::write(&index, "another index").unwrap();
        has_changed("the index was changed");
        fs::remove_dir_all(folder.path().join("keyring")).unwrap();
        has_changed("the keyring is gone");
    }
}
