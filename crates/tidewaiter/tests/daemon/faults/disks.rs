//! Disks of a test's own, on which the store lies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::scene::Scene;

/// Nothing, with the reason; where everything has to be tested this is a failure.
fn skipped<T>(reason: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "failed to test with a disk: {reason}");
    println!("skipped: {reason}");
    None
}

/// The scene's store lies in this folder from now on.
fn hold_store(scene: &Scene, folder: &Path) {
    let store = scene.path("tidewaiter.sqlite");
    std::os::unix::fs::symlink(folder.join("tidewaiter.sqlite"), store).unwrap();
}

/// A small disk of the scene's own, on which the store lies. Gone when it is dropped.
pub(super) struct Disk(PathBuf);

impl Disk {
    /// `None` where nothing may be mounted.
    pub(super) fn new(scene: &Scene) -> Option<Self> {
        let folder = scene.path("disk");
        fs::create_dir(&folder).unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=8m", "none"];
        let mounted = Command::new("mount").args(mount).arg(&folder).stderr(Stdio::null()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            return skipped("this machine mounts nothing for us");
        }
        hold_store(scene, &folder);
        Some(Self(folder))
    }

    pub(super) fn remount(&self, how: &str) {
        let how = format!("remount,{how}");
        let status = Command::new("mount").args(["-o", &how]).arg(&self.0).status().unwrap();
        assert!(status.success(), "{how}");
    }

    /// Leaves no room.
    pub(super) fn fill(&self) {
        let full = fs::write(self.0.join("filler"), vec![1; 16 << 20]);
        assert!(full.is_err(), "there is room still");
    }

    pub(super) fn free(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A file system in a file, which can be told that it is broken. Gone when it is dropped.
pub(super) struct Breakable {
    image: PathBuf,
    folder: PathBuf,
}

impl Breakable {
    pub(super) fn new(scene: &Scene) -> Option<Self> {
        let breakable = Self { image: scene.path("image"), folder: scene.path("disk") };
        fs::create_dir(&breakable.folder).unwrap();
        fs::File::create(&breakable.image).unwrap().set_len(32 << 20).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&breakable.image).status();
        if !made.is_ok_and(|status| status.success()) || !breakable.mount() {
            return skipped("this machine mounts no ext4 for us");
        }
        if !breakable.switch().exists() {
            return skipped("this machine's ext4 cannot be told that it is broken");
        }
        hold_store(scene, &breakable.folder);
        Some(breakable)
    }

    fn mount(&self) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-o", "loop,errors=remount-ro"]).arg(&self.image).arg(&self.folder);
        mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Where the kernel is told.
    fn switch(&self) -> PathBuf {
        let source =
            Command::new("findmnt").args(["-n", "-o", "SOURCE"]).arg(&self.folder).output();
        let source = String::from_utf8(source.unwrap().stdout).unwrap();
        let device = Path::new(source.trim()).file_name().unwrap().to_owned();
        Path::new("/sys/fs/ext4").join(device).join("trigger_fs_error")
    }

    /// It is broken, and the kernel makes it read-only.
    pub(super) fn breaks(&self) {
        fs::write(self.switch(), "1").unwrap();
        assert!(fs::write(self.folder.join("probe"), "x").is_err(), "it can be written to still");
    }

    /// As after a repair: nobody may use it meanwhile.
    pub(super) fn mend(&self) {
        let gone = Command::new("umount").arg(&self.folder).status();
        assert!(gone.unwrap().success(), "somebody uses it");
        // 1: it was mended.
        let checked = Command::new("e2fsck").args(["-p", "-f"]).arg(&self.image).output().unwrap();
        assert!(checked.status.code().is_some_and(|code| code <= 1), "{checked:?}");
        assert!(self.mount());
    }
}

impl Drop for Breakable {
    fn drop(&mut self) {
        let umount =
            Command::new("umount").arg("-l").arg(&self.folder).stderr(Stdio::null()).status();
        let _ = umount;
    }
}
