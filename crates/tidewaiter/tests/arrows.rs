//! The house keeps its shape: which crate may depend on which, and what a pure crate must not
//! touch. `docs/architecture.md` says why.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

#[path = "arrows/pure.rs"]
mod pure;

/// Each crate of the workspace, and the crates of the workspace that it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("mail", &[]),
    ("patch", &["mail"]),
    ("policy", &["mail", "patch"]),
    ("reply", &["mail", "patch", "policy"]),
    ("engine", &["mail", "patch", "policy", "reply"]),
    ("report", &["mail", "patch", "policy", "reply", "engine"]),
    ("archive", &["mail"]),
    ("store", &["mail", "patch", "reply", "engine"]),
    ("outbox", &["mail", "store"]),
    ("imap", &[]),
    ("web", &[]),
    ("testkit", &[]),
    (
        "tidewaiter",
        &[
            "mail", "patch", "policy", "reply", "engine", "report", "archive", "imap", "store",
            "outbox", "web",
        ],
    ),
];

/// The crates without clock, socket, file, environment and terminal.
const PURE: &[&str] = &["mail", "patch", "policy", "reply", "engine", "report"];

/// What no pure crate may pull in, at any depth.
const IMPURE_DEPENDENCIES: &[&str] =
    &["async-imap", "axum", "clap", "indicatif", "lettre", "rusqlite", "tokio"];

#[test]
fn arrows_point_one_way() {
    let faults = arrow_faults(&metadata().unwrap()).unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_wrong_arrow_is_reported() {
    let faults = arrow_faults(&json!({
        "workspace_members": ["m", "r", "n"],
        "packages": [
            {"id": "m", "name": "tidewaiter-mail", "dependencies": [
                {"name": "tidewaiter-patch", "kind": null},
                {"name": "tidewaiter-testkit", "kind": "dev"},
                {"name": "tidewaiter", "kind": "dev"}]},
            {"id": "r", "name": "tidewaiter-reply", "dependencies": [
                {"name": "tidewaiter-testkit", "kind": null}]},
            {"id": "n", "name": "tidewaiter-new", "dependencies": []},
            {"id": "x", "name": "x", "dependencies": []},
            {"id": "t", "name": "tokio", "dependencies": []}],
        "resolve": {"nodes": [
            {"id": "m", "deps": [{"pkg": "x", "dep_kinds": [{"kind": null}]}]},
            {"id": "x", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "build"}, {"kind": null}]}]},
            {"id": "r", "deps": [{"pkg": "t", "dep_kinds": [{"kind": "dev"}]}]},
            {"id": "n", "deps": []},
            {"id": "t", "deps": []}]}
    }))
    .unwrap();
    assert_eq!(
        faults,
        [
            "mail must not depend on patch",
            "mail must not depend on tidewaiter",
            "mail is pure, but pulls in tokio: tidewaiter-mail -> x -> tokio",
            "reply must not depend on testkit",
            "new is not in the table of arrows: add it here and to docs/architecture.md",
        ]
    );
}

/// Points at which a process dies on demand are for tests: no normal dependency turns them on.
#[test]
fn no_program_has_fail_points() {
    let metadata = metadata().unwrap();
    let mut with = Vec::new();
    for package in array(&metadata["packages"]).unwrap() {
        assert!(!package["features"]["default"].to_string().contains("failpoints"));
        for dependency in array(&package["dependencies"]).unwrap() {
            let asked = dependency["features"].to_string().contains("failpoints");
            if asked && dependency["kind"] != "dev" {
                with.push(text(&package["name"]));
            }
        }
    }
    assert!(with.is_empty(), "{with:?}");
}

/// What `cargo metadata` says of this workspace on this machine's platform. Crates for other
/// platforms are left out because they are not downloaded, so `--offline` could not read them.
fn metadata() -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let version = Command::new(&cargo).arg("-vV").output().context("failed to run cargo -vV")?;
    let version = String::from_utf8(version.stdout)?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let output = Command::new(&cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", host.context("failed to find the host in cargo -vV")?])
        .current_dir(workspace_root())
        .output()
        .context("failed to run cargo metadata")?;
    ensure!(
        output.status.success(),
        "failed to run cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// One line for each arrow that the table does not allow, in the order of the workspace members.
fn arrow_faults(metadata: &Value) -> Result<Vec<String>> {
    let names: BTreeMap<&str, &str> =
        array(&metadata["packages"])?.iter().map(|p| (text(&p["id"]), text(&p["name"]))).collect();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut faults = Vec::new();
    for member in array(&metadata["workspace_members"])? {
        let package = array(&metadata["packages"])?
            .iter()
            .find(|p| p["id"] == *member)
            .context("failed to find a workspace member among the packages")?;
        let krate = short(text(&package["name"]));
        let Some(allowed) = allowed.get(krate) else {
            faults.push(format!(
                "{krate} is not in the table of arrows: add it here and to docs/architecture.md"
            ));
            continue;
        };
        for dependency in array(&package["dependencies"])? {
            let name = text(&dependency["name"]);
            let ours = name == "tidewaiter" || name.starts_with("tidewaiter-");
            // A test may read an archive or build a fixture; nothing may use the program.
            let dev = dependency["kind"] == "dev" && name != "tidewaiter";
            if ours && !dev && !allowed.contains(&short(name)) {
                faults.push(format!("{krate} must not depend on {}", short(name)));
            }
        }
        if PURE.contains(&krate) {
            for way in ways_to(metadata, text(member), &names)? {
                let last = way.last().copied().unwrap_or_default();
                faults.push(format!("{krate} is pure, but pulls in {last}: {}", way.join(" -> ")));
            }
        }
    }
    Ok(faults)
}

/// The shortest way over normal dependencies from `member` to each impure package.
fn ways_to<'m>(
    metadata: &'m Value,
    member: &'m str,
    names: &BTreeMap<&'m str, &'m str>,
) -> Result<Vec<Vec<&'m str>>> {
    let resolve = &metadata["resolve"];
    let dependencies: BTreeMap<&str, &Value> =
        array(&resolve["nodes"])?.iter().map(|n| (text(&n["id"]), &n["deps"])).collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([member]);
    let mut queue = VecDeque::from([(member, vec![names[member]])]);
    while let Some((id, way)) = queue.pop_front() {
        if way.last().is_some_and(|name| IMPURE_DEPENDENCIES.contains(name)) {
            found.push(way);
            continue;
        }
        let next =
            dependencies.get(id).context("failed to find a package in the resolved graph")?;
        for dependency in array(next)? {
            let normal = array(&dependency["dep_kinds"])?.iter().any(|k| k["kind"].is_null());
            let next = text(&dependency["pkg"]);
            if normal && seen.insert(next) {
                queue.push_back((next, way.iter().copied().chain([names[next]]).collect()));
            }
        }
    }
    Ok(found)
}

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("failed to read cargo metadata: not an array")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The folder's name of a package: `tidewaiter-mail` lies in `mail`.
fn short(package: &str) -> &str {
    package.strip_prefix("tidewaiter-").unwrap_or(package)
}
