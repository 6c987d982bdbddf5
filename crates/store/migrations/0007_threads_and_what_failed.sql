-- A thread is known by a number made of its first mail's Message-ID; old mails have none.
ALTER TABLE mails ADD COLUMN thread INTEGER;
-- Somebody asks for quiet in it.
ALTER TABLE mails ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
CREATE INDEX mails_by_thread ON mails (thread, time);
CREATE INDEX mails_that_quiet ON mails (thread) WHERE quiet = 1;
CREATE INDEX mails_put_aside ON mails (id) WHERE quarantined = 1;
CREATE INDEX replies_sent ON replies (sent) WHERE state = 'sent';

-- What took the program down twice when it was decided; how often it did so since.
CREATE TABLE given_up (
  name TEXT PRIMARY KEY,
  times INTEGER NOT NULL
) STRICT;
