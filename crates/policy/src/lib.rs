//! MAINTAINERS, disclosure, risk, policy files and rules.

mod assessment;
mod config;
mod finding;
pub mod glob;
pub mod maintainers;
pub mod observe;
pub mod vocabulary;

pub use assessment::{
    Assessment, Declared, DeclaredForm, Indicated, IndicatedForm, NotJudged, Outcome,
    PatchAssessment, Risk, RuleTrace,
};
pub use config::{ConfigError, ConfigWarning, line_column};
pub use finding::{Audience, Finding, Severity};
pub use observe::{Observed, observe};
pub use vocabulary::Vocabulary;
