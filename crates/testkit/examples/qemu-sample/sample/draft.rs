//! What an entry of the script says, before any mail is built.

use tidewaiter_testkit::builder::{FileDiff, Mail, mailbox};

use super::Week;
use super::people::{Person, person};
use super::posts::LIST;
use super::script::{Block, Entry};
use super::text::time;

/// What one part, or the whole series, is given.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) at: Option<i64>,
    pub(super) arrives: Option<i64>,
    pub(super) id: Option<String>,
    pub(super) in_reply_to: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) author: Option<&'static Person>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cc: Vec<String>,
    pub(super) copy: bool,
    pub(super) lost: bool,
}

#[derive(Default)]
pub(super) struct Part {
    pub(super) cover: bool,
    pub(super) index: u32,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) notes: Option<String>,
    pub(super) files: Vec<FileDiff>,
    pub(super) set: Settings,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Shallow,
    Deep,
    Unthreaded,
}

pub(super) struct Draft {
    pub(super) key: String,
    pub(super) who: &'static Person,
    pub(super) start: i64,
    pub(super) version: u32,
    pub(super) total: Option<u32>,
    pub(super) shape: Shape,
    pub(super) to: String,
    pub(super) munged: bool,
    pub(super) all: Settings,
    pub(super) parts: Vec<Part>,
    pub(super) touched: Vec<String>,
    pub(super) expect: Option<Block>,
    pub(super) about: String,
}

pub(super) fn draft(week: &Week, entry: &Entry) -> Draft {
    let head = entry.first().expect("an entry has a first directive");
    let mut draft = Draft {
        key: head.word(0).to_owned(),
        who: person(head.word(1)),
        start: time(head.word(2), head.word(3)),
        version: 1,
        total: None,
        shape: Shape::Shallow,
        to: LIST.to_owned(),
        munged: false,
        all: Settings::default(),
        parts: Vec::new(),
        touched: Vec::new(),
        expect: None,
        about: String::new(),
    };
    for block in entry.iter().skip(1) {
        direct(week, &mut draft, block);
    }
    draft
}

fn direct(week: &Week, draft: &mut Draft, block: &Block) {
    match block.word.as_str() {
        "v" => draft.version = block.rest.parse().expect("no number in %v"),
        "total" => draft.total = block.rest.parse().ok(),
        "deep" => draft.shape = Shape::Deep,
        "unthreaded" => draft.shape = Shape::Unthreaded,
        "to" => draft.to.clone_from(&block.rest),
        "munged" => draft.munged = true,
        "expect" => draft.expect = Some(block.clone()),
        "about" => draft.about.clone_from(&block.text),
        "cover" | "patch" => {
            let cover = block.word == "cover";
            let before = draft.parts.iter().map(|part| part.index).max().unwrap_or(0);
            draft.parts.push(Part {
                cover,
                index: if cover { 0 } else { before + 1 },
                title: block.rest.clone(),
                text: block.text.clone(),
                ..Part::default()
            });
        }
        "n" => last(draft).index = block.rest.parse().expect("no number in %n"),
        "notes" => last(draft).notes = Some(block.text.clone()),
        "file" | "added" | "gone" | "moved" | "binary" | "bump" | "hunk" | "executable" => {
            if ["file", "gone", "moved", "binary", "bump"].contains(&block.word.as_str()) {
                draft.touched.push(block.word(0).to_owned());
            }
            let files = &mut last(draft).files;
            add_file(files, block);
        }
        _ => {
            let set = draft.parts.last_mut().map_or(&mut draft.all, |part| &mut part.set);
            setting(week, set, block);
        }
    }
}

fn last(draft: &mut Draft) -> &mut Part {
    draft.parts.last_mut().expect("a directive of a part before any part")
}

pub(super) fn setting(week: &Week, set: &mut Settings, block: &Block) {
    match block.word.as_str() {
        "at" => set.at = Some(time(block.word(0), block.word(1))),
        "arrives" => set.arrives = Some(time(block.word(0), block.word(1))),
        "id" => set.id = Some(block.rest.clone()),
        "irt" => {
            let id = week.known.get(&block.rest).map(Mail::message_id);
            set.in_reply_to = Some(id.unwrap_or_else(|| block.rest.clone()));
            assert!(set.in_reply_to.as_deref().is_some_and(|id| id.contains('@')), "{block:?}");
        }
        "prefix" => set.prefix = Some(block.rest.clone()),
        "author" => set.author = Some(person(&block.rest)),
        "header" => {
            let (name, value) = block.rest.split_once(": ").expect("no header in %header");
            set.headers.push((name.to_owned(), value.to_owned()));
        }
        "cc" => set.cc.extend(block.words().into_iter().map(recipient)),
        "copy" => set.copy = true,
        "lost" => set.lost = true,
        word => panic!("no such directive: %{word}"),
    }
}

/// A person by nick, or an address as it stands.
fn recipient(word: &str) -> String {
    if word.contains('@') {
        return word.to_owned();
    }
    let who = person(word);
    mailbox(who.name, who.address)
}

fn add_file(files: &mut Vec<FileDiff>, block: &Block) {
    let lines = || block.text.lines().collect::<Vec<_>>();
    let file = match block.word.as_str() {
        "file" => FileDiff::modified(block.word(0)),
        "added" => FileDiff::added(block.word(0)).lines(&lines(), &[]),
        "gone" => FileDiff::deleted(block.word(0)).lines(&[], &lines()),
        "moved" => FileDiff::renamed(block.word(0), block.word(1)),
        "binary" => FileDiff::modified(block.word(0)).binary(),
        "bump" => FileDiff::submodule(block.word(0), block.word(1), block.word(2)),
        "executable" => files.pop().expect("%executable before a file").executable(),
        _ => {
            let (line, section) = block.rest.split_once(' ').unwrap_or((&block.rest, ""));
            let file = files.pop().expect("%hunk before a file");
            file.hunk(line.parse().expect("no line in %hunk"), section, &block.text)
        }
    };
    files.push(file);
}
