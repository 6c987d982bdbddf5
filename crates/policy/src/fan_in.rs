//! Fan-in: how many files of a C tree include a header.

use std::collections::{HashMap, HashSet};

/// How many files are looked at.
const FILES: usize = 200_000;
/// How many includes of one file count.
const INCLUDES: usize = 2_000;
/// How many includes of a whole tree are kept, and how many names in them.
const EDGES: usize = 5_000_000;
const NAMES: usize = 300_000;
/// How long the name in an include may be.
const NAME: usize = 300;
/// How many folders deep a path may lie for its endings to be looked up.
const DEPTH: usize = 20;

/// How many files of a tree include each of its files directly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FanIn {
    counts: HashMap<Box<str>, u32>,
}

impl FanIn {
    /// How many files include the file with this path; 0 where none does or the tree lacks it.
    #[must_use]
    pub fn of(&self, path: &str) -> u32 {
        self.counts.get(path).copied().unwrap_or(0)
    }

    /// How many files are included by any other.
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether no file includes another.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

/// Counts a tree's includes, file by file, so that no more than one text is held at a time.
///
/// What the preprocessor would skip counts too: conditions and comments are not looked at. Time
/// and memory grow with the texts' size, whatever they hold.
#[derive(Debug, Default)]
pub struct FanInCounter {
    paths: Vec<Box<str>>,
    names: HashMap<Box<str>, u32>,
    /// File, name, and whether it stood in quotation marks.
    edges: Vec<(u32, u32, bool)>,
}

impl FanInCounter {
    /// A counter that has seen no file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks at one file, by its path from the tree's top with `/` between folders.
    pub fn add(&mut self, path: &str, text: &[u8]) {
        if self.paths.len() >= FILES {
            return;
        }
        let Ok(file) = u32::try_from(self.paths.len()) else { return };
        self.paths.push(path.into());
        for (name, quoted) in includes(text).take(INCLUDES) {
            if self.edges.len() >= EDGES {
                return;
            }
            let id = match self.names.get(name) {
                Some(id) => *id,
                None if self.names.len() >= NAMES => continue,
                None => {
                    let Ok(id) = u32::try_from(self.names.len()) else { return };
                    self.names.insert(name.into(), id);
                    id
                }
            };
            self.edges.push((file, id, quoted));
        }
    }

