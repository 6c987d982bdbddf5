//! From when on a patch counts as mechanical.

use super::file;
use crate::diff_facts::Mechanical;

/// From when on a patch counts as mechanical; `[mechanical]` of a policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MechanicalLimits {
    /// Of a hundred changed lines, so many have to be explained by repeated edits.
    pub share: u32,
    /// In so many places.
    pub places: u32,
    /// The same where there are fewer places: then nearly every line.
    pub few_share: u32,
    /// The least places of all.
    pub few_places: u32,
    /// The most changed lines that may be left over.
    pub rest: u32,
}

impl Default for MechanicalLimits {
    fn default() -> Self {
        Self { share: 75, places: 10, few_share: 95, few_places: 5, rest: 40 }
    }
}

impl From<&file::Mechanical> for MechanicalLimits {
    fn from(file: &file::Mechanical) -> Self {
        let own = Self::default();
        Self {
            share: file.share.as_ref().map_or(own.share, |share| *share.get_ref()),
            places: file.places.unwrap_or(own.places),
            few_share: file.few_share.as_ref().map_or(own.few_share, |share| *share.get_ref()),
            few_places: file.few_places.unwrap_or(own.few_places),
            rest: file.rest.unwrap_or(own.rest),
        }
    }
}

/// How many lines have to move for a pure move.
const MOVED: u32 = 10;

impl MechanicalLimits {
    /// Whether a diff with this in it is mechanical.
    #[must_use]
    pub fn hold(&self, found: &Mechanical) -> bool {
        let share = |lines: u32, share: u32| {
            u64::from(lines) * 100 >= u64::from(share) * u64::from(found.changed)
        };
        let rest = found.changed.saturating_sub(found.explained);
        let repeated = rest <= self.rest
            && (found.places >= self.places && share(found.explained, self.share)
                || found.places >= self.few_places && share(found.explained, self.few_share));
        repeated || self.is_move(found)
    }

    /// Whether the lines only move.
    #[must_use]
    pub fn is_move(&self, found: &Mechanical) -> bool {
        found.moved >= MOVED
            && u64::from(found.moved) * 100 >= u64::from(self.few_share) * u64::from(found.changed)
    }
}
