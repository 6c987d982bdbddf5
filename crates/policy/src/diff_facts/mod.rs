//! What a diff's lines say, apart from any policy: small facts, so that the text can go.

mod mechanical;

use tidewaiter_patch::{DiffLine, DiffLines};

pub use mechanical::Mechanical;

/// How many changed lines of one diff are looked at; of a longer one nothing is said as a whole.
const LINES: usize = 20_000;

/// What a diff's lines say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiffFacts {
    /// The same edit over and over, where that is half of the diff or more.
    pub mechanical: Option<Mechanical>,
}

impl DiffFacts {
    /// Looks at a diff; `None` where there is nothing to say. At most 20,000 changed lines.
    #[must_use]
    pub fn of(diff: &str) -> Option<Self> {
        let mut runs = mechanical::Runs::default();
        let (mut files, mut lines) = (0_u32, 0_usize);
        for line in DiffLines::new(diff) {
            match line {
                DiffLine::File { .. } => files += 1,
                DiffLine::Hunk { .. } | DiffLine::Context(_) => runs.stop(),
                DiffLine::Removed(text) => runs.line(files, false, text),
                DiffLine::Added(text) => runs.line(files, true, text),
            }
            lines += usize::from(matches!(line, DiffLine::Removed(_) | DiffLine::Added(_)));
            if lines > LINES {
                break;
            }
        }
        let mechanical = if lines > LINES { None } else { mechanical::look(&runs, files) };
        let facts = Self { mechanical };
        (facts != Self::default()).then_some(facts)
    }
}
