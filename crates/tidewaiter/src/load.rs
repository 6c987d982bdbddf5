//! The configuration and all that it names, read from files and checked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use tidewaiter_engine::{
    Config, Context, Overrides,
    config::{self, ListConfig},
};
use tidewaiter_policy::{
    ConfigError, Policy, TreeFiles, Vocabulary, builtin_policies,
    maintainers::{Directories, Maintainers},
};
use tidewaiter_reply::{IdKey, Mode, Templates};

use crate::{
    cli::{Global, JudgeArgs},
    diagnostics, edges,
    failure::Failure,
    keyring, sources, tree,
};

/// The largest text file that is read: configuration, policies, MAINTAINERS, file lists.
const LARGEST: u64 = 64 << 20;

/// A configuration with its text and where it came from.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    /// `None` for the built-in one.
    pub(crate) path: Option<PathBuf>,
}

impl Loaded {
    /// What to call it in messages.
    pub(crate) fn name(&self) -> String {
        name_of(self.path.as_deref())
    }

    /// A file that the configuration names, from the configuration's folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        match self.path.as_ref().and_then(|path| path.parent()) {
            Some(folder) => folder.join(name),
            None => PathBuf::from(name),
        }
    }
}

fn name_of(path: Option<&Path>) -> String {
    path.map_or_else(|| "config/tidewaiter.toml (built in)".to_owned(), |p| p.display().to_string())
}

/// Reads a text file of bounded size.
pub(crate) fn text_file(path: &Path) -> Result<String, Failure> {
    let read = || -> anyhow::Result<String> {
        let meta = fs::metadata(path)?;
        if meta.len() > LARGEST {
            return Err(anyhow!("it has {} bytes, more than {LARGEST}", meta.len()));
        }
        Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
    };
    read().with_context(|| format!("failed to read `{}`", path.display())).map_err(Failure::Io)
}

/// Reads the configuration; mistakes are printed with their places.
pub(crate) fn configuration(global: &Global) -> Result<Loaded, Failure> {
    let text = match &global.config {
        Some(path) => text_file(path)?,
        None => config::BUILTIN.to_owned(),
    };
    let name = name_of(global.config.as_deref());
    let rejected = |errors: &[ConfigError]| {
        diagnostics::errors(errors, &name, &text, global);
        Failure::usage(anyhow!("failed to read `{name}`: {}", mistakes(errors.len())))
    };
    match Config::parse(&text) {
        Ok((config, warnings)) => {
            diagnostics::warnings(&warnings, &name, &text, global);
            let loaded = Loaded { config, path: global.config.clone() };
            let unknown = unknown_policies(&loaded)?;
            if unknown.is_empty() { Ok(loaded) } else { Err(rejected(&unknown)) }
        }
        Err(errors) => Err(rejected(&errors)),
    }
}

/// Lists whose policy there is not.
fn unknown_policies(loaded: &Loaded) -> Result<Vec<ConfigError>, Failure> {
    let known = policy_ids(loaded)?;
    let unknown = loaded.config.lists.iter().filter(|list| !known.contains(&list.policy));
    let error = |list: &ListConfig| ConfigError {
        message: format!(
            "failed to read the configuration: there is no policy `{}`; there are {}",
            list.policy,
            known.join(", ")
        ),
        span: Some(list.policy_span.clone()),
    };
    Ok(unknown.map(error).collect())
}

/// Built-in ids, and those of the configuration's folder.
pub(crate) fn policy_ids(loaded: &Loaded) -> Result<Vec<String>, Failure> {
    let mut ids: Vec<String> = builtin_policies().iter().map(|(id, _)| (*id).to_owned()).collect();
    if let Some(folder) = &loaded.config.files.policies {
        let folder = loaded.beside(folder);
        let entries = fs::read_dir(&folder)
            .with_context(|| format!("failed to read `{}`", folder.display()))
            .map_err(Failure::Io)?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(id) = name.strip_suffix(".toml").filter(|id| is_id(id))
                && !ids.iter().any(|known| known == id)
            {
                ids.push(id.to_owned());
            }
        }
    }
    ids.sort();
    Ok(ids)
}

/// So many mistakes, in words.
pub(crate) fn mistakes(count: usize) -> String {
    if count == 1 { "one mistake".to_owned() } else { format!("{count} mistakes") }
}

