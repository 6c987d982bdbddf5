//! What is said where the program itself fails.

use std::{
    panic::{self, Location},
    thread,
};

use tracing::error;

/// From here on a panic is one line of the log: where it came up, and in which thread. What it says of
/// itself is left out, since that may quote a mail, or what a server said.
pub(super) fn tell_the_place() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(Location::to_string);
        let thread = thread::current();
        error!(thread = thread.name(), place, "the program failed, which is a fault of its own");
    }));
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Written {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn a_panic_quotes_nothing() {
        let written = Written::default();
        let log = tracing_subscriber::fmt().with_writer(written.clone()).with_ansi(false).finish();
        let before = panic::take_hook();
        tell_the_place();
        let failed = thread::Builder::new().name("decides".to_owned()).spawn(|| {
            tracing::subscriber::with_default(log, || {
                let mail = "canary";
                panic!("byte index 8 is out of bounds of `{mail}`");
            });
        });
        assert!(failed.unwrap().join().is_err());
        panic::set_hook(before);
        let said = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(!said.contains("canary"), "{said}");
        assert!(said.contains("ERROR") && said.contains("thread=\"decides\""), "{said}");
        assert!(said.contains("daemon/panics.rs:"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}
