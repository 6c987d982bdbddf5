//! Dovecot's configuration.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Options, PASSWORD, USER};

/// A full mailbox is no reason to send mail back.
const QUOTA: &str = "mail_plugins = quota
quota_full_tempfail = yes
postmaster_address = postmaster@bot.example
plugin {
  quota = maildir:User quota
  quota_grace = 0
}
";

/// Writes the user's entry with a quota, which is looked up at each delivery.
pub(super) fn set_quota(folder: &Path, bytes: u64) {
    let users = fs::read_to_string(folder.join("users")).expect("the users");
    let entry = users.trim_end().split("userdb_quota_rule").next().unwrap_or_default();
    let new = folder.join("users.new");
    fs::write(&new, format!("{entry}userdb_quota_rule=*:bytes={bytes}\n")).expect("the users");
    fs::rename(new, folder.join("users")).expect("the users");
}

/// Writes it, and makes the folders that it names.
pub(super) fn write(folder: &Path, options: Options, root: bool, uid: u32, imap: u16, imaps: u16) {
    let dir = folder.display();
    let name = |flag: &str| {
        let output = Command::new("id").arg(flag).output().expect("id");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let (user, group, login) = if root {
        ("dovecot".to_owned(), "dovecot".to_owned(), "dovenull".to_owned())
    } else {
        (name("-un"), name("-gn"), name("-un"))
    };
    let gid = if root { uid.to_string() } else { name("-g") };
    fs::create_dir_all(folder.join("run")).expect("a folder");
    fs::create_dir_all(folder.join("mail")).expect("a folder");
    fs::write(
        folder.join("users"),
        format!("{USER}:{{PLAIN}}{PASSWORD}:{uid}:{gid}::{dir}/mail::\n"),
    )
    .expect("the users");
    let quota = options.quota.map_or("", |_| QUOTA);
    if let Some(bytes) = options.quota {
        set_quota(folder, bytes);
    }
    let connections = options.connections;
    let configuration = format!(
        "base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/log
listen = 127.0.0.1
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{dir}/server.crt
ssl_key = <{dir}/server.key
ssl_min_protocol = TLSv1.2
mail_max_userip_connections = {connections}
passdb {{
  driver = passwd-file
  args = {dir}/users
}}
userdb {{
  driver = passwd-file
  args = {dir}/users
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  chroot =
  unix_listener auth-smtp {{
    mode = 0666
  }}
}}
service stats {{
  chroot =
}}
service imap {{
  process_min_avail = 1
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
{quota}"
    );
    fs::write(folder.join("dovecot.conf"), configuration).expect("the configuration");
}
