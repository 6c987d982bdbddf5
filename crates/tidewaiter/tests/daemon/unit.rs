//! The unit for systemd, and what it hands to the daemon.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Command};

use crate::{
    program::{command, root},
    scene::{Scene, Setup},
};

impl Scene {
    fn change_configuration(&self, change: impl FnOnce(String) -> String) {
        let file = self.path("tidewaiter.toml");
        let text = change(fs::read_to_string(&file).unwrap());
        fs::write(file, text).unwrap();
    }
}

#[test]
fn passwords_and_key_are_credentials() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    let folder = scene.path("credentials");
    fs::create_dir(&folder).unwrap();
    fs::copy(scene.rig.password_file(), folder.join("mail")).unwrap();
    fs::write(folder.join("id-key"), [7; 32]).unwrap();
    fs::set_permissions(folder.join("id-key"), fs::Permissions::from_mode(0o440)).unwrap();
    let password = format!("password-file = \"{}\"", scene.rig.password_file().display());
    scene.change_configuration(|text| {
        text.replace("key = \"key\"", "key-credential = \"id-key\"")
            .replace(&password, "credential = \"mail\"")
    });
    fs::remove_file(scene.path("key")).unwrap();
    scene.setup.env = vec![("CREDENTIALS_DIRECTORY".to_owned(), folder.display().to_string())];
    scene.start_watching();
    assert!(scene.end().success());
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let Some(scene) = Scene::new(Setup::default()) else { return };
    fs::set_permissions(scene.path("key"), fs::Permissions::from_mode(0o644)).unwrap();
    let config = scene.path("tidewaiter.toml").display().to_string();
    let output = command(&["run", "--config", &config]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let key = scene.path("key").display().to_string();
    let wanted = format!(
        "failed to use the key in `{key}`: others may read it (mode 644); run `chmod 600 {key}`"
    );
    assert!(said.contains(&wanted), "{said}");
}

/// What systemd itself says of the unit.
#[test]
fn the_unit_is_valid() {
    let unit = fs::read_to_string(root().join("config/tidewaiter.service")).unwrap();
    let has = |line: &str| unit.lines().any(|own| own == line);
    // Commands are run as the same user, and what is wrong stays wrong.
    assert!(has("User=tidewaiter") && !unit.contains("DynamicUser="), "{unit}");
    assert!(has("RestartPreventExitStatus=2"), "{unit}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewaiter.service");
    // With the credentials that stand there to be taken.
    let unit = unit.replace("#LoadCredential=", "LoadCredential=");
    assert_eq!(unit.matches("\nLoadCredential=").count(), 3);
    fs::write(&path, unit.replace("/usr/local/bin/tidewaiter", env!("CARGO_BIN_EXE_tidewaiter")))
        .unwrap();
    let Ok(output) = Command::new("systemd-analyze").arg("verify").arg(&path).output() else {
        println!("skipped: there is no systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("tidewaiter.service"), "{said}");
}
