//! `tidewaiter config check|show`.

mod who;

use std::fmt::Write;

use anyhow::anyhow;
use tidewaiter_engine::config::daemon::SecretAt;

use crate::{
    archives::safe,
    cli::{ConfigCommand, Global},
    daemon::reload,
    edges,
    failure::Failure,
    keyring, load,
    output::{self, Output},
};

pub(crate) fn run(command: &ConfigCommand, global: &Global) -> Result<(), Failure> {
    global.text_only()?;
    let mut output = Output::new();
    match command {
        ConfigCommand::Check => {
            let loaded = load::configuration(global)?;
            // The policies and files that it names have to be there and valid too.
            for list in &loaded.config.lists {
                load::policy(&loaded, &list.policy, &[], global)?;
            }
            for name in
                [&loaded.config.files.maintainers, &loaded.config.files.tree].into_iter().flatten()
            {
                let path = loaded.beside(name);
                if !path.is_dir() {
                    load::text_file(&path)?;
                }
            }
            if let Some(name) = &loaded.config.trust.keyring {
                keyring::read(&loaded.beside(name), global)?;
            }
            for_run(&loaded, global)?;
            if !global.quiet {
                output.text(&format!("{}: no mistakes\n", loaded.name()))?;
                if loaded.config.daemon.mailboxes.is_empty() {
                    output.text("It has no [[mailboxes]]: it is for dry runs, not for `run`.\n")?;
                }
                output.text(&who::would_get(&loaded, global)?)?;
            }
        }
        ConfigCommand::Show => {
            let loaded = load::configuration(global)?;
            output.text(&shown(&loaded, global)?)?;
        }
    }
    output.flush()
}

/// What `run` would refuse, where the configuration is for it.
fn for_run(loaded: &load::Loaded, global: &Global) -> Result<(), Failure> {
    let daemon = &loaded.config.daemon;
    if daemon.mailboxes.is_empty() && daemon.smtp.is_none() {
        return Ok(());
    }
    let refused = reload::refused(loaded);
    let (unknown, mistakes): (Vec<_>, Vec<_>) =
        refused.iter().partition(|failure| edges::is_for_the_daemon(failure));
    if !global.quiet {
        for failure in unknown {
            let text = format!("warning: whether `run` can use it is not known: {failure}");
            output::complain(&safe(&text));
        }
    }
    for mistake in &mistakes {
        output::complain(&safe(&format!("error: {mistake}")));
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    let count = load::mistakes(mistakes.len());
    Err(Failure::usage(anyhow!("`run` would not start with `{}`: {count}", loaded.name())))
}

fn shown(loaded: &load::Loaded, global: &Global) -> Result<String, Failure> {
    let config = &loaded.config;
    let mut text = String::new();
    let _ = writeln!(text, "{}", loaded.name());
    let identity = &config.identity;
    let _ = writeln!(text, "  address     {} <{}>", identity.name, identity.address);
    let operator = &identity.operator;
    let address = operator.address.as_ref().map(|a| format!("<{a}>"));
    let parts: Vec<String> = operator.name.clone().into_iter().chain(address).collect();
    let _ = writeln!(text, "  operator    {}", safe(&parts.join(" ")));
    let files = &config.files;
    let names =
        [("policies", &files.policies), ("maintainers", &files.maintainers), ("tree", &files.tree)];
    for (key, name) in names {
        if let Some(name) = name {
            let path = loaded.beside(name).display().to_string();
            let _ = writeln!(text, "  {key:<12}{}", safe(&path));
        }
    }
    match &files.key {
        Some(SecretAt::File(name)) => {
            let path = loaded.beside(name).display().to_string();
            let _ = writeln!(text, "  key         {}", safe(&path));
        }
        Some(SecretAt::Credential(name)) => {
            let _ = writeln!(text, "  key         the credential {name}");
        }
        None => {}
    }
    let caps = &config.caps;
    let _ = writeln!(
        text,
        "  caps        {} an hour, {} a day, {} a thread, {} an author a day\n              \
         {} a domain a day",
        caps.hour, caps.day, caps.thread, caps.author_day, caps.domain_day
    );
    for (cap, span) in [(caps.list_hour, "an hour"), (caps.list_day, "a day")] {
        if let Some(cap) = cap {
            let _ = writeln!(text, "              {cap} {span} to each list");
        }
    }
    for id in &config.trust.authserv_ids {
        let _ = writeln!(text, "  trusts      {id}");
    }
    if let Some(name) = &config.trust.keyring {
        let path = loaded.beside(name).display().to_string();
        let _ = writeln!(text, "  keyring     {}", safe(&path));
    }
    for list in &config.lists {
        let policy = load::policy(loaded, &list.policy, &[], global)?;
        let (path, _) = load::policy_text(loaded, &list.policy)?;
        let word = |value: &dyn erased::Word| value.word();
        let _ = writeln!(text, "\n{} <{}>", list.id, list.reply.list);
        let _ = writeln!(text, "  project     {}", list.reply.project);
        let _ = writeln!(
            text,
            "  policy      {} ({}, {})",
            policy.id,
            word(&policy.status).replace('-', " "),
            policy.dated()
        );
        let _ = writeln!(text, "              {}", safe(&path));
        let _ = writeln!(
            text,
            "  mode        {}; replies that decline: {}",
            word(&list.reply.mode),
            word(&list.reply.decline)
        );
        let speak: Vec<String> = list.speak_on.iter().map(|o| word(o)).collect();
        let _ = writeln!(text, "  speaks on   {}", speak.join(", "));
        let _ = writeln!(text, "  settle      {:#}", list.settle);
        let _ = writeln!(text, "  max-age     {:#}", list.max_age);
        if list.reply.cc_maintainers {
            let _ = writeln!(text, "  copies      maintainers of the touched files");
        }
        for address in &list.embargo {
            let _ = writeln!(text, "  embargo     {address}");
        }
    }
    Ok(text)
}

mod erased {
    //! The word that a unit variant is written as in a configuration.

    pub(super) trait Word {
        fn word(&self) -> String;
    }

    impl<T: serde::Serialize> Word for T {
        fn word(&self) -> String {
            let value = serde_json::to_value(self).unwrap_or_default();
            value.as_str().unwrap_or_default().to_owned()
        }
    }
}
