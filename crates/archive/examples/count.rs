//! Counts the mails of archives on some threads: `count JOBS PATH...`.

use std::{
    env, io, num::NonZeroUsize, ops::ControlFlow, path::PathBuf, sync::atomic::AtomicBool,
    time::Instant,
};

use tidewaiter_archive::{Options, Reader, for_each_parallel};

fn main() -> io::Result<()> {
    let mut args = env::args_os().skip(1);
    let jobs =
        args.next().and_then(|jobs| jobs.to_str()?.parse().ok()).unwrap_or(NonZeroUsize::MIN);
    let paths: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let cancel = AtomicBool::new(false);
    let start = Instant::now();
    let mut reader = Reader::open(&paths, Options::default(), &cancel).map_err(io::Error::other)?;
    let progress = reader.progress();
    let (mut mails, mut bytes, mut cut) = (0u64, 0u64, 0u64);
    let ended = for_each_parallel(
        &mut reader,
        jobs,
        |mail| (mail.bytes.len() as u64, u64::from(mail.truncated)),
        |(length, truncated)| {
            mails += 1;
            bytes += length;
            cut += truncated;
            ControlFlow::Continue(())
        },
    );
    let seconds = start.elapsed().as_secs_f64();
    for note in &reader.notes().first {
        eprintln!("{note}");
    }
    println!(
        "{mails} mails, {bytes} bytes, {cut} truncated, {ended:?}, {} of {:?} bytes on disk, {:.0} MB/s",
        progress.bytes(),
        progress.total(),
        bytes as f64 / 1e6 / seconds
    );
    Ok(())
}
