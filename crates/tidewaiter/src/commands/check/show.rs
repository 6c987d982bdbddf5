//! What was found, for people: the line of the mail, the policy's words, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use tidewaiter_policy::{Finding, Policy, Severity, Status, line_column, policy::Sentence, rules};
use tidewaiter_report::{cut, lines};

use super::{
    Assessed,
    input::{Cited, Source},
    sum,
};
use crate::{archives::safe, cli::Global, diagnostics};

/// Columns where the terminal does not say.
const WIDTH: usize = 80;
/// What `   = note: ` takes of a line, with a line number of three digits in front.
const NAMED: usize = 12;
/// What `   = ` takes of it.
const UNNAMED: usize = 6;

/// How it is shown.
struct Look {
    width: usize,
    renderer: Renderer,
}

/// Everything that was found, and one line that sums it up.
pub(super) fn text(assessed: &Assessed, global: &Global) -> String {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = columns.unwrap_or(WIDTH).clamp(40, 100);
    let renderer = diagnostics::renderer(global, &std::io::stdout()).term_width(width);
    let look = Look { width, renderer };
    let mut out = String::new();
    let first = assessed.checked.judged.first();
    let assessment = first.and_then(|judged| judged.assessment.as_ref());
    let findings = assessment.map(|a| a.findings.as_slice()).unwrap_or_default();
    let mut shown: Vec<Shown<'_>> = findings
        .iter()
        .zip(&assessed.checked.places)
        .map(|(finding, place)| Shown::new(assessed, finding, *place))
        .collect();
    // The gravest last: it is nearest to the prompt. What one rule says stays together.
    shown.sort_by_key(|shown| (shown.finding.severity, &shown.finding.rule));
    if global.quiet {
        let grave = shown.iter().filter(|shown| shown.finding.severity > Severity::Note);
        return grave.map(Shown::short).collect();
    }
    let same = |a: &Shown<'_>, b: &Shown<'_>| {
        a.finding.severity == b.finding.severity && a.finding.rule == b.finding.rule
    };
    for of_rule in shown.chunk_by(same) {
        out.push_str(&full(assessed, of_rule, &look));
        out.push_str("\n\n");
    }
    out.push_str(&sum::up(assessed, global, look.width));
    out
}

/// A finding and the line that it is about.
struct Shown<'a> {
    finding: &'a Finding,
    source: Option<&'a Source>,
    cited: Option<Cited>,
}

impl<'a> Shown<'a> {
    fn new(assessed: &'a Assessed, finding: &'a Finding, place: Option<usize>) -> Self {
        let source = place.and_then(|place| assessed.sources.get(place));
        let cited = source.zip(finding.line).and_then(|(source, line)| source.cite(line));
        let cited = cited.filter(|cited| !cited.text.trim().is_empty());
        Self { finding, source, cited }
    }

    /// `0001-x.patch:12: decline: declared-under-ban: AI-used-for: code`
    fn short(&self) -> String {
        let line = self.cited.as_ref().and_then(|cited| cited.line);
        let at = match (self.source, line) {
            (Some(source), Some(line)) => format!("{}:{line}: ", source.label),
            (Some(source), None) => format!("{}: ", source.label),
            (None, _) => String::new(),
        };
        let text = self.finding.text.as_deref().map(|text| format!(": {text}"));
        let (rule, text) = (&self.finding.rule, text.unwrap_or_default());
        let line = format!("{at}{}: {rule}{text}", word(self.finding.severity));
        format!("{}\n", safe(&line).replace('\n', " "))
    }

