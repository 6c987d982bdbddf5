//! A person's wish for good, told on the command line while the daemon runs.

use tidewaiter_store::ReplyState;

use crate::{
    program::run,
    scene::{Scene, Setup, patch},
};

const ALICE: &str = "alice@example.org";

#[test]
fn nothing_is_said_of_who_opted_out() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.start_watching();
    scene.rig.post(&patch(0, ALICE));
    scene.wait("the first is held", |scene| scene.log().contains("a reply waits for a person"));
    let config = scene.path("tidewaiter.toml").display().to_string();
    let tell = |command: &str| run(&[command, ALICE, "--config", &config]);
    let ran = tell("opt-out");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    scene.rig.post(&patch(1, ALICE));
    scene.wait("it is quiet", |scene| scene.log().contains("why=\"opt-out\""));
    // Also after the daemon was killed.
    scene.kill();
    scene.start_watching();
    scene.rig.post(&patch(2, ALICE));
    scene.wait("it stays quiet", |scene| scene.count_in_log("why=\"opt-out\"") == 2);
    assert_eq!(tell("opt-in").code, 0);
    scene.rig.post(&patch(3, ALICE));
    scene.wait("it speaks again", |scene| scene.spoken().len() == 1);
    scene.assert_never_two();
}

/// What waits of theirs is cancelled: at once, or when the daemon starts where none ran.
#[test]
fn what_waits_is_cancelled() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.start_watching();
    let config = scene.path("tidewaiter.toml").display().to_string();
    let tell = |command: &[&str]| {
        let ran = run(&[command, &["--config", &config]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command:?}");
    };
    let cancelled = "a reply was cancelled: it is no longer wanted";
    for (round, author) in [ALICE, "bob@example.org"].into_iter().enumerate() {
        scene.rig.post(&patch(10 * round, author));
        scene.wait("the first is held", |scene| {
            scene.count_in_log("a reply waits for a person") == round + 1
        });
        tell(&["stop"]);
        scene.rig.post(&patch(10 * round + 1, author));
        scene.wait("the second waits", |scene| {
            scene.count_in_log("a reply waits to be sent") == round + 1
        });
        if round > 0 {
            scene.kill();
        }
        tell(&["opt-out", author]);
        if round > 0 {
            scene.start_watching();
        }
        scene.wait("both are cancelled", |scene| scene.count_in_log(cancelled) == 2 * (round + 1));
        tell(&["resume"]);
    }
    scene.wait_until_stored();
    assert_eq!(scene.spoken().len(), 0);
    assert!(scene.replies().iter().all(|reply| reply.state == ReplyState::Cancelled));
}
