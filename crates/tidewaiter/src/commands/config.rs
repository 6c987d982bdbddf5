//! `tidewaiter config check|show`.

use std::fmt::Write;

use crate::{
    cli::{ConfigCommand, Global},
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(command: &ConfigCommand, global: &Global) -> Result<(), Failure> {
    let mut output = Output::new();
    match command {
        ConfigCommand::Check => {
            let loaded = load::configuration(global)?;
            // What it names has to be there and valid too.
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
            if !global.quiet {
                output.text(&format!("{}: no mistakes\n", loaded.name()))?;
            }
        }
        ConfigCommand::Show => {
            let loaded = load::configuration(global)?;
            output.text(&shown(&loaded, global)?)?;
        }
    }
    output.flush()
}

fn shown(loaded: &load::Loaded, global: &Global) -> Result<String, Failure> {
    let config = &loaded.config;
    let mut text = String::new();
    let _ = writeln!(text, "# from {}", loaded.name());
    let _ = writeln!(text, "speaks as {} <{}>", config.identity.name, config.identity.address);
    for list in &config.lists {
        let policy = load::policy(loaded, &list.policy, &[], global)?;
        let (path, _) = load::policy_text(loaded, &list.policy)?;
        let word = |value: &dyn erased::Word| value.word();
        let _ = writeln!(text, "\nlist {} <{}>", list.id, list.reply.list);
        let _ = writeln!(text, "  project   {}", list.reply.project);
        let _ = writeln!(
            text,
            "  policy    {} ({}, text of {}), from {path}",
            policy.id,
            word(&policy.status),
            policy.date
        );
        let _ = writeln!(
            text,
            "  mode      {} (decline: {})",
            word(&list.reply.mode),
            word(&list.reply.decline)
        );
        let speak: Vec<String> = list.speak_on.iter().map(|o| word(o)).collect();
        let _ = writeln!(text, "  speaks on {}", speak.join(", "));
        let _ = writeln!(text, "  settle    {:#}, max-age {:#}", list.settle, list.max_age);
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
