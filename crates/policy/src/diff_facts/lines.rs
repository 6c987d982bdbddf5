//! What single lines say: prose in files of two kinds, interfaces, dependencies, licences, origin.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use tidewaiter_patch::DiffLine;

use super::shape::{Shape, is_comment, marker, shape};

/// How many files of one diff are kept.
const FILES: usize = 2_000;
/// In how many lines from its top a file says what it is.
const TOP: u32 = 40;

/// What the lines of one file say; only files are kept of which there is something to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// Its path after the patch; of a deleted file its path before.
    pub path: String,
    /// Added lines that are prose: comments of a schema, documentation in an option table.
    pub prose_added: u32,
    /// The same of removed lines.
    pub prose_removed: u32,
    /// Every changed line is a comment.
    pub only_comments: bool,
    /// It said at its top, before the patch too, that a program made it.
    pub generated: bool,
    /// It is new and says nothing of its licence in its first lines.
    pub licence_missing: bool,
    /// Its licence before and after, where a line about it changed; `None` for a side without.
    pub licence: Option<(Option<String>, Option<String>)>,
    /// What it adds for others to rely on.
    pub adds: Adds,
}

/// What a file adds for others to rely on; more of it come than go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adds {
    /// A field of migrated state.
    pub migration_field: bool,
    /// The number of an ioctl.
    pub ioctl: bool,
    /// A device or machine.
    pub device: bool,
    /// Something to build with.
    pub dependency: bool,
}

/// What is looked for in lines, and what it stands for.
const SIGNS: [(&str, Sign); 17] = [
    ("SPDX-License-Identifier:", Sign::Spdx),
    ("General Public License", Sign::Licence),
    ("Permission is hereby granted", Sign::Licence),
    ("GPL", Sign::SaysLicence),
    ("icense", Sign::SaysLicence),
    ("opyright", Sign::SaysLicence),
    ("VMSTATE_", Sign::Migration),
    ("_IO(", Sign::Ioctl),
    ("_IOR(", Sign::Ioctl),
    ("_IOW(", Sign::Ioctl),
    ("_IOWR(", Sign::Ioctl),
    ("type_init(", Sign::Device),
    ("DEFINE_TYPES(", Sign::Device),
    ("DEFINE_MACHINE", Sign::Device),
    ("OBJECT_DEFINE_", Sign::Device),
    ("dependency(", Sign::Dependency),
    ("subproject(", Sign::Dependency),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Spdx,
    Licence,
    SaysLicence,
    Migration,
    Ioctl,
    Device,
    Dependency,
}

/// Finds signs in a diff's text.
pub(super) static FIND: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let signs = SIGNS.map(|(text, _)| text);
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(signs).ok()
});

/// Reads a diff's lines in order.
#[derive(Default)]
pub(super) struct LineReader<'a> {
    path: Option<&'a str>,
    shape: Shape,
    is_new: bool,
    /// The line's number in the file after the patch.
    number: u32,
    /// Inside documentation of a table, where that is known.
    in_prose: Option<bool>,
    /// Changed lines, added and removed, of a table whose kind is not known yet.
    waiting: (u32, u32),
    now: Counts,
    facts: FileFacts,
    pub(super) files: Vec<FileFacts>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    changed: u32,
    comments: u32,
    migration: i32,
    ioctl: i32,
    device: i32,
    dependency: i32,
    says_licence: bool,
}

impl<'a> LineReader<'a> {
    pub(super) fn line(&mut self, line: DiffLine<'a>) {
        match line {
            DiffLine::File { old, new } => {
                self.finish();
                self.path = new.or(old);
                self.is_new = old.is_none();
                self.shape = self.path.map_or(Shape::Other, shape);
            }
            DiffLine::Hunk { start, section } => {
                self.settle(false);
                self.number = start;
                self.in_prose = None;
                if self.shape == Shape::Table {
                    self.in_prose = marker(section).or_else(|| {
                        (section.starts_with("DEF(") || section.starts_with("ARCHHEADING"))
                            .then_some(false)
                    });
                }
            }
            DiffLine::Context(text) => {
                self.turn(text);
                if self.number <= TOP && self.shape != Shape::Other {
                    self.origin(text);
                }
                self.number += 1;
            }
            DiffLine::Removed(text) => self.changed(text, false),
            DiffLine::Added(text) => {
                self.changed(text, true);
                self.number += 1;
            }
        }
    }