/// The text of a policy: one of the configuration's folder, else a built-in one.
pub(crate) fn policy_text(loaded: &Loaded, id: &str) -> Result<(String, String), Failure> {
    if let Some(folder) = &loaded.config.files.policies
        && is_id(id)
    {
        let path = loaded.beside(folder).join(format!("{id}.toml"));
        if path.exists() {
            return Ok((path.display().to_string(), text_file(&path)?));
        }
    }
    match builtin_policies().iter().find(|(known, _)| *known == id) {
        Some((known, text)) => Ok((format!("config/policies/{known}.toml"), (*text).to_owned())),
        None => {
            let known = policy_ids(loaded)?.join(", ");
            Err(Failure::usage(anyhow!("there is no policy `{id}`; there are {known}")))
        }
    }
}

/// An id never leads out of its folder.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Reads one policy; mistakes are printed with their places.
pub(crate) fn policy(
    loaded: &Loaded,
    id: &str,
    overrides: &[(String, String)],
    global: &Global,
) -> Result<Policy, Failure> {
    let (path, text) = policy_text(loaded, id)?;
    match Policy::parse_with(&text, overrides) {
        Ok((policy, warnings)) => {
            diagnostics::warnings(&warnings, &path, &text, global);
            Ok(policy)
        }
        Err(errors) => {
            diagnostics::errors(&errors, &path, &text, global);
            let count = mistakes(errors.len());
            Err(Failure::usage(anyhow!("failed to read the policy `{id}`: {count}")))
        }
    }
}