    /// The counts. A name is looked for beside the file that includes it (only one in quotation
    /// marks), below `include/`, and last as the ending of a path that only one file has; one in
    /// angle brackets needs a folder in it for that, since `<stdlib.h>` is the system's.
    #[must_use]
    pub fn finish(self) -> FanIn {
        let Self { paths, names, edges } = self;
        let by_path: HashMap<&str, u32> = (0..).zip(&paths).map(|(n, path)| (&**path, n)).collect();
        let mut endings: HashMap<&str, Option<u32>> = HashMap::new();
        for (file, path) in (0..).zip(&paths) {
            for (at, _) in path.match_indices('/').take(DEPTH) {
                let Some(ending) = path.get(at + 1..) else { continue };
                endings.entry(ending).and_modify(|known| *known = None).or_insert(Some(file));
            }
            // A file at the top is the ending of its own path.
            endings.entry(path).and_modify(|known| *known = None).or_insert(Some(file));
        }
        // Each name is looked up once, but for the place beside the file.
        let mut found: Vec<[Option<u32>; 2]> = vec![[None; 2]; names.len()];
        for (name, id) in &names {
            let own = by_path.get(format!("include/{name}").as_str()).copied();
            let ending = || endings.get(&**name).copied().flatten();
            let quoted = own.or_else(ending);
            let angle = own.or_else(|| ending().filter(|_| name.contains('/')));
            if let Some(slot) = found.get_mut(*id as usize) {
                *slot = [angle, quoted];
            }
        }
        let mut by_id: Vec<&str> = vec![""; names.len()];
        for (name, id) in &names {
            if let Some(slot) = by_id.get_mut(*id as usize) {
                *slot = name;
            }
        }
        let mut counts: HashMap<Box<str>, u32> = HashMap::new();
        let mut seen: HashSet<u32> = HashSet::new();
        let mut now = None;
        for (file, name, quoted) in edges {
            if now != Some(file) {
                now = Some(file);
                seen.clear();
            }
            let text = by_id.get(name as usize).copied().unwrap_or_default();
            let includer = paths.get(file as usize).map_or("", |path| path);
            let beside = || {
                let path = beside(includer, text)?;
                by_path.get(path.as_str()).copied()
            };
            let elsewhere = || found.get(name as usize).copied().unwrap_or_default();
            let target = match quoted {
                true => beside().or_else(|| elsewhere()[1]),
                false => elsewhere()[0],
            };
            let Some(target) = target.filter(|target| *target != file && seen.insert(*target))
            else {
                continue;
            };
            if let Some(path) = paths.get(target as usize) {
                *counts.entry(path.clone()).or_default() += 1;
            }
        }
        FanIn { counts }
    }
}

/// The names that a text includes, each with whether it stood in quotation marks.
fn includes(text: &[u8]) -> impl Iterator<Item = (&str, bool)> {
    text.split(|byte| *byte == b'\n').filter_map(|line| {
        let rest = line.trim_ascii_start().strip_prefix(b"#")?;
        let rest = rest.trim_ascii_start().strip_prefix(b"include")?.trim_ascii_start();
        let (name, quoted) = match rest.split_first()? {
            (b'"', rest) => (rest.split(|byte| *byte == b'"').next()?, true),
            (b'<', rest) => (rest.split(|byte| *byte == b'>').next()?, false),
            _ => return None,
        };
        let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
        (name.len() <= NAME).then_some((name, quoted))
    })
}

/// The path of a name from the folder of the file that includes it; `None` where it leads out of
/// the tree.
fn beside(includer: &str, name: &str) -> Option<String> {
    let folder = includer.rsplit_once('/').map_or("", |(folder, _)| folder);
    if name.starts_with('/') {
        return None;
    }
    if !name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some(if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn count(files: &[(&str, &str)]) -> FanIn {
        let mut counter = FanInCounter::new();
        files.iter().for_each(|(path, text)| counter.add(path, text.as_bytes()));
        counter.finish()
    }

    #[test_case("hw/a.c", "#include \"b.h\"", "hw/b.h"; "beside the file")]
    #[test_case("hw/a.c", "#include \"x/b.h\"", "include/x/b.h"; "below include")]
    #[test_case("hw/a.c", "#include <x/b.h>", "include/x/b.h"; "angle brackets")]
    #[test_case("hw/a.c", "  #  include\t\"../b.h\" /* why */\r", "b.h"; "blanks and one folder up")]
    #[test_case("hw/a.c", "#include \"./b.h\"", "hw/b.h"; "this folder")]
    #[test_case("hw/a.c", "#include \"sub/only.h\"", "roms/sub/only.h"; "the only such ending")]
    #[test_case("hw/a.c", "#include <sub/only.h>", "roms/sub/only.h"; "the same in angle brackets")]
    #[test_case("a.c", "#include \"top.h\"", "top.h"; "at the top")]
    #[test_case("hw/a.c", "#include \"top.h\"", "top.h"; "from a folder to the top")]
    fn is_found(path: &str, text: &str, target: &str) {
        let trees = ["hw/b.h", "b.h", "include/x/b.h", "roms/sub/only.h", "top.h"];
        let mut files: Vec<(&str, &str)> = trees.iter().map(|path| (*path, "int x;\n")).collect();
        files.push((path, text));
        let found = count(&files);
        assert_eq!((found.of(target), found.len()), (1, 1), "{found:?}");
    }

    #[test_case("#include \"cpu.h\""; "two files end so")]
    #[test_case("#include <stdlib.h>"; "the system's")]
    #[test_case("#include \"../../../cpu.h\""; "out of the tree")]
    #[test_case("#include \"/target/arm/cpu.h\""; "a whole path")]
    #[test_case("#include CPU_H"; "a macro")]
    #[test_case("#include \"\""; "nothing")]
    #[test_case("// #include \"target/arm/cpu.h\""; "not at the line's start")]
    #[test_case("#included \"target/arm/cpu.h"; "another word")]
    fn is_not_found(text: &str) {
        let found = count(&[
            ("target/arm/cpu.h", ""),
            ("target/i386/cpu.h", ""),
            ("roms/stdlib.h", ""),
            ("hw/a.c", text),
        ]);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn a_file_counts_once_and_never_itself() {
        let found = count(&[
            ("include/a.h", "#include \"a.h\"\n"),
            ("b.c", "#include \"a.h\"\n#include <a.h>\n#include \"include/a.h\"\n"),
            ("c.c", "#include \"a.h\""),
        ]);
        assert_eq!(found.of("include/a.h"), 2);
        assert_eq!(found.of("include/gone.h"), 0);
    }

    /// Many names with one ending, each looked up from many files: nothing is quadratic.
    #[test]
    fn hostile_names_take_no_time() {
        let start = Instant::now();
        let mut counter = FanInCounter::new();
        let names = (0..20_000).map(|n| format!("#include \"d{n}/x.h\"\n"));
        let names = names.collect::<String>().into_bytes();
        for n in 0..400 {
            counter.add(&format!("d{n}/x.h"), &names);
        }
        assert_eq!(counter.edges.len(), 400 * INCLUDES);
        assert_eq!(counter.finish().of("d7/x.h"), 399);
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(path in "[a/.]{0,12}", text in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut counter = FanInCounter::new();
            counter.add(&path, &text);
            counter.add("x.c", b"#include \"../a//./b.h\"\n#include <");
            prop_assert!(counter.finish().of(&path) <= 1);
        }
    }
}
