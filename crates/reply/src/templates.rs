//! The texts, which an operator may edit.

use std::collections::BTreeMap;

use minijinja::{
    AutoEscape, Environment, UndefinedBehavior, Value, syntax::SyntaxConfig, value::Serde,
};
use serde::Serialize;

use crate::{
    digest::{self, DigestView},
    render::LINES,
    statement::{View, sample, why::WhyView},
    text,
};

/// The template of a summary.
const SUMMARY: &str = "summary.txt.j2";

/// The template of a digest.
const DIGEST: &str = "digest.txt.j2";

/// The template of an answer to a question.
const WHY: &str = "why.txt.j2";

const BUILTIN: [(&str, &str); 11] = [
    (SUMMARY, include_str!("../../../config/templates/summary.txt.j2")),
    (DIGEST, include_str!("../../../config/templates/digest.txt.j2")),
    (WHY, include_str!("../../../config/templates/why.txt.j2")),
    ("stated.txt.j2", include_str!("../../../config/templates/stated.txt.j2")),
    ("policy.txt.j2", include_str!("../../../config/templates/policy.txt.j2")),
    ("decline.txt.j2", include_str!("../../../config/templates/decline.txt.j2")),
    ("ask.txt.j2", include_str!("../../../config/templates/ask.txt.j2")),
    ("disclosure.txt.j2", include_str!("../../../config/templates/disclosure.txt.j2")),
    ("mark.txt.j2", include_str!("../../../config/templates/mark.txt.j2")),
    ("lost.txt.j2", include_str!("../../../config/templates/lost.txt.j2")),
    ("signature.txt.j2", include_str!("../../../config/templates/signature.txt.j2")),
];

/// The compiled templates of a reply.
#[derive(Clone, Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It cannot be read, or names something that is not there.
    #[error("failed to use the template `{name}`{}: {reason}", at_line(*line))]
    Wrong {
        /// The template's name.
        name: String,
        /// The line in it, from 1.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// A reply from it would have a line that tools take for a trailer.
    #[error("failed to use the templates: tools would take the line `{line}` for a trailer")]
    LikeTrailer {
        /// The line.
        line: String,
    },
    /// A reply from it would be too long, whatever it is about.
    #[error("failed to use the templates: a short reply has {0} lines, and {LINES} are allowed")]
    TooLong(usize),
}

fn at_line(line: Option<usize>) -> String {
    line.map(|line| format!(", line {line}")).unwrap_or_default()
}

impl Templates {
    /// The templates that come with the program.
    ///
    /// # Errors
    /// None with the templates as they are; a test renders each.
    pub fn builtin() -> Result<Self, TemplateError> {
        Self::parse(Self::builtin_texts())
    }

    /// The names and texts of the templates that come with the program.
    pub fn builtin_texts() -> impl Iterator<Item = (String, String)> {
        BUILTIN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
    }

    /// Compiles templates by name; each built-in one that is not given is used as it is.
    ///
    /// # Errors
    /// The first template that cannot be read, with its name and line.
    pub fn parse(texts: impl IntoIterator<Item = (String, String)>) -> Result<Self, TemplateError> {
        let mut all: BTreeMap<String, String> = Self::builtin_texts().collect();
        all.extend(texts);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // An include counts ten; one that includes itself must not exhaust the stack.
        environment.set_recursion_limit(100);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        let mut syntax = SyntaxConfig::builder();
        syntax.trim_blocks(true).lstrip_blocks(true);
        environment.set_syntax(syntax.build().map_err(|error| wrong(SUMMARY, &error))?);
        environment
            .add_filter("fill", |line: &str, indent: usize| text::fill(line, indent.min(40)));
        for (name, text) in all {
            environment
                .add_template_owned(name.clone(), text)
                .map_err(|error| wrong(&name, &error))?;
        }
        let templates = Self { environment };
        templates.try_out()?;
        Ok(templates)
    }

    /// Renders made-up replies of each kind, so that a mistake is found before a mail needs it.
    fn try_out(&self) -> Result<(), TemplateError> {
        for view in sample::views() {
            let text = self.summary(&view)?;
            let lines = text.lines().count();
            no_trailer(&text)?;
            if lines > LINES {
                return Err(TemplateError::TooLong(lines));
            }
        }
        for view in sample::whys() {
            let text = self.why(&view)?;
            let lines = text.lines().count();
            no_trailer(&text)?;
            if lines > LINES {
                return Err(TemplateError::TooLong(lines));
            }
        }
        no_trailer(&self.digest(&digest::sample())?)
    }

    /// Renders the summary and sets it.
    pub(crate) fn summary(&self, view: &View) -> Result<String, TemplateError> {
        self.rendered(SUMMARY, view)
    }

    /// Renders an answer to a question and sets it.
    pub(crate) fn why(&self, view: &WhyView) -> Result<String, TemplateError> {
        self.rendered(WHY, view)
    }

    /// Renders a digest and sets it.
    pub(crate) fn digest(&self, view: &DigestView) -> Result<String, TemplateError> {
        self.rendered(DIGEST, view)
    }

    fn rendered(&self, name: &str, view: &impl Serialize) -> Result<String, TemplateError> {
        let template = self.environment.get_template(name).map_err(|error| wrong(name, &error))?;
        let rendered =
            template.render(Value::from(Serde(view))).map_err(|error| wrong(name, &error))?;
        Ok(text::tidy(&rendered))
    }
}

fn no_trailer(text: &str) -> Result<(), TemplateError> {
    let Some(line) = text::trailer_like(text) else { return Ok(()) };
    let line = text.lines().nth(line - 1).unwrap_or_default().trim().to_owned();
    Err(TemplateError::LikeTrailer { line })
}

/// The innermost template that the error names: an error in an included one comes wrapped.
fn wrong(name: &str, error: &minijinja::Error) -> TemplateError {
    let mut inner = error;
    while let Some(source) = std::error::Error::source(inner)
        && let Some(source) = source.downcast_ref::<minijinja::Error>()
    {
        inner = source;
    }
    let reason = match inner.detail() {
        Some(detail) => format!("{}: {detail}", inner.kind()),
        None => inner.kind().to_string(),
    };
    TemplateError::Wrong {
        name: inner.name().unwrap_or(name).to_owned(),
        line: inner.line(),
        reason,
    }
}
