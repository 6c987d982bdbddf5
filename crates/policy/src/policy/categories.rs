//! What kind of file a path is, by the policy's globs.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::glob::PathGlobs;

/// What kind of file a path is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Whatever is none of the others.
    Code,
    /// Documentation.
    Docs,
    /// Tests and what they need.
    Tests,
    /// The build system and continuous integration.
    Build,
    /// Made by a program of the project.
    Generated,
    /// Copied from another project.
    Imported,
    /// Firmware and other binaries.
    Blob,
}

impl Category {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::Docs,
        Self::Tests,
        Self::Build,
        Self::Generated,
        Self::Imported,
        Self::Blob,
    ];

    /// The category of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    /// Whether its lines do not count, where the policy does not say.
    pub(super) fn is_left_out(self) -> bool {
        !matches!(self, Self::Code | Self::Build)
    }

    /// Its name, as in policy files and in output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Docs => "docs",
            Self::Tests => "tests",
            Self::Build => "build",
            Self::Generated => "generated",
            Self::Imported => "imported",
            Self::Blob => "blob",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A policy's globs in the order in which they decide.
#[derive(Debug)]
pub struct Categories {
    pub(super) globs: PathGlobs,
    /// The category of each glob.
    pub(super) of: Vec<Category>,
}

impl Categories {
    /// What kind of file a path is; code where no glob matches.
    #[must_use]
    pub fn of(&self, path: &str) -> Category {
        let place = self.globs.matches(path);
        place.and_then(|place| self.of.get(place)).copied().unwrap_or(Category::Code)
    }
}
