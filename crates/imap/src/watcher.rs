//! The loop: connect, read what is new, wait, and after a failure begin again.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;

use crate::account::Account;
use crate::backoff::{Backoff, Dice, dice};
use crate::config::{ConfigError, ImapConfig, Start};
use crate::connect::{connector, open};
use crate::cursor::{Cursor, Uid};
use crate::event::{Event, Receipt, Reset, ResetCause};
use crate::reason::{PATIENCE_MAIL, Reason};
use crate::session::{Opening, Session};

/// Tells the time.
type Clock = Box<dyn Fn() -> Timestamp + Send>;

/// Watches one mailbox and hands its mails on, each once, in order.
///
/// The mailbox is opened read-only and nothing in it is changed. Mails go to the consumer in
/// [batches](crate::Batch); the next is not fetched before the consumer has said, by its
/// [`Receipt`], that the one before is stored together with the cursor that came with it. What was
/// handed on and not stored, through a crash or a failure of the consumer, is read once more.
///
/// Several mailboxes are several watchers: none waits for another.
pub struct Watcher {
    pub(crate) config: ImapConfig,
    pub(crate) cursor: Option<Cursor>,
    start: Start,
    pub(crate) events: mpsc::Sender<Event>,
    tls: TlsConnector,
    backoff: Backoff,
    clock: Clock,
    account: Account,
    /// How long the account has to be left alone, where that ended the connection.
    left_alone: Option<Duration>,
    /// The mail that the server did not hand out, and how often in a row.
    pub(crate) withheld: Option<(Uid, u32)>,
    /// The first of the mails that are being read.
    pub(crate) reading: Option<Uid>,
    /// How many mails are fetched at once.
    pub(crate) batch_len: usize,
    /// Whether this connection was worth having.
    pub(crate) progress: bool,
    /// When the server told of the mails that are read next.
    pub(crate) pushed: Option<std::time::Instant>,
}

/// Why a connection's work ends.
#[derive(Debug)]
pub(crate) enum End {
    /// Nobody receives the events any more.
    Gone,
    /// What is told to the consumer.
    Failed(Reason),
}

impl From<Reason> for End {
    fn from(reason: Reason) -> Self {
        Self::Failed(reason)
    }
}

impl Watcher {
    /// A watcher that goes on at `cursor`, or begins at `start` where there is none.
    ///
    /// `events` is a channel of any size: it is the receipts that hold the watcher back.
    ///
    /// # Errors
    ///
    /// Where the configuration cannot be used.
    pub fn new(
        config: ImapConfig,
        cursor: Option<Cursor>,
        start: Start,
        events: mpsc::Sender<Event>,
    ) -> Result<Self, ConfigError> {
        config.validate()?;
        if let Some(cursor) = &cursor
            && cursor.mailbox != config.mailbox
        {
            let (mailbox, cursor) = (config.mailbox, cursor.mailbox.clone());
            return Err(ConfigError::OtherMailbox { mailbox, cursor });
        }
        Ok(Self {
            tls: connector(&config)?,
            config,
            cursor,
            start,
            events,
            backoff: Backoff::new(dice()),
            clock: Box::new(Timestamp::now),
            account: Account::default(),
            left_alone: None,
            withheld: None,
            reading: None,
            batch_len: crate::drain::MAX_BATCH,
            progress: false,
            pushed: None,
        })
    }

    /// Takes the jitter of reconnections from `dice`, which gives numbers from 0 up to 1.
    #[must_use]
    pub fn with_dice(mut self, dice: impl FnMut() -> f64 + Send + 'static) -> Self {
        let dice: Dice = Box::new(dice);
        self.backoff = Backoff::new(dice);
        self
    }

    /// Takes the time from `clock`; only the age of mails that are read again hangs on it.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Counts refused logins together with the other watchers of `account`.
    #[must_use]
    pub fn with_account(mut self, account: Account) -> Self {
        self.account = account;
        self
    }

    /// Watches until the receiver of the events is closed.
    ///
    /// It may be dropped at any point: where reading goes on is the consumer's to know.
    pub async fn run(mut self) {
        while !self.events.is_closed() {
            let end = AssertUnwindSafe(self.connection()).catch_unwind().await;
            let reason = match end {
                Ok(Ok(never)) => match never {},
                Ok(Err(End::Gone)) => return,
                Ok(Err(End::Failed(reason))) => reason,
                // The parser panics at a few answers that no sane server gives.
                Err(_) => Reason::Unparsable,
            };
            let (reason, retry_in) = self.fail(reason);
            let failures = self.backoff.failures();
            let event = Event::Disconnected { reason, retry_in, failures };
            if self.events.send(event).await.is_err() {
                return;
            }
            if timeout(retry_in, self.events.closed()).await.is_ok() {
                return;
            }
        }
    }

    /// Draws the consequences of a failure: what is told of it, and the pause.
    fn fail(&mut self, mut reason: Reason) -> (Reason, Duration) {
        if std::mem::take(&mut self.progress) {
            self.backoff.good();
        }
        let reading = self.reading.take();
        if reason.of_fetching() {
            // Asked for alone, it is what the connection failed at.
            if let Some(uid) = reading.filter(|_| self.batch_len == 1) {
                let tries = self.again(uid);
                if tries >= PATIENCE_MAIL {
                    reason = Reason::Breaks { uid, tries, why: Box::new(reason) };
                }
            }
            // One mail at a time from here, so that one that cannot be had holds up only itself.
            self.batch_len = 1;
        }
        if matches!(reason, Reason::Tls { .. }) {
            // The system's certificates may be other ones by now. Those that are there stay
            // where none can be read.
            if let Ok(tls) = connector(&self.config) {
                self.tls = tls;
            }
        }
        let pause = self.backoff.pause(&reason, &self.config.timing);
        (reason, self.left_alone.take().unwrap_or(pause))
    }

