//! `check --hook`, called as git's sendemail-validate calls it.

use std::{env, fs, path::Path};

use crate::{checkout::Checkout, program::Ran};

/// One call, for file `counter` of `files`.
fn call(checkout: &Checkout, files: &[String], counter: usize, options: &[&str]) -> Ran {
    let headers = checkout.write("headers", "To: somebody@example.net\nSubject: [PATCH] x\n");
    let headers = headers.display().to_string();
    let file = files.get(counter - 1).expect("no such file");
    let args = [&["check", "--hook"], options, &[file, &headers]].concat();
    let mut command = checkout.command(&args);
    command.env("GIT_SENDEMAIL_FILE_COUNTER", counter.to_string());
    command.env("GIT_SENDEMAIL_FILE_TOTAL", files.len().to_string());
    checkout.ran(&mut command)
}

fn kept(checkout: &Checkout) -> usize {
    let folder = checkout.path().join(".git/tidewaiter-hook");
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn the_last_call_judges_the_series() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3", "--cover-letter"]);
    for counter in 1..4 {
        let ran = call(&checkout, &files, counter, &[]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    }
    let ran = call(&checkout, &files, 4, &[]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, checkout.run(&["check", "out"]).stdout);
    assert_eq!(kept(&checkout), 0);
}

#[test]
fn strictly_it_keeps_git_from_sending() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    let codes: Vec<i32> = (1..=3).map(|n| call(&checkout, &files, n, &["--strict"]).code).collect();
    assert_eq!(codes, [0, 0, 1]);
}

#[test]
fn a_run_that_was_broken_off_leaves_nothing_in_the_next() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    let other = vec![files[2].clone(), files[2].clone(), files[2].clone()];
    call(&checkout, &other, 1, &[]);
    call(&checkout, &other, 2, &[]);
    assert_eq!(kept(&checkout), 1);
    call(&checkout, &files, 1, &["-q"]);
    call(&checkout, &files, 2, &["-q"]);
    let ran = call(&checkout, &files, 3, &["-q"]);
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    assert_eq!(kept(&checkout), 0);
}

#[test]
fn what_goes_wrong_is_never_in_the_way() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    // The first calls are missing.
    let ran = call(&checkout, &files, 3, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.starts_with("warning: the series was not checked: "), "{}", ran.stderr);
    assert_eq!(call(&checkout, &files, 3, &["--strict"]).code, 3);

    let gone = vec!["out/gone.patch".to_owned()];
    let ran = call(&checkout, &gone, 1, &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("failed to open `out/gone.patch`"), "{}", ran.stderr);
    assert_eq!(call(&checkout, &gone, 1, &["--strict"]).code, 3);
}

#[test]
fn without_gits_variables_a_file_is_judged_alone() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    for (counter, total) in [("", ""), ("0", "3"), ("4", "3"), ("x", "1"), ("1", "99999999999999")]
    {
        let mut command = checkout.command(&["check", "-q", "--hook", &files[0]]);
        command.env("GIT_SENDEMAIL_FILE_COUNTER", counter).env("GIT_SENDEMAIL_FILE_TOTAL", total);
        let ran = checkout.ran(&mut command);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        let expected = format!("{}:8: decline: declared-under-ban: AI-used-for: code\n", files[0]);
        assert_eq!(ran.stdout, expected, "{counter}/{total}");
    }
}

#[test]
fn the_headers_tell_where_it_goes() {
    let checkout = Checkout::with(&["hw"], false);
    checkout.change("hw", "hw: read it once", "AI-used-for: code");
    let files = checkout.format(&["-1"]);
    checkout.write("headers", "To: qemu-devel@nongnu.org\n");
    let mut command = checkout.command(&["check", "--hook", "--strict", &files[0], "headers"]);
    let ran = checkout.ran(&mut command);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{}", ran.stdout);
}

/// The hook of `docs/contributors.md`, run by `git send-email` itself where that is installed.
#[test]
fn git_send_email_calls_it() {
    let checkout = Checkout::series();
    let has = |name: &str| Path::new(checkout.git(&["--exec-path"]).trim()).join(name).exists();
    if !has("git-send-email") {
        return;
    }
    let page = crate::program::root().join("docs/contributors.md");
    let page = fs::read_to_string(page).expect("failed to read the page");
    let hook = page.split("```sh\n").find(|part| part.starts_with("#!/bin/sh\n"));
    let hook = hook.and_then(|part| part.split("```").next()).expect("no hook");
    assert_eq!(hook.lines().count(), 3, "{hook}");
    let path = checkout.write(".git/hooks/sendemail-validate", hook);
    checkout.git(&["config", "sendemail.to", "list@example.net"]);
    checkout.git(&["config", "user.email", "alice@example.org"]);
    checkout.git(&["config", "user.name", "Alice Author"]);
    let mut chmod = std::process::Command::new("chmod");
    assert!(chmod.arg("+x").arg(&path).status().expect("failed to run chmod").success());
    let files = checkout.format(&["-3"]);
    let program = Path::new(env!("CARGO_BIN_EXE_tidewaiter")).parent().expect("no folder");
    let paths = env::var_os("PATH").unwrap_or_default();
    let paths = [program.to_owned()].into_iter().chain(env::split_paths(&paths));
    let mut command = std::process::Command::new("git");
    command.args(["send-email", "--dry-run", "--quiet", "--confirm=never"]).args(&files);
    command.current_dir(checkout.path()).env("PATH", env::join_paths(paths).expect("no path"));
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("failed to run git");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if said.contains("Can't locate") {
        // Perl's modules for mail are another package.
        return;
    }
    assert!(output.status.success(), "{said}");
    assert!(said.contains("2 declines and 1 ask in 3 patches under qemu-2025-06"), "{said}");
}
