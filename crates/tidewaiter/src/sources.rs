//! The texts of a source tree, read once to count how often its headers are included.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::Read,
    path::{Component, Path, PathBuf},
};

use tidewaiter_policy::{FanIn, FanInCounter};

use crate::{archives::safe, cli::Global, output};

/// The largest source file that is read.
const LARGEST: u64 = 4 << 20;
/// How many files are read, and how many bytes of them together.
const FILES: usize = 200_000;
const BYTES: u64 = 2 << 30;
/// In how many of its first bytes a zero makes a file binary, as git has it (`buffer_is_binary`).
const BINARY: usize = 8_000;

/// Files that were passed over: the first with its reason, and how many.
#[derive(Default)]
pub(crate) struct Skipped {
    first: Option<String>,
    count: usize,
}

impl Skipped {
    pub(crate) fn add(&mut self, path: &str, why: &str) {
        self.first.get_or_insert_with(|| format!("`{path}`: {why}"));
        self.count += 1;
    }

    /// Says so in one line of standard error.
    pub(crate) fn tell(&self, what: &str, global: &Global) {
        let Some(first) = self.first.as_ref().filter(|_| !global.quiet) else { return };
        let more = match self.count {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        output::complain(&format!("note: of the tree {what}: {}{more}", safe(first)));
    }
}

/// Counts how many files of a tree include each of its headers. `list` names its files, one a
/// line. What cannot be read is noted and passed over.
pub(crate) fn fan_in(folder: &Path, list: &str, global: &Global) -> FanIn {
    let mut counter = FanInCounter::new();
    let mut skipped = Skipped::default();
    let mut reader = Reader { root: folder.canonicalize().ok(), folders: HashMap::new(), bytes: 0 };
    for path in list.lines().filter(|path| is_source(path)).take(FILES) {
        match reader.read(folder, path) {
            Ok(Some(text)) => counter.add(path, &text),
            Ok(None) => {}
            Err(why) => skipped.add(path, &why),
        }
    }
    skipped.tell("not read", global);
    counter.finish()
}

fn is_source(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| ["c", "h", "inc", "hx"].contains(&end))
}

struct Reader {
    root: Option<PathBuf>,
    /// Whether a folder really lies in the tree: a link may lead out of it.
    folders: HashMap<PathBuf, bool>,
    bytes: u64,
}

impl Reader {
    /// A file's bytes; `None` where it is a link, no file or binary.
    fn read(&mut self, folder: &Path, path: &str) -> Result<Option<Vec<u8>>, String> {
        let below = Path::new(path);
        if below.components().any(|part| !matches!(part, Component::Normal(_))) {
            return Ok(None);
        }
        let whole = folder.join(below);
        let meta = fs::symlink_metadata(&whole).map_err(|error| error.to_string())?;
        if !meta.is_file() || !self.is_inside(&whole) {
            return Ok(None);
        }
        if meta.len() > LARGEST {
            return Err(format!("it has {} bytes, more than {LARGEST}", meta.len()));
        }
        self.bytes = self.bytes.saturating_add(meta.len());
        if self.bytes > BYTES {
            return Err(format!("the tree has more than {BYTES} bytes of source"));
        }
        let mut text = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default());
        let file = File::open(&whole).map_err(|error| error.to_string())?;
        file.take(LARGEST).read_to_end(&mut text).map_err(|error| error.to_string())?;
        let binary = text.iter().take(BINARY).any(|byte| *byte == 0);
        Ok((!binary).then_some(text))
    }

    fn is_inside(&mut self, path: &Path) -> bool {
        let (Some(root), Some(parent)) = (&self.root, path.parent()) else { return false };
        if let Some(known) = self.folders.get(parent) {
            return *known;
        }
        let inside = parent.canonicalize().is_ok_and(|parent| parent.starts_with(root));
        self.folders.insert(parent.to_path_buf(), inside);
        inside
    }
}
