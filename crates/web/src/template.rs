//! The templates, and how values get into them: nothing from a snapshot is ever markup.

use std::sync::LazyLock;

use data_encoding::BASE64;
use minijinja::{Environment, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig};
use sha2::{Digest as _, Sha256};

use crate::shown::shown;

const TEMPLATES: [(&str, &str); 5] = [
    ("head.html", include_str!("../templates/head.html.j2")),
    ("macros.html", include_str!("../templates/macros.html.j2")),
    ("page.html", include_str!("../templates/page.html.j2")),
    ("away.html", include_str!("../templates/away.html.j2")),
    ("feed.atom", include_str!("../templates/feed.atom.j2")),
];

/// The style sheet as it stands in the page.
pub(crate) static STYLE: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("../templates/style.css").lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
});

/// Its hash, for a Content-Security-Policy.
pub(crate) static STYLE_HASH: LazyLock<String> =
    LazyLock::new(|| format!("sha256-{}", BASE64.encode(&Sha256::digest(STYLE.as_bytes()))));

/// The templates. Every value is escaped, for HTML as for XML, whatever a template's name.
pub(crate) fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    environment.set_syntax(syntax.build()?);
    environment.set_formatter(print);
    environment.add_global("style", Value::from_safe_string(STYLE.clone()));
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
    let text = value.to_string();
    if value.is_safe() {
        return Ok(out.write_str(&text)?);
    }
    // Controls and bidirectional marks become escapes first, as on a terminal.
    let shown = shown(&text).to_string();
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
        let mut environment = environment().unwrap();
        environment.add_template("t", "<p title=\"{{ x }}\">{{ x }}").unwrap();
        let hostile = "</p><script>alert(1)</script>\"'`&\u{202e}\u{0}\t]]>\u{1b}[1m\n";
        let x = minijinja::context! { x => hostile };
        let page = environment.get_template("t").unwrap().render(x).unwrap();
        let text = "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&#96;&amp;\
                    \\u{202e}\\u{0}\\t]]&gt;\\u{1b}[1m\\n";
        assert_eq!(page, format!("<p title=\"{text}\">{text}"));
    }

    #[test]
    fn what_is_not_there_is_a_fault_and_none_is_nothing() {
        let mut environment = environment().unwrap();
        environment.add_template("t", "[{{ x }}]").unwrap();
        let template = environment.get_template("t").unwrap();
        assert!(template.render(minijinja::context! { y => 1 }).is_err());
        assert_eq!(template.render(minijinja::context! { x => Value::from(()) }).unwrap(), "[]");
    }
}
