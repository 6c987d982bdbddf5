//! Path patterns of policy files: an ordered list of globs, the first match decides.

use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};

const MAX_PATTERNS: usize = 10_000;
const MAX_PATTERN_BYTES: usize = 1024;

/// An ordered list of path globs, compiled together.
///
/// Paths are relative to the top of the tree, with `/` between components, and are matched whole
/// and with letter case:
///
/// - `*` and `?` stay inside one component, `**` crosses: `tests/**/*.json`;
/// - a trailing `/` covers everything below: `linux-headers/`;
/// - `{a,b}` is either, `[ch]` one of these characters, `\` takes the next one as it is.
///
/// Not the language of `MAINTAINERS`, whose `F:` patterns match the beginning of a path and know
/// no braces; see [`crate::maintainers`].
#[derive(Debug, Clone, Default)]
pub struct PathGlobs {
    patterns: Vec<String>,
    set: GlobSet,
}

/// Why a list of patterns cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathGlobError {
    /// One pattern is wrong.
    #[error("failed to read the path pattern `{pattern}`: {reason}")]
    Pattern {
        /// Place of the pattern in the list, from 0.
        index: usize,
        /// The pattern as written, cut after 1,024 bytes.
        pattern: String,
        /// What is wrong with it.
        reason: PathGlobReason,
    },
    /// More than 10,000 patterns in one list.
    #[error("failed to compile {0} path patterns: at most {MAX_PATTERNS} can be in one list")]
    TooMany(usize),
    /// Each pattern can be used, but not all of them together.
    #[error("failed to compile the path patterns together: {0}")]
    Together(String),
}

/// What is wrong with one pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathGlobReason {
    /// The pattern is empty.
    #[error("it is empty")]
    Empty,
    /// It starts with `/`, `./` or `../`, and so matches no path of a tree.
    #[error("paths are relative to the top of the tree, without `/` or `.` in front")]
    NotRelative,
    /// It is longer than 1,024 bytes.
    #[error("it is longer than {MAX_PATTERN_BYTES} bytes")]
    TooLong,
    /// It is no glob; the text says why.
    #[error("{0}")]
    Syntax(String),
}

impl PathGlobs {
    /// Compiles the patterns, in the order in which they decide.
    ///
    /// # Errors
    /// The first pattern that cannot be used, with its text and place; an empty list is fine and
    /// matches nothing.
    pub fn new<I>(patterns: I) -> Result<Self, PathGlobError>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let patterns: Vec<String> = patterns.into_iter().map(Into::into).collect();
        if patterns.len() > MAX_PATTERNS {
            return Err(PathGlobError::TooMany(patterns.len()));
        }
        let mut set = GlobSetBuilder::new();
        for (index, pattern) in patterns.iter().enumerate() {
            let glob = compile(pattern).map_err(|reason| PathGlobError::Pattern {
                index,
                pattern: cut(pattern).to_owned(),
                reason,
            })?;
            set.add(glob);
        }
        let set = set.build().map_err(|error| PathGlobError::Together(error.to_string()))?;
        Ok(Self { patterns, set })
    }

    /// Place in the list, from 0, of the first pattern that matches `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<usize> {
        self.set.matches_candidate(&Candidate::new(path)).into_iter().min()
    }

    /// Places in the list, from 0, of all patterns that match `path`.
    #[must_use]
    pub fn all_matches(&self, path: &str) -> Vec<usize> {
        self.set.matches_candidate(&Candidate::new(path))
    }

    /// Whether any pattern matches `path`.
    #[must_use]
    pub fn is_match(&self, path: &str) -> bool {
        self.set.is_match_candidate(&Candidate::new(path))
    }

    /// The patterns as written, in order.
    #[must_use]
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }
}

