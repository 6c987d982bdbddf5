//! MAINTAINERS, disclosure, risk, policy files and rules.

mod agreement;
pub mod assess;
mod assessment;
mod checkout;
mod config;
pub mod diff_facts;
mod fan_in;
mod finding;
pub mod glob;
pub mod maintainers;
pub mod observe;
pub mod policy;
pub mod rules;
mod tree;
mod trust;
pub mod vocabulary;

pub use agreement::{Agreement, AgreementHow, NoAgreement};
pub use assess::{PolicyContext, assess};
pub use assessment::{
    Assessment, Declared, DeclaredForm, Indicated, IndicatedForm, NotJudged, Outcome,
    PatchAssessment, Risk, RuleTrace,
};
pub use checkout::{Checkout, Recognised};
pub use config::{ConfigError, ConfigWarning, line_column, read as read_config};
pub use diff_facts::DiffFacts;
pub use fan_in::{FanIn, FanInCounter};
pub use finding::{Audience, Finding, Severity, TagBefore};
pub use observe::{Observed, observe};
pub use policy::{
    CHECKED_FOR, Category, Policy, Reserved, Stance, Status, about_the_policy, builtin_policies,
    changes_the_policy, is_stable,
};
pub use tree::{Tree, TreeFiles, TreeVerdict, patch_tree, tree_test};
pub use trust::{Trust, TrustRules};
pub use vocabulary::Vocabulary;
