//! What an operator may do to the texts.

use test_case::test_case;

use super::scene::{asking, declining};
use crate::{RenderError, TemplateError, Templates};

fn with(name: &str, text: &str) -> Result<Templates, TemplateError> {
    Templates::parse([(name.to_owned(), text.to_owned())])
}

#[test]
fn one_can_be_changed() {
    let templates = with("ask.txt.j2", "Please look at this, {{ list }}.\n").unwrap();
    assert!(asking().try_reply(&templates).unwrap().body.contains("look at this, qemu-devel."));
}

#[test_case("ask.txt.j2", "a\n{% if %}\n", 2; "syntax")]
#[test_case("stated.txt.j2", "{{ stated.whom }}\n", 1; "a field that is not there")]
#[test_case("ask.txt.j2", "\n{{ subject }}\n", 2; "a value that is not there")]
#[test_case("ask.txt.j2", "{{ list | nonsense }}\n", 1; "a filter that is not there")]
#[test_case("summary.txt.j2", "a\n\n{% include \"none.j2\" %}", 3; "an include that is not there")]
#[test_case("ask.txt.j2", "{% include \"ask.txt.j2\" %}", 1; "one that includes itself")]
fn mistakes_are_told_with_their_line(name: &str, text: &str, line: usize) {
    let error = with(name, text).unwrap_err();
    let TemplateError::Wrong { name: told, line: at, .. } = &error else { panic!("{error}") };
    assert_eq!((told.as_str(), *at), (name, Some(line)));
    let told = error.to_string();
    let start = format!("failed to use the template `{name}`, line {line}: ");
    assert!(told.starts_with(&start) && told.len() > start.len(), "{told}");
}

#[test]
fn a_trailer_in_a_template_is_refused() {
    let error = with("ask.txt.j2", "Reviewed-by: tidewaiter\n").unwrap_err();
    assert_eq!(error, TemplateError::LikeTrailer { line: "Reviewed-by: tidewaiter".to_owned() });
    // One that only comes up with a certain list is found when the mail is written.
    let templates = with("ask.txt.j2", "{{ list }} me\n").unwrap();
    let mut scene = asking();
    scene.list.list_name = "Reviewed-by:".to_owned();
    assert_eq!(scene.try_reply(&templates), Err(RenderError::LikeTrailer { line: 9 }));
}

#[test]
fn a_long_template_is_refused() {
    let error = with("decline.txt.j2", &"word\n".repeat(50)).unwrap_err();
    assert!(matches!(error, TemplateError::TooLong(60)), "{error}");
    let templates = with("decline.txt.j2", &"{{ list }} ".repeat(30)).unwrap();
    let mut scene = declining();
    scene.list.list_name = "long ".repeat(100);
    assert!(matches!(scene.try_reply(&templates), Err(RenderError::TooLong(_))));
}
