//! Mails that the program cannot read.

use tidewaiter_testkit::rig::Post;

use super::{ALICE, short, watching};
use crate::scene::patch;

/// One mail of several makes the program panic, which goes on: the others are stored and answered,
/// and that one is put aside after its tries.
#[test]
fn one_of_several_panics() {
    let mut setup = short();
    setup.env.push(("TIDEWAITER_CHOKE_ON".to_owned(), "choke-on-this".to_owned()));
    let Some(mut scene) = watching(setup) else { return };
    assert!(scene.end().success());
    // Read together at the next start.
    scene.post(0);
    scene.post(1);
    let bad = String::from_utf8(patch(2000, ALICE)).unwrap();
    let bad = bad.replace("Frob it.", "Frob it, and choke-on-this.");
    scene.rig.send_in_order(Post::new(bad.as_bytes()));
    scene.post(2);
    scene.start();
    scene.wait_alarm("quarantine");
    for number in 0..3 {
        scene.wait_answered(number);
    }
    assert_eq!(scene.store().quarantined().unwrap().len(), 1);
    // Among others, and twice by itself.
    assert_eq!(scene.count_in_log("failed to read these mails"), 3, "{}", scene.log());
    scene.answers_again(3);
    scene.wait_until_stored();
    assert!(scene.end().success());
    // It is left alone by the next start, too.
    scene.start_watching();
    scene.answers_again(4);
    scene.wait_until_stored();
    scene.assert_sound(5);
}
