//! What a service manager is told.

use std::{
    fs,
    io::ErrorKind,
    os::unix::net::UnixDatagram,
    time::{Duration, Instant},
};

use test_case::test_case;
use tidewaiter_store::ReplyState;

use crate::scene::{SOON, Scene, Setup};

/// The service manager's socket.
struct Manager(UnixDatagram);

impl Manager {
    /// A scene with one, and a daemon that says every half second that it is alive.
    fn with_scene() -> Option<(Self, Scene)> {
        let mut scene = Scene::new(Setup::default())?;
        let path = scene.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        for (name, value) in [
            ("TIDEWAITER_TIMEOUTS", "short"),
            ("NOTIFY_SOCKET", path.to_str().unwrap()),
            ("WATCHDOG_USEC", "1000000"),
        ] {
            scene.setup.env.push((name.to_owned(), value.to_owned()));
        }
        Some((Self(socket), scene))
    }

    /// The next message, if one comes in time.
    fn next(&self) -> Option<Vec<String>> {
        let mut bytes = [0; 4096];
        match self.0.recv(&mut bytes) {
            Ok(length) => {
                let text = String::from_utf8(bytes[..length].to_vec()).unwrap();
                Some(text.lines().map(str::to_owned).collect())
            }
            Err(e) => {
                assert!(matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{e}");
                None
            }
        }
    }

    /// The next message with a line that begins so.
    fn wait(&self, scene: &Scene, line: &str) -> Vec<String> {
        let until = Instant::now() + SOON;
        loop {
            assert!(Instant::now() < until, "never: {line}\n{}", scene.log());
            if let Some(message) = self.next().filter(|all| all.iter().any(|l| l.starts_with(line)))
            {
                return message;
            }
        }
    }

    /// How often it is said in so much time that all is well.
    fn beats(&self, time: Duration) -> usize {
        let until = Instant::now() + time;
        let mut beats = 0;
        while Instant::now() < until {
            beats += usize::from(self.next().is_some_and(|all| all.contains(&"WATCHDOG=1".into())));
        }
        beats
    }
}

#[test]
fn it_hears_of_the_start_of_a_reload_and_of_the_end() {
    let Some((manager, mut scene)) = Manager::with_scene() else { return };
    scene.start();
    let ready = manager.wait(&scene, "READY=1");
    assert!(ready[1].starts_with("STATUS="), "{ready:?}");
    manager.wait(&scene, "STATUS=1 of 1 mailboxes read to their end, no alarm");
    assert!(manager.beats(Duration::from_secs(5)) >= 3, "{}", scene.log());
    scene.signal("HUP");
    let reloading = manager.wait(&scene, "RELOADING=1");
    let since = reloading.iter().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(since.unwrap().parse::<u64>().unwrap() > 0, "{reloading:?}");
    let ready = manager.wait(&scene, "READY=1");
    assert!(!ready.contains(&"RELOADING=1".to_owned()));
    scene.signal("USR1");
    manager
        .wait(&scene, "STATUS=1 of 1 mailboxes read to their end, one alarm, sending is stopped");
    scene.signal("TERM");
    manager.wait(&scene, "STOPPING=1");
    assert!(scene.end().success(), "{}", scene.log());
}

/// Neither of the threads that do the work may hang unnoticed.
#[test_case("before-batch"; "the thread that decides")]
#[test_case("before-connect"; "the thread that sends")]
fn it_hears_nothing_while_a_thread_hangs(at: &str) {
    let Some((manager, mut scene)) = Manager::with_scene() else { return };
    let hangs = scene.path("hangs");
    for (name, value) in
        [("TIDEWAITER_HANG_AT", at), ("TIDEWAITER_HANG_WHILE", hangs.to_str().unwrap())]
    {
        scene.setup.env.push((name.to_owned(), value.to_owned()));
    }
    scene.start_watching();
    scene.post_patch(0);
    scene.wait("the first series waits for a person", |s| s.replies_in(ReplyState::Held) == 1);
    assert!(manager.beats(Duration::from_secs(3)) > 0, "{}", scene.log());
    fs::write(&hangs, "").unwrap();
    scene.post_patch(1);
    // It may be silent for three seconds, and is told as alive until then.
    manager.beats(Duration::from_secs(6));
    assert_eq!(manager.beats(Duration::from_secs(3)), 0, "{}", scene.log());
    fs::remove_file(&hangs).unwrap();
    manager.wait(&scene, "WATCHDOG=1");
    scene.wait_until_stored();
    assert!(scene.end().success(), "{}", scene.log());
}
