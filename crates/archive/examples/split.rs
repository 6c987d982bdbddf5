//! Measures splitting alone: `split FILE` feeds a file in blocks and counts the mails.

use std::{env, fs::File, io::Read, time::Instant};

use tidewaiter_mail::mbox::Splitter;

fn main() -> std::io::Result<()> {
    for path in env::args_os().skip(1) {
        let mut file = File::open(&path)?;
        let mut block = vec![0; 256 << 10];
        let mut splitter = Splitter::default();
        let (mut mails, mut bytes) = (0, 0);
        let start = Instant::now();
        loop {
            let length = file.read(&mut block)?;
            if length == 0 {
                splitter.finish();
            }
            splitter.feed(block.get(..length).unwrap_or_default());
            if (length == 0 || splitter.ready() >= 1 << 20)
                && let Some(cut) = splitter.take()
            {
                mails += cut.mails.len();
                splitter.recycle(cut.buffer);
            }
            bytes += length;
            if length == 0 {
                break;
            }
        }
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{}: {mails} mails, {bytes} bytes, {:.0} MB/s",
            path.display(),
            bytes as f64 / 1e6 / seconds
        );
    }
    Ok(())
}
