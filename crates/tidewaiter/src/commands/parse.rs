//! `tidewaiter parse`: what is seen in each mail, judged by nobody.

use std::{num::NonZeroU64, ops::ControlFlow};

use tidewaiter_engine::Config;
use tidewaiter_mail::ListId;
use tidewaiter_patch::Mail;
use tidewaiter_report::ParsedMail;

use crate::{
    archives,
    cli::{Format, Global, ParseArgs},
    failure::Failure,
    load,
    output::Output,
};

pub(crate) fn run(args: &ParseArgs, global: &Global) -> Result<(), Failure> {
    let format = global.format.unwrap_or(Format::Jsonl);
    let config = load::configuration(global)?.config;
    let mut output = Output::new();
    let mut left = args.limit.map_or(u64::MAX, NonZeroU64::get);
    let end = archives::read(
        &args.archive,
        global,
        |raw| {
            let mail = Mail::parse(&raw.bytes);
            let reached = reached(&config, &mail);
            let parsed = ParsedMail::new(mail, raw.source_label(), raw.bytes.len(), &reached);
            match format {
                Format::Jsonl => {
                    let mut line = serde_json::to_string(&parsed).unwrap_or_default();
                    line.push('\n');
                    line
                }
                Format::Text => tidewaiter_report::parsed_text(&parsed),
            }
        },
        |text| {
            left -= 1;
            output.text(&text)?;
            let enough = left == 0 || output.closed();
            Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        },
    )?;
    output.flush()?;
    end.result()
}

/// The configured lists that a mail is addressed to.
fn reached(config: &Config, mail: &Mail) -> Vec<ListId> {
    let to = |address| {
        let header = &mail.header;
        header.to.iter().chain(&header.cc).any(|person| person.address.as_ref() == Some(address))
    };
    config.lists.iter().filter(|list| to(&list.reply.list)).map(|list| list.id.clone()).collect()
}
