//! How values get into the page: nothing from a mail is ever markup.

use minijinja::{Environment, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig};

use super::HtmlError;
use crate::safe;

const TEMPLATES: [(&str, &str); 4] = [
    ("page.html", include_str!("../../templates/page.html.j2")),
    ("head.html", include_str!("../../templates/head.html.j2")),
    ("figure.html", include_str!("../../templates/figure.html.j2")),
    ("row.html", include_str!("../../templates/row.html.j2")),
];

/// The page's templates. Every value is escaped, whatever a template's name, but for what the
/// templates themselves mark as safe: our own SVG, style, script and rows.
pub(super) fn environment() -> Result<Environment<'static>, HtmlError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    environment.set_syntax(syntax.build()?);
    environment.set_formatter(print);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

fn print(out: &mut Output, _: &mut State, value: &Value) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Err(minijinja::ErrorKind::UndefinedError.into());
    }
    if value.is_none() {
        return Ok(());
    }
    let owned;
    let text = match value.as_str() {
        Some(text) => text,
        None => {
            owned = value.to_string();
            &owned
        }
    };
    if value.is_safe() {
        return Ok(out.write_str(text)?);
    }
    // Controls and bidirectional marks become escapes first, as on a terminal.
    let shown = safe(text).to_string();
    let mut plain = shown.as_str();
    while let Some(at) = plain.find(['&', '<', '>', '"', '\'', '`']) {
        let (before, rest) = plain.split_at_checked(at).unwrap_or((plain, ""));
        out.write_str(before)?;
        let mut letters = rest.chars();
        out.write_str(match letters.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            Some('\'') => "&#39;",
            _ => "&#96;",
        })?;
        plain = letters.as_str();
    }
    Ok(out.write_str(plain)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_never_markup() {
        let mut environment = environment().expect("templates");
        environment.add_template("t", "<p title=\"{{ x }}\">{{ x }}").expect("a template");
        let hostile = "</p><script>alert(1)</script>\"'`&\u{202e}\u{0}\t]]>\u{1b}[1m";
        let x = minijinja::context! { x => hostile };
        let page = environment.get_template("t").expect("it").render(x).expect("a page");
        let text = "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96;&amp;\
                    \\u{202e}\\u{0}\\t]]&gt;\\u{1b}[1m";
        assert_eq!(page, format!("<p title=\"{text}\">{text}"));
    }

    #[test]
    fn what_is_not_there_is_a_fault_and_none_is_nothing() {
        let mut environment = environment().expect("templates");
        environment.add_template("t", "[{{ x }}]").expect("a template");
        let template = environment.get_template("t").expect("it");
        assert!(template.render(minijinja::context! { y => 1 }).is_err());
        let none = minijinja::context! { x => Value::from(()) };
        assert_eq!(template.render(none).expect("a page"), "[]");
    }
}
