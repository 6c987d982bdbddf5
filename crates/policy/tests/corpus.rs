//! Real mail: what must not be found, and which tree patches are for.
//!
//! Reads `../shared/corpora`, and says that it skipped where that is not there.

use tidewaiter_patch::Mail;
use tidewaiter_policy::{
    Policy, Tree, TreeFiles, Vocabulary, builtin_policies, observe, patch_tree,
};
use tidewaiter_testkit::corpus::corpus_bytes;

/// Cuts an mbox whose mails begin with a `From mboxrd@z` line.
fn mails(mbox: &[u8]) -> Vec<Mail> {
    const FROM: &[u8] = b"From mboxrd@z";
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in mbox.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(FROM) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([mbox.len()]);
    let cut = starts.iter().zip(ends).filter_map(|(start, end)| mbox.get(*start..end));
    cut.map(Mail::parse).collect()
}

/// Another way to tell: what no patch for QEMU has, by name.
fn is_foreign(mail: &Mail) -> bool {
    let subject = mail.header.subject.as_deref().unwrap_or_default();
    let roots = ["arch/", "drivers/", "mm/", "fs/", "kernel/", "virt/", "lib/", "arm/", "x86/"];
    subject.contains("kvm-unit-tests")
        || mail.diff().is_some_and(|diff| {
            diff.files.iter().any(|file| {
                roots.iter().any(|root| file.path.starts_with(root))
                    || file.path.starts_with("include/linux/")
                    || file.path.starts_with("tools/testing/")
            })
        })
}

#[test]
fn crossposts_declare_nothing_and_stay_in_their_tree() {
    let Some(mbox) = corpus_bytes("qemu-crosspost.mbox.xz") else { return };
    let mails = mails(&mbox);
    assert_eq!(mails.len(), 3_815);
    let vocabulary = Vocabulary::builtin().expect("the shipped vocabulary reads");
    let (policy, _) = Policy::parse(builtin_policies()[0].1).expect("a shipped policy reads");
    let list = corpus_bytes("qemu/files.txt").expect("beside the mails");
    let list = TreeFiles::from_list(&String::from_utf8_lossy(&list));
    let (mut this, mut foreign) = ([0, 0], 0);
    for mail in &mails {
        let observed = observe(&vocabulary, mail);
        assert!(observed.tags().is_empty(), "{:?}", mail.header.message_id);
        assert!(observed.marks().is_empty(), "{:?}", mail.header.message_id);
        if mail.patch().is_none() {
            continue;
        }
        let is_foreign = is_foreign(mail);
        foreign += usize::from(is_foreign);
        for (with_list, count) in this.iter_mut().enumerate() {
            let (tree, reason) = patch_tree(&policy, (with_list == 1).then_some(&list), mail);
            *count += usize::from(tree == Tree::ThisTree);
            let id = &mail.header.message_id;
            assert!(!is_foreign || tree != Tree::ThisTree, "{id:?}: {reason}");
        }
    }
    assert!(foreign > 500, "{foreign}");
    // Fewer would mean that patches for QEMU go unjudged.
    assert!(this[0] >= 255 && this[1] >= 280, "{this:?}");
}