    /// The line of the mail, or its file, and what the line itself does not say.
    fn add_to(&self, group: Group<'a>, look: &Look) -> Group<'a> {
        let path = self.source.map(|source| safe(&source.label));
        let text = self.finding.text.as_deref();
        let (group, rest) = match (path, &self.cited) {
            (Some(path), Some(Cited { line: Some(line), text: cited })) => {
                let cited = safe(&cited.replace('\t', " "));
                let start = cited.len() - cited.trim_start().len();
                let rest = text.filter(|text| !says(&cited, &safe(text)));
                let cited = cut(&cited, look.width.saturating_sub(UNNAMED));
                let marked = AnnotationKind::Primary.span(start..cited.len());
                let snippet = Snippet::source(cited).path(path).line_start(*line);
                (group.element(snippet.annotation(marked)), rest)
            }
            (Some(path), _) => (group.element(Origin::path(path)), text),
            (None, _) => (group, text),
        };
        match rest {
            Some(rest) => group.element(Level::NOTE.message(wrapped(rest, NAMED, look))),
            None => group,
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Ask => "ask",
        Severity::Decline => "decline",
    }
}

/// What one rule found, as rustc shows an error.
fn full(assessed: &Assessed, shown: &[Shown<'_>], look: &Look) -> String {
    let Some(finding) = shown.first().map(|shown| shown.finding) else { return String::new() };
    let level = match finding.severity {
        Severity::Note => Level::NOTE,
        Severity::Ask => Level::WARNING,
        Severity::Decline => Level::ERROR,
    };
    let word = word(finding.severity);
    let summary = rules::by_id(&finding.rule).map_or("", |rule| rule.meta.summary);
    let room = look.width.saturating_sub(word.len() + finding.rule.len() + 4);
    let room = room.max(10);
    let title = level.with_name(word).primary_title(lines(summary, room).join("\n"));
    let title = Group::with_title(title.id(finding.rule.as_str()));
    let mail = shown.iter().fold(title, |group, shown| shown.add_to(group, look));
    let mut groups = vec![mail.element(Level::HELP.message(wrapped(&finding.advice, NAMED, look)))];
    if let Some(policy) = assessed.context.policy(&assessed.picked.id) {
        let sentences: Vec<&Sentence> = policy.sentences_of(&finding.rule).collect();
        let same = |a: &&Sentence, b: &&Sentence| headed(policy, a) == headed(policy, b);
        let of_one_text = sentences.chunk_by(same);
        groups.extend(of_one_text.map(|sentences| words(assessed, policy, sentences, look)));
    }
    look.renderer.render(&groups)
}

/// Whether a line says all of a text, whatever blanks stand between its words.
fn says(line: &str, text: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    words(line).contains(&words(text))
}

/// Whose words a sentence is.
fn headed(policy: &Policy, sentence: &Sentence) -> String {
    let date = sentence.date.or(policy.date);
    let dated = |word: &str| date.map(|date| format!(" {word} {date}")).unwrap_or_default();
    let project = &policy.project;
    match (&sentence.text, &sentence.by, policy.status) {
        (None, ..) => format!("what is reported of {project}; its own words were not read"),
        (Some(_), Some(by), _) => format!("{by} wrote{}", dated("on")),
        (Some(_), None, Status::InForce) => format!("{project}'s policy text{} says", dated("of")),
        (Some(_), None, Status::Proposed) => {
            format!("the text{} that is proposed for {project} says", dated("of"))
        }
        (Some(_), None, Status::Retired) => {
            format!("{project}'s former policy text{} said", dated("of"))
        }
    }
}

/// Sentences of one text, each with its place in the policy's file, and the text's link.
fn words<'a>(
    assessed: &Assessed,
    policy: &Policy,
    sentences: &[&Sentence],
    look: &Look,
) -> Group<'a> {
    let (path, file) = &assessed.policy_file;
    let title = sentences.first().map(|sentence| headed(policy, sentence)).unwrap_or_default();
    let title = lines(&safe(&title), look.width.saturating_sub(6)).join("\n");
    let mut group = Group::with_title(Level::NOTE.secondary_title(title));
    let mut links: Vec<&String> = Vec::new();
    for sentence in sentences {
        let (line, _) = line_column(file, sentence.span.start);
        let said = match &sentence.text {
            Some(text) => format!("\"{text}\""),
            None => sentence.summary.clone().unwrap_or_default(),
        };
        group = group
            .element(Origin::path(safe(path)).line(line))
            .element(Level::NOTE.no_name().message(wrapped(&said, UNNAMED, look)));
        let link = sentence.url.as_ref().or(sentence.reported_by.as_ref());
        links.extend(link.filter(|link| !links.contains(link)));
    }
    links
        .into_iter()
        .fold(group, |group, link| group.element(Level::NOTE.no_name().message(safe(link))))
}

/// Text for a line behind `=`; what comes from mails or files is made safe.
fn wrapped(text: &str, indent: usize, look: &Look) -> String {
    lines(&safe(text), look.width.saturating_sub(indent)).join("\n")
}
