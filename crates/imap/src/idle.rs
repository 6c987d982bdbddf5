//! Waiting until there may be something new.

use async_imap::imap_proto::{RequestId, Response};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::reason::{Reason, Step};
use crate::session::{Answer, Session};

impl Session {
    /// Waits until the server tells of mails, or it is time to ask whatever it told; whether it told.
    ///
    /// What was told is no more than a hint: the caller searches by UID.
    pub(crate) async fn wait(&mut self) -> Result<bool, Reason> {
        if self.idle && !std::mem::take(&mut self.idle_rests) {
            self.idle_once().await
        } else {
            sleep(self.timing.poll).await;
            self.noop().await?;
            Ok(false)
        }
    }

    /// IDLE (RFC 2177), renewed by the next call. A server that refuses it is asked in intervals from
    /// then on; one that ends it by itself is asked once, and then left to push again.
    async fn idle_once(&mut self) -> Result<bool, Reason> {
        let step = Step::Idle;
        let began = Instant::now();
        let after = self.timing.command;
        self.fresh = false;
        let begin = timeout(after, self.begin_idle());
        let Some(tag) = begin.await.unwrap_or(Err(Reason::Timeout { step, after }))? else {
            self.idle = false;
            return Ok(false);
        };
        let until = began + self.timing.idle_renew;
        while !self.fresh {
            // `* OK Still here`, flags and deleted mails are no reason to look. They do not put off
            // the renewal either, which is what finds a server out that hangs half-way.
            let Ok(received) = timeout_at(until, self.receive(step, &tag, |_| {})).await else {
                break;
            };
            if let Some(answer) = received? {
                self.idle = matches!(answer, Answer::Ok);
                self.idle_rests = true;
                return Ok(self.fresh);
            }
        }
        let told = self.fresh;
        self.pushed = told.then(|| Instant::now().into_std());
        let after = self.timing.done;
        let end = timeout(after, self.end_idle(&tag));
        match end.await.unwrap_or(Err(Reason::Timeout { step, after }))? {
            Answer::Ok => {}
            Answer::No(_) | Answer::Bad(_) => self.idle = false,
        }
        // After a push the mails are known to the server's side of the session. Without one it is
        // given the chance to notice.
        if !told {
            self.noop().await?;
        }
        Ok(told)
    }

    async fn begin_idle(&mut self) -> Result<Option<RequestId>, Reason> {
        let tag = self.send(Step::Idle, "IDLE").await?;
        let mut begun = false;
        while !begun {
            let begins =
                |response: &Response<'_>| begun |= matches!(response, Response::Continue(_));
            if self.receive(Step::Idle, &tag, begins).await?.is_some() {
                return Ok(None);
            }
        }
        Ok(Some(tag))
    }

    async fn end_idle(&mut self, tag: &RequestId) -> Result<Answer, Reason> {
        self.send_untagged(Step::Idle, "DONE").await?;
        loop {
            if let Some(answer) = self.receive(Step::Idle, tag, |_| {}).await? {
                return Ok(answer);
            }
        }
    }
}
