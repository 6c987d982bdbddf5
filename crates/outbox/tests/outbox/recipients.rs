//! Recipients that the server refuses: which of them are never written to again.

use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::Script;

use crate::scene::{LIST, Scene, pass};

const AUTHOR: &str = "author1@example.org";

fn refusing(answers: &[(&str, &'static str)]) -> Scene {
    let mut script = Script::default();
    script.refused.extend(answers.iter().map(|(who, answer)| ((*who).to_owned(), *answer)));
    Scene::new(script)
}

/// Who is noted as never to be written to again.
fn remembered(scene: &Scene) -> Vec<String> {
    let conn = rusqlite::Connection::open(scene.path()).unwrap();
    let mut all = conn
        .prepare("SELECT detail FROM events WHERE detail LIKE '% refused %' ORDER BY id")
        .unwrap();
    let rows = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
    rows.map(|row| row.unwrap().rsplit(' ').next().unwrap().to_owned()).collect()
}

#[test_case("550 5.1.1 no such user", true; "no such user")]
#[test_case("550 User unknown", true; "no number")]
#[test_case("550 5.2.1 closed", true; "closed")]
#[test_case("554 5.7.1 Relay access denied", false; "no relay")]
#[test_case("550 5.7.1 blocked", false; "blocked")]
#[test_case("552 5.2.2 over quota", false; "full")]
#[test_case("554 no", false; "another code")]
fn one_is_left_out(answer: &'static str, for_good: bool) {
    let scene = refusing(&[(AUTHOR, answer)]);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken()[0].to, [LIST]);
    let row = scene.row(&id);
    assert_eq!(row.state, ReplyState::Sent);
    assert!(row.note.unwrap().starts_with("author1@example.org was refused: "));
    assert_eq!(remembered(&scene), if for_good { vec![AUTHOR] } else { vec![] });
}

/// A reply that goes to the author alone is dead then; that there is no such author stays known.
#[test_case("550 5.1.1 no such user", true; "no such user")]
#[test_case("554 5.7.1 Relay access denied", false; "no relay")]
fn all_are_refused(answer: &'static str, for_good: bool) {
    let scene = refusing(&[(AUTHOR, answer)]);
    let id = scene.queue(1);
    let conn = rusqlite::Connection::open(scene.path()).unwrap();
    conn.execute("UPDATE replies SET recipients = json_array(?1)", [AUTHOR]).unwrap();
    pass(&mut scene.outbox());
    let row = scene.row(&id);
    assert_eq!((row.state, row.armed), (ReplyState::Dead, None));
    assert!(row.note.unwrap().contains("author1@example.org was refused: "));
    assert_eq!(remembered(&scene), if for_good { vec![AUTHOR] } else { vec![] });
}

/// The list is a list all the same, and whoever was refused before it stays known.
#[test]
fn the_list_refuses_after_the_author() {
    let scene = refusing(&[(LIST, "550 5.1.1 no such list"), (AUTHOR, "550 5.1.1 no such user")]);
    let id = scene.queue(1);
    let conn = rusqlite::Connection::open(scene.path()).unwrap();
    conn.execute("UPDATE replies SET recipients = json_array(?1, ?2)", [AUTHOR, LIST]).unwrap();
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.dots()), (ReplyState::Dead, 0));
    assert_eq!(remembered(&scene), [AUTHOR]);
}