fn compile(pattern: &str) -> Result<globset::Glob, PathGlobReason> {
    if pattern.is_empty() {
        return Err(PathGlobReason::Empty);
    }
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(PathGlobReason::TooLong);
    }
    if ["/", "./", "../"].iter().any(|start| pattern.starts_with(start)) {
        return Err(PathGlobReason::NotRelative);
    }
    let below = if pattern.ends_with('/') { "**" } else { "" };
    GlobBuilder::new(&format!("{pattern}{below}"))
        .literal_separator(true)
        .backslash_escape(true)
        .case_insensitive(false)
        .build()
        .map_err(|error| PathGlobReason::Syntax(error.kind().to_string()))
}

fn cut(pattern: &str) -> &str {
    let end = pattern.floor_char_boundary(MAX_PATTERN_BYTES);
    pattern.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn place(patterns: &[&str], path: &str) -> Result<Option<usize>, PathGlobError> {
        let globs = PathGlobs::new(patterns.iter().copied())?;
        let place = globs.matches(path);
        assert_eq!(globs.is_match(path), place.is_some());
        Ok(place)
    }

    #[test_case("linux-headers/", "linux-headers/linux/kvm.h", true)]
    #[test_case("linux-headers/", "linux-headers/LICENSES/preferred/MIT", true)]
    #[test_case("linux-headers/", "linux-headers", false; "not the folder itself")]
    #[test_case("linux-headers/", "include/linux-headers/x.h", false; "from the top only")]
    #[test_case("linux-headers/", "linux-headers-old/x.h", false; "whole component")]
    #[test_case("linux-headers/", "Linux-headers/x.h", false; "letter case counts")]
    #[test_case("linux-headers", "linux-headers/x.h", false; "without the slash only the path itself")]
    #[test_case("linux-user/*/*.tbl", "linux-user/arm/syscall.tbl", true)]
    #[test_case("linux-user/*/*.tbl", "linux-user/syscall.tbl", false)]
    #[test_case("linux-user/*/*.tbl", "linux-user/mips/o32/syscall.tbl", false; "star stays inside")]
    #[test_case("linux-user/*/*.tbl", "linux-user/arm/syscall.tbl.orig", false; "end counts")]
    #[test_case("tests/data/acpi/**", "tests/data/acpi/x86/pc/DSDT", true)]
    #[test_case("tests/data/acpi/**", "tests/data/acpi/README", true)]
    #[test_case("tests/data/acpi/**", "tests/data/acpi", false)]
    #[test_case("tests/**/*.json", "tests/a.json", true; "no folder between")]
    #[test_case("tests/**/*.json", "tests/qapi-schema/sub/a.json", true)]
    #[test_case("**/Kconfig", "Kconfig", true)]
    #[test_case("**/Kconfig", "hw/arm/Kconfig", true)]
    #[test_case("**/Kconfig", "hw/arm/Kconfig.host", false)]
    #[test_case("**/tests/", "rust/tests/lib.rs", true)]
    #[test_case("*/", "hw/arm/virt.c", true; "everything in a folder")]
    #[test_case("*/", "configure", false)]
    #[test_case("**", "configure", true)]
    #[test_case("*", "hw/arm/virt.c", false)]
    #[test_case("pc-bios/*.{bin,img,rom,fd}", "pc-bios/vgabios.bin", true)]
    #[test_case("pc-bios/*.{bin,img,rom,fd}", "pc-bios/efi-e1000.rom", true)]
    #[test_case("pc-bios/*.{bin,img,rom,fd}", "pc-bios/edk2-arm-code.fd.bz2", false)]
    #[test_case("pc-bios/*.{bin,img,rom,fd}", "pc-bios/s390-ccw/boot.img", false)]
    #[test_case("scripts/{qapi,decodetree,tracetool}*", "scripts/qapi-gen.py", true)]
    #[test_case("scripts/{qapi,decodetree,tracetool}*", "scripts/decodetree.py", true)]
    #[test_case("scripts/{qapi,decodetree,tracetool}*", "scripts/tracetool/vcpu.py", false; "a folder needs its own pattern")]
    #[test_case("scripts/{qapi,tracetool}/", "scripts/tracetool/format/c.py", true; "braces before the slash")]
    #[test_case("scripts/{qapi,tracetool}/", "scripts/checkpatch.pl", false)]
    #[test_case("hw/char/sclp*.[hc]", "hw/char/sclpconsole.c", true)]
    #[test_case("hw/char/sclp*.[!hc]", "hw/char/sclpconsole.c", false)]
    #[test_case("po/??.po", "po/de.po", true)]
    #[test_case("po/??.po", "po/zh_CN.po", false)]
    #[test_case(r"a\*b", "a*b", true; "escaped star")]
    #[test_case(r"a\*b", "axb", false)]
    #[test_case(".gitlab-ci.d/", ".gitlab-ci.d/base.yml", true; "leading dot of a name")]
    #[test_case("*.rst", ".hidden.rst", true; "a star takes a leading dot")]
    #[test_case("docs/ü*.rst", "docs/über.rst", true)]
    fn one_pattern(pattern: &str, path: &str, expected: bool) {
        assert_eq!(place(&[pattern], path), Ok(expected.then_some(0)));
    }

    #[test_case("tests/data/acpi/x86/pc/DSDT", Some(1))]
    #[test_case("tests/data/acpi/rebuild.sh", Some(0); "the earlier one decides")]
    #[test_case("tests/qtest/meson.build", Some(2))]
    #[test_case("hw/arm/virt.c", None)]
    fn order_decides(path: &str, expected: Option<usize>) {
        let list = ["**/*.sh", "tests/data/", "tests/", "tests/data/acpi/x86/"];
        assert_eq!(place(&list, path), Ok(expected));
    }

    #[test]
    fn an_empty_list_matches_nothing() {
        assert_eq!(place(&[], "configure"), Ok(None));
    }

    #[test_case("", "it is empty")]
    #[test_case("/hw/arm/", "paths are relative")]
    #[test_case("./configure", "paths are relative")]
    #[test_case("../x", "paths are relative")]
    #[test_case("hw/[ab", "unclosed character class")]
    #[test_case("hw/{a,b", "unclosed alternate group")]
    #[test_case("hw/a,b}", "unopened alternate group")]
    #[test_case("hw/[z-a]", "invalid range")]
    #[test_case(r"hw\", "dangling")]
    fn an_error_names_the_pattern(pattern: &str, reason: &str) {
        let text = PathGlobs::new(["docs/", pattern]).map_err(|error| error.to_string());
        let start = format!("failed to read the path pattern `{pattern}`: ");
        let names_it =
            matches!(&text, Err(text) if text.starts_with(&start) && text.contains(reason));
        assert!(names_it, "{text:?}");
    }

    #[test]
    fn sizes_are_bounded() {
        let error = PathGlobs::new(["ä".repeat(2000)]).map(|_| ());
        assert_eq!(
            error,
            Err(PathGlobError::Pattern {
                index: 0,
                pattern: "ä".repeat(512),
                reason: PathGlobReason::TooLong,
            })
        );
        let error = PathGlobs::new(vec!["a"; 10_001]).map(|_| ());
        assert_eq!(error, Err(PathGlobError::TooMany(10_001)));
        let nested = format!("{}a{}", "{".repeat(500), "}".repeat(500));
        // Either answer will do, so long as it comes.
        let _ = PathGlobs::new([nested]).map(|globs| globs.matches("a"));
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_gives_an_answer(pattern in "[a/.*?{},\\[\\]!\\\\-]{0,12}", path in "[a/.]{0,8}") {
            if let Ok(globs) = PathGlobs::new([pattern.as_str()]) {
                proptest::prop_assert_eq!(globs.patterns(), &[pattern]);
                proptest::prop_assert_eq!(globs.matches(&path).is_some(), globs.is_match(&path));
            }
        }
    }
}
