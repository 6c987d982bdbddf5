//! Postfix's two files, for a server that no mail leaves.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::postfix::Ports;

/// What the files are made of.
pub(super) struct Setting<'a> {
    pub(super) folder: &'a Path,
    pub(super) dovecot: &'a Path,
    pub(super) domains: &'a [String],
    pub(super) ports: Ports,
    pub(super) lmtp: u16,
    pub(super) policy: u16,
}

impl Setting<'_> {
    /// Writes both files, and makes the folders where they are missing.
    pub(super) fn write(&self) {
        for folder in ["etc", "data", "queue", "queue/pid"] {
            fs::create_dir_all(self.folder.join(folder)).expect("a folder");
        }
        let queues = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold"];
        let more = ["incoming", "private", "saved", "trace", "maildrop", "public"];
        let mut own: Vec<String> =
            queues.iter().chain(&more).map(|q| format!("queue/{q}")).collect();
        for folder in &own {
            fs::create_dir_all(self.folder.join(folder)).expect("a folder of the queue");
        }
        own.push("data".to_owned());
        let run = |program: &str, first: &str, names: &[String]| {
            let mut command = Command::new(program);
            let status = command.arg(first).args(names).current_dir(self.folder).status();
            assert!(status.is_ok_and(|s| s.success()), "{program} {first}");
        };
        run("chown", "postfix", &own);
        run("chmod", "700", &own);
        let posted = ["queue/maildrop".to_owned(), "queue/public".to_owned()];
        run("chgrp", "postdrop", &posted);
        run("chmod", "730", &posted);
        self.file("etc/main.cf", &self.main());
        self.file("etc/master.cf", &self.master());
    }

    /// Postfix sleeps until its files are two seconds old: they might still be being written.
    fn file(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a file of the configuration");
        let file = File::options().write(true).open(&path).expect("the file");
        let past = SystemTime::now() - Duration::from_secs(3600);
        file.set_times(FileTimes::new().set_modified(past)).expect("the file's time");
    }

    fn main(&self) -> String {
        let (dir, dovecot) = (self.folder.display(), self.dovecot.display());
        let (domains, lmtp) = (self.domains.join(" "), self.lmtp);
        format!(
            "compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/log
maillog_file_prefixes = {dir}
myhostname = mx.bot.example
mydomain = bot.example
mydestination =
local_recipient_maps =
local_transport = error:5.1.1 there are no local users
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
# Nothing leaves: no DNS, and every domain that is not the rig's is refused.
disable_dns_lookups = yes
smtp_host_lookup = native
lmtp_host_lookup = native
smtpd_peername_lookup = no
default_transport = error:5.7.1 nothing leaves this machine
relay_domains = {domains}
relay_transport = lmtp:inet:127.0.0.1:{lmtp}
smtpd_relay_restrictions = reject_unauth_destination
# One transaction for all recipients, one after the other, as they came.
lmtp_destination_recipient_limit = 1000
lmtp_destination_concurrency_limit = 1
lmtp_line_length_limit = 0
local_header_rewrite_clients =
header_size_limit = 1024000
message_size_limit = 52428800
mailbox_size_limit = 0
hopcount_limit = 100
smtputf8_enable = yes
smtpd_tls_cert_file = {dir}/server.crt
smtpd_tls_key_file = {dovecot}/server.key
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dovecot}/run/auth-smtp
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 10000
smtpd_junk_command_limit = 10000
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
maximal_queue_lifetime = 10m
bounce_queue_lifetime = 10m
notify_classes =
biff = no
max_use = 10000
# A process that ends since Dovecot is down must not take its port down for a minute.
service_throttle_time = 1s
"
        )
    }

    fn master(&self) -> String {
        let Ports { submission, submissions, injection } = self.ports;
        let policy = format!("check_policy_service inet:127.0.0.1:{}", self.policy);
        let submit = format!(
            "  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o {{ smtpd_relay_restrictions = {policy}, reject_unauth_destination }}
  -o {{ smtpd_data_restrictions = {policy} }}
  -o {{ smtpd_end_of_data_restrictions = {policy} }}
"
        );
        format!(
            "127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
{submit}127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
{submit}127.0.0.1:{injection} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
showq unix n - n - - showq
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
        )
    }
}
