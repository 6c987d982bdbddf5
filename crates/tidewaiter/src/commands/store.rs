//! `tidewaiter store backup|forget|check`.

mod check;

use crate::{
    cli::{Global, StoreCommand},
    commands::stop::said,
    failure::Failure,
    load,
    operate::{Order, find, order},
};

pub(crate) use check::checks;

pub(crate) fn run(command: &StoreCommand, global: &Global) -> Result<(), Failure> {
    let loaded = load::configuration(global)?;
    match command {
        StoreCommand::Check => check::run(&loaded, global),
        StoreCommand::Backup { file } => {
            global.text_only()?;
            let store = find::look(&loaded)?;
            store.backup(file).map_err(Failure::io)?;
            let bytes = std::fs::metadata(file).map_or(0, |meta| meta.len());
            let size = bytes.div_ceil(1024);
            said(&format!("`{}` is a whole copy of the store, {size} KiB.", file.display()), global)
        }
        StoreCommand::Forget { address } => {
            global.text_only()?;
            said(&order::give(&loaded, &Order::Forget(address.clone()))?.text, global)
        }
    }
}