    fn changed(&mut self, text: &str, added: bool) {
        let bare = text.trim_ascii_start();
        if bare.is_empty() {
            return;
        }
        self.now.changed += 1;
        // Once one line is no comment, only a schema's comments count.
        let all = self.now.comments + 1 == self.now.changed;
        if all || self.shape == Shape::Schema {
            let comment = is_comment(self.shape, bare);
            self.now.comments += u32::from(comment);
            if comment && self.shape == Shape::Schema {
                self.prose(added);
            }
        }
        if self.shape == Shape::Table {
            let turned = self.turn(text);
            match self.in_prose {
                Some(true) => self.prose(added),
                // The marker that ends the prose belongs to it.
                Some(false) if turned => self.prose(added),
                Some(false) => {}
                None if added => self.waiting.0 += 1,
                None => self.waiting.1 += 1,
            }
        }
        if self.shape == Shape::Packages && bare.starts_with("name = ") {
            self.now.dependency += if added { 1 } else { -1 };
        }
    }

    /// A line in which [`FIND`] saw something.
    pub(super) fn signs(&mut self, text: &str, added: bool) {
        let Some(find) = FIND.as_ref() else { return };
        let step = if added { 1 } else { -1 };
        let top = self.number <= TOP + 1;
        for found in find.find_iter(text) {
            let Some((sign, kind)) = SIGNS.get(found.pattern().as_usize()) else { continue };
            let code = self.shape == Shape::C;
            match kind {
                Sign::Spdx => {
                    let value = text.get(found.end()..).unwrap_or_default();
                    let value = value.trim().trim_end_matches("*/").trim_end_matches("-->").trim();
                    let licence = self.facts.licence.get_or_insert_default();
                    *(if added { &mut licence.1 } else { &mut licence.0 }) = Some(short(value));
                    self.now.says_licence |= added;
                }
                Sign::Licence if top => {
                    let licence = self.facts.licence.get_or_insert_default();
                    let side = if added { &mut licence.1 } else { &mut licence.0 };
                    side.get_or_insert_with(|| (*sign).to_owned());
                    self.now.says_licence |= added;
                }
                Sign::Licence => {}
                Sign::SaysLicence => self.now.says_licence |= added && top,
                Sign::Migration if code => self.now.migration += step,
                Sign::Ioctl if code && text.contains("define") => self.now.ioctl += step,
                Sign::Device if code => self.now.device += step,
                Sign::Dependency if self.path.is_some_and(|p| p.ends_with("meson.build")) => {
                    self.now.dependency += step;
                }
                Sign::Migration | Sign::Ioctl | Sign::Device | Sign::Dependency => {}
            }
        }
    }

    /// A comment at the top of a file that says that a program made it.
    fn origin(&mut self, text: &str) {
        if self.facts.generated || !is_comment(self.shape, text.trim_ascii_start()) {
            return;
        }
        let lower = text.to_ascii_lowercase();
        let by = ["automatically generated", "auto-generated", "autogenerated", "@generated"];
        self.facts.generated = by.iter().any(|words| lower.contains(words))
            || (lower.contains("generated") && lower.contains("do not edit"));
    }

    fn prose(&mut self, added: bool) {
        *(if added { &mut self.facts.prose_added } else { &mut self.facts.prose_removed }) += 1;
    }

    /// Takes a marker of a table; true where the line is one.
    fn turn(&mut self, text: &str) -> bool {
        if self.shape != Shape::Table {
            return false;
        }
        let Some(begins) = marker(text) else { return false };
        // What stood before the first end of prose was prose, before the first begin was not.
        self.settle(!begins);
        self.in_prose = Some(begins);
        true
    }

    /// Decides what was waiting.
    fn settle(&mut self, prose: bool) {
        let (added, removed) = std::mem::take(&mut self.waiting);
        if prose {
            self.facts.prose_added += added;
            self.facts.prose_removed += removed;
        }
    }

    pub(super) fn finish(&mut self) {
        self.settle(false);
        let mut facts = std::mem::take(&mut self.facts);
        let now = std::mem::take(&mut self.now);
        let Some(path) = self.path.take() else { return };
        facts.only_comments = now.changed > 0 && now.comments == now.changed;
        facts.licence_missing = self.is_new && now.changed > 0 && !now.says_licence;
        // A new file's licence is none that changed; a line that moves changes nothing.
        if self.is_new || facts.licence.as_ref().is_some_and(|(old, new)| old == new) {
            facts.licence = None;
        }
        facts.adds = Adds {
            migration_field: now.migration > 0,
            ioctl: now.ioctl > 0,
            device: now.device > 0,
            dependency: now.dependency > 0,
        };
        if facts != FileFacts::default() && self.files.len() < FILES {
            facts.path = path.to_owned();
            self.files.push(facts);
        }
    }
}

fn short(value: &str) -> String {
    value.chars().take(80).collect()
}