    async fn connection(&mut self) -> Result<Infallible, End> {
        let mut session = self.login().await?;
        let opening = session.examine(&self.config.mailbox).await?;
        let since = Instant::now();
        self.tell(Event::Connected { idle: session.idle }).await?;
        let Err(end) = self.watch(&mut session, opening).await;
        self.progress |= since.elapsed() >= self.config.timing.stable;
        Err(end)
    }

    /// Connects and logs in, when it is the account's turn.
    async fn login(&mut self) -> Result<Session, Reason> {
        let mut logins = self.account.turn().await;
        if let Some((reason, left)) = logins.shut() {
            self.left_alone = Some(left);
            return Err(reason);
        }
        let opened = open(&self.config, &self.tls).await?;
        logins.count(Session::login(opened, &self.config).await, &self.config.timing)
    }

    async fn watch(&mut self, session: &mut Session, opening: Opening) -> Result<Infallible, End> {
        let mut cursor = self.settle(session, opening).await?;
        // Whether the consumer waits to hear that all is read.
        let mut waits = true;
        let mut told = false;
        loop {
            let mut any = self.drain(session, &mut cursor).await?;
            if told && !any {
                // A push of nothing: perhaps the mails have other numbers than they would have.
                waits |= self.open_again(session, &mut cursor).await?;
                any = self.drain(session, &mut cursor).await?;
            }
            if std::mem::take(&mut waits) || any {
                self.tell(Event::CaughtUp).await?;
            }
            let pushes = session.idle;
            told = session.wait().await?;
            if pushes && !session.idle {
                self.tell(Event::NotPushed).await?;
            }
            self.pushed = session.pushed.take();
            if !told {
                waits |= self.open_again(session, &mut cursor).await?;
            }
        }
    }

    /// Opens the mailbox once more, since a connection may last for weeks, and whether its numbers are
    /// the same is told at its opening alone; whether reading begins at another place now.
    async fn open_again(
        &mut self,
        session: &mut Session,
        cursor: &mut Cursor,
    ) -> Result<bool, End> {
        let opening = session.examine(&self.config.mailbox).await?;
        let settled = self.settle(session, opening).await?;
        let moved = settled != *cursor;
        *cursor = settled;
        Ok(moved)
    }

    /// The cursor to go on with. A new one is stored by the consumer first.
    async fn settle(&mut self, session: &mut Session, opening: Opening) -> Result<Cursor, End> {
        let age = i64::try_from(self.config.max_age.as_secs()).unwrap_or(i64::MAX);
        let oldest = (self.clock)().saturating_sub(age.seconds()).unwrap_or(Timestamp::MIN);
        let recent = Start::Since(oldest.to_zoned(TimeZone::UTC).date());
        let (cause, start) = match &self.cursor {
            None => (ResetCause::FirstStart, self.start),
            Some(old) if old.uid_validity != opening.validity => {
                let (old, new) = (old.uid_validity, opening.validity);
                (ResetCause::UidValidityChanged { old, new }, recent)
            }
            Some(old) => {
                let last = old.last_uid;
                let Some(next) = opening.next.filter(|next| *next <= last) else {
                    return Ok(old.clone());
                };
                // A server that takes this back at once has only said a wrong number.
                let again = session.examine(&self.config.mailbox).await?;
                if again.validity != opening.validity {
                    return Err(Reason::UidValidityMoved { now: again.validity }.into());
                }
                if again.next.is_none_or(|next| next > last) {
                    return Ok(old.clone());
                }
                (ResetCause::UidNextWentBack { last, next }, recent)
            }
        };
        let (last_uid, until) = before(session, opening, start).await?;
        let mailbox = self.config.mailbox.clone();
        let cursor = Cursor { mailbox, uid_validity: opening.validity, last_uid };
        let (receipt, stored) = Receipt::new();
        self.tell(Event::Reset(Reset { cause, cursor: cursor.clone(), until, receipt })).await?;
        stored.await.map_err(|_| Reason::NotStored)?;
        self.cursor = Some(cursor.clone());
        Ok(cursor)
    }

    pub(crate) async fn tell(&mut self, event: Event) -> Result<(), End> {
        self.events.send(event).await.map_err(|_| End::Gone)
    }
}

/// The mail before the first that `start` asks for, and the last that there is.
async fn before(
    session: &mut Session,
    opening: Opening,
    start: Start,
) -> Result<(Uid, Uid), Reason> {
    let next = match opening.next {
        Some(next) => next,
        None => Uid(session.last().await?.map_or(1, |last| last.0.saturating_add(1))),
    };
    let first = match start {
        Start::Now => None,
        Start::Since(day) => {
            let day = day.yesterday().unwrap_or(day);
            session.search_from(Uid(1), Some(day)).await?.first().copied()
        }
    };
    // A search may name what is not there.
    let before = |uid: Uid| Uid(uid.0.saturating_sub(1));
    Ok((before(first.unwrap_or(next).min(next)), before(next)))
}
