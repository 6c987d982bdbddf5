//! MAINTAINERS, disclosure, risk, policy files and rules.

mod assessment;
mod finding;
pub mod glob;
pub mod maintainers;

pub use assessment::{
    Assessment, Declared, DeclaredForm, Indicated, IndicatedForm, NotJudged, Outcome,
    PatchAssessment, Risk, RuleTrace,
};
pub use finding::{Audience, Finding, Severity};
