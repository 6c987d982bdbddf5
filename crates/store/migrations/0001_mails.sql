-- What came in, and the order in which the engine took it.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

-- One row for each mail as it came: two copies of one mail through two lists are two rows.
CREATE TABLE mails (
  id INTEGER PRIMARY KEY,
  raw_hash BLOB NOT NULL UNIQUE,
  content BLOB,
  message_id TEXT,
  sender TEXT,
  time INTEGER NOT NULL,
  quarantined INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX mails_by_message_id ON mails (message_id);
CREATE INDEX mails_by_sender ON mails (sender);
CREATE INDEX mails_by_time ON mails (time);

CREATE TABLE raws (
  mail INTEGER PRIMARY KEY REFERENCES mails ON DELETE CASCADE,
  bytes INTEGER NOT NULL,
  zstd BLOB NOT NULL
) STRICT;

-- Where each mail lay; one that was passed over has no mail, but a reason.
CREATE TABLE places (
  mailbox TEXT NOT NULL,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  mail INTEGER REFERENCES mails ON DELETE SET NULL,
  skipped TEXT,
  PRIMARY KEY (mailbox, uid_validity, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX places_by_mail ON places (mail);

CREATE TABLE cursors (
  mailbox TEXT PRIMARY KEY,
  uid_validity INTEGER NOT NULL,
  uid INTEGER NOT NULL
) STRICT;

-- Mails that are being read now, or were when the program died.
CREATE TABLE parsing (
  raw_hash BLOB PRIMARY KEY,
  tries INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('mail', 'tick', 'command', 'delivery')),
  time INTEGER NOT NULL,
  mail INTEGER REFERENCES mails ON DELETE CASCADE,
  detail TEXT,
  CHECK ((kind = 'mail') = (mail IS NOT NULL))
) STRICT;
CREATE INDEX events_by_mail ON events (mail);