/// The policies of the lists, without a word on those that cannot be read: for what asks only
/// whether a policy may be spoken by.
pub(crate) fn readable_policies(loaded: &Loaded) -> Vec<Policy> {
    let mut ids: Vec<&str> = loaded.config.lists.iter().map(|list| list.policy.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let texts = ids.into_iter().filter_map(|id| policy_text(loaded, id).ok());
    texts.filter_map(|(_, text)| Policy::parse(&text).ok()).map(|(policy, _)| policy).collect()
}

/// Everything that judging needs.
pub(crate) fn context(args: &JudgeArgs, global: &Global) -> Result<Context, Failure> {
    context_of(configuration(global)?, args, global)
}

/// The same under a configuration that was read already.
pub(crate) fn context_of(
    mut loaded: Loaded,
    args: &JudgeArgs,
    global: &Global,
) -> Result<Context, Failure> {
    loaded.config.trust.authserv_ids.extend(args.trust_authserv.iter().cloned());
    let mut ids: Vec<&str> = args.policy.as_deref().into_iter().collect();
    for list in &loaded.config.lists {
        if !ids.contains(&list.policy.as_str()) {
            ids.push(&list.policy);
        }
    }
    // `--set` changes the second policy of a comparison, else the one that judges.
    let (first_set, second_set): (&[_], &[_]) =
        if args.against.is_some() { (&[], &args.set) } else { (&args.set, &[]) };
    if !args.set.is_empty() && args.policy.is_none() && args.against.is_none() && ids.len() != 1 {
        return Err(Failure::usage(anyhow!(
            "--set needs --policy or --against: the lists have {} policies",
            ids.len()
        )));
    }
    let mut policies = Vec::new();
    for (at, id) in ids.iter().enumerate() {
        let set = if at == 0 { first_set } else { &[] };
        policies.push(policy(&loaded, id, set, global)?);
    }
    let against = match &args.against {
        Some(id) => Some(policy(&loaded, id, second_set, global)?),
        None => None,
    };
    let tree_path = tree_path(args, &loaded);
    let tree = tree_path.as_deref().map(|path| tree_files(path, global)).transpose()?;
    let maintainers = maintainers(args, &loaded, tree.as_deref())?;
    // It takes the text of every file, so it is done where a policy that judges asks for it.
    let judging = if args.policy.is_some() { 1 } else { policies.len() };
    let mut judging = policies.iter().take(judging).chain(&against);
    let asked = judging.any(|policy| policy.core_fan_in.is_some());
    let fan_in = match (&tree_path, &tree) {
        (Some(folder), Some(list)) if asked && folder.is_dir() => {
            Some(sources::fan_in(folder, list, global))
        }
        _ => None,
    };
    let keyring =
        keyring_path(args, &loaded).map(|path| keyring::read(&path, global)).transpose()?;
    let vocabulary = vocabulary()?;
    let templates = Templates::builtin().map_err(|e| Failure::Internal(e.into()))?;
    Ok(Context {
        policies,
        against,
        vocabulary,
        maintainers,
        tree: tree.as_deref().map(|list| TreeFiles::from_list(list).with_fan_in(fan_in)),
        keyring,
        templates,
        key: key(args, &loaded)?,
        overrides: Overrides {
            policy: args.policy.clone(),
            mode: mode(args)?,
            strict: !args.trust_authserv.is_empty(),
            trust_claimed: args.trust_claimed,
            without_trace: false,
            by_list_id: false,
        },
        config: loaded.config,
    })
}

/// What to look for in mails.
pub(crate) fn vocabulary() -> Result<Vocabulary, Failure> {
    Vocabulary::builtin().map_err(|errors| {
        Failure::Internal(anyhow!(
            "{}",
            errors.first().map(ToString::to_string).unwrap_or_default()
        ))
    })
}

fn mode(args: &JudgeArgs) -> Result<Option<Mode>, Failure> {
    if args.as_configured {
        return Ok(None);
    }
    let Some(name) = &args.mode else { return Ok(Some(Mode::List)) };
    let value = serde_json::Value::String(name.clone());
    serde_json::from_value(value).map(Some).map_err(|_| {
        Failure::usage(anyhow!(
            "`{name}` is no mode; modes are observe, hold, digest, author, maintainers, list"
        ))
    })
}

/// The folder of the tree, or the file with its paths.
fn tree_path(args: &JudgeArgs, loaded: &Loaded) -> Option<PathBuf> {
    let configured = || loaded.config.files.tree.as_ref().map(|name| loaded.beside(name));
    args.tree.clone().or_else(configured)
}

/// The folder with public keys.
fn keyring_path(args: &JudgeArgs, loaded: &Loaded) -> Option<PathBuf> {
    let configured = || loaded.config.trust.keyring.as_ref().map(|name| loaded.beside(name));
    args.trust_keyring.clone().or_else(configured)
}

/// The tree's paths, one a line.
pub(crate) fn tree_files(path: &Path, global: &Global) -> Result<String, Failure> {
    if path.is_dir() { tree::list(path, global) } else { text_file(path) }
}

fn maintainers(
    args: &JudgeArgs,
    loaded: &Loaded,
    tree: Option<&str>,
) -> Result<Option<Maintainers>, Failure> {
    let in_tree = || args.tree.as_ref().map(|dir| dir.join("MAINTAINERS")).filter(|p| p.is_file());
    let path = match (&args.maintainers, &loaded.config.files.maintainers) {
        (Some(path), _) => path.clone(),
        (None, Some(name)) => loaded.beside(name),
        (None, None) => match in_tree() {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let text = text_file(&path)?;
    let (maintainers, _) = match tree {
        Some(files) => Maintainers::parse_in_tree(&text, &Directories::from_files(files.lines())),
        None => Maintainers::parse(&text),
    };
    if maintainers.sections().is_empty() {
        // What lies in a tree under that name was not asked for.
        if args.maintainers.is_none() && loaded.config.files.maintainers.is_none() {
            return Ok(None);
        }
        let path = path.display();
        return Err(Failure::usage(anyhow!(
            "failed to find a section in `{path}`; is it a MAINTAINERS file?"
        )));
    }
    Ok(Some(maintainers))
}

/// The key of the replies' Message-IDs; a dry run has its own.
pub(crate) fn key(args: &JudgeArgs, loaded: &Loaded) -> Result<IdKey, Failure> {
    let path = match (&args.key, &loaded.config.files.key) {
        (Some(path), _) => path.clone(),
        (None, Some(at)) if args.as_configured => edges::secret_file(loaded, at)?,
        _ => return Ok(IdKey::dry_run()),
    };
    let bytes = fs::read(&path)
        .with_context(|| format!("failed to read `{}`", path.display()))
        .map_err(Failure::Io)?;
    let too_short = || {
        let path = path.display();
        Failure::usage(anyhow!("failed to use `{path}` as a key: it has less than 32 bytes"))
    };
    IdKey::new(&bytes).filter(|_| bytes.len() >= 32).ok_or_else(too_short)
}
