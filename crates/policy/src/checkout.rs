//! Which project's source tree a folder holds, told by what lies at its top.

use crate::{Policy, Status};

/// Below this many folders of its own at the top nothing is told.
const FEWEST: usize = 3;

/// What lies at the top of a source tree.
#[derive(Clone, Debug, Default)]
pub struct Checkout {
    /// The names of its folders, in order.
    pub folders: Vec<String>,
    /// It has a file `MAINTAINERS`.
    pub maintainers: bool,
}

/// What a checkout says of the policy that holds for it.
#[derive(Clone, Debug)]
pub enum Recognised<'a> {
    /// One policy in force is for this tree; by these of its folders.
    As(&'a Policy, Vec<&'a str>),
    /// Several could be.
    Several(Vec<&'a Policy>),
    /// None is.
    Nothing,
}

impl Checkout {
    /// Tells which policy in force is for this tree: the one whose own folders (`own-roots`) are
    /// here, the most of them.
    ///
    /// A policy counts where half of the folders that it names for the top are here, or where
    /// they are two in five of those that are here (a small part of a tree). Folders that other
    /// trees have as well are not among a policy's own.
    #[must_use]
    pub fn recognise<'a>(&self, policies: &'a [Policy]) -> Recognised<'a> {
        let shown = self.folders.iter().filter(|name| !name.starts_with('.')).count();
        let mut found: Vec<(&Policy, Vec<&str>)> = policies
            .iter()
            .filter(|policy| policy.status == Status::InForce)
            .filter_map(|policy| {
                let here = |root: &&str| self.folders.iter().any(|folder| folder == root);
                let roots = || policy.own_roots().filter(|root| !root.contains('/'));
                let own: Vec<&str> = roots().filter(here).collect();
                let fits = own.len() * 2 >= roots().count() || own.len() * 5 >= shown * 2;
                (own.len() >= FEWEST && fits).then_some((policy, own))
            })
            .collect();
        let most = found.iter().map(|(_, own)| own.len()).max().unwrap_or(0);
        found.retain(|(_, own)| own.len() == most);
        match (found.pop(), found.is_empty()) {
            (None, _) => Recognised::Nothing,
            (Some((policy, own)), true) => Recognised::As(policy, own),
            (Some((last, _)), false) => {
                Recognised::Several(found.into_iter().map(|(p, _)| p).chain([last]).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::builtin_policies;

    fn told(folders: &[&str]) -> String {
        let read = |(_, text): &(&str, &str)| Policy::parse(text).unwrap().0;
        let policies: Vec<Policy> = builtin_policies().iter().map(read).collect();
        let folders = folders.iter().map(|name| (*name).to_owned()).collect();
        match (Checkout { folders, maintainers: true }).recognise(&policies) {
            Recognised::As(policy, own) => format!("{}: {}", policy.id, own.join(" ")),
            Recognised::Several(policies) => {
                policies.iter().map(|p| p.id.as_str()).collect::<Vec<_>>().join(" or ")
            }
            Recognised::Nothing => String::new(),
        }
    }

    #[test_case(&["hw", "target", "qapi", "accel", "docs", "tests", ".git"]
        => "qemu-2025-06: accel hw qapi target"; "a small part of QEMU")]
    #[test_case(&["hw", "target", "docs", "tests"] => ""; "too little of it")]
    #[test_case(&["Documentation", "arch", "block", "certs", "crypto", "drivers", "fs", "include", "init", "io_uring",
        "ipc", "kernel", "lib", "mm", "net", "rust", "samples", "scripts", "security", "sound", "tools", "usr", "virt"]
        => "linux-2026-08: Documentation arch certs drivers fs init io_uring ipc kernel mm samples security sound usr virt";
        "Linux")]
    #[test_case(&["Licenses", "api", "arch", "board", "boot", "cmd", "common", "configs", "disk", "doc", "drivers",
        "dts", "env", "examples", "fs", "include", "lib", "net", "post", "scripts", "test", "tools"]
        => ""; "U-Boot, which has three of the kernel's")]
    #[test_case(&["src", "tests", "docs"] => ""; "any other")]
    #[test_case(&[] => ""; "nothing")]
    fn trees(folders: &[&str]) -> String {
        told(folders)
    }

    #[test]
    fn two_that_fit_as_well_are_not_decided_between() {
        let qemu = include_str!("../../../config/policies/qemu-2025-06.toml");
        let twin = qemu.replacen("id = \"qemu-2025-06\"", "id = \"twin\"", 1);
        let policies = [qemu, &twin].map(|text| Policy::parse(text).unwrap().0);
        let folders = ["accel", "hw", "qapi", "target"].map(str::to_owned).to_vec();
        let told = Checkout { folders, maintainers: false };
        let Recognised::Several(two) = told.recognise(&policies) else { panic!("not several") };
        assert_eq!(two.len(), 2);
    }
}
