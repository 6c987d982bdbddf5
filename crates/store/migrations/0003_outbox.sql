-- Replies, and what became of each.
CREATE TABLE replies (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  series TEXT NOT NULL,
  kind TEXT NOT NULL,
  extra TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('ready', 'armed', 'sent', 'seen', 'doubt', 'dead', 'held', 'cancelled', 'dropped')),
  held_by TEXT,
  list TEXT NOT NULL,
  list_id TEXT,
  policy TEXT NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  subject TEXT,
  bytes BLOB,
  text_hash BLOB,
  thread TEXT,
  author TEXT,
  rules TEXT NOT NULL,
  about INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  released INTEGER,
  not_before INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  armed INTEGER,
  sent INTEGER,
  seen INTEGER,
  note TEXT,
  UNIQUE (project, series, kind, extra)
) STRICT;
CREATE INDEX replies_by_state ON replies (state, not_before);
CREATE INDEX replies_by_armed ON replies (armed);

CREATE TABLE attempts (
  reply TEXT NOT NULL REFERENCES replies ON DELETE CASCADE,
  number INTEGER NOT NULL,
  time INTEGER NOT NULL,
  step TEXT NOT NULL,
  outcome TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (reply, number)
) STRICT;

-- Our own mails that came back: through the list, or as a bounce.
CREATE TABLE returns (
  raw_hash BLOB PRIMARY KEY,
  reply TEXT,
  kind TEXT NOT NULL CHECK (kind IN ('echo', 'bounce', 'odd')),
  time INTEGER NOT NULL
) STRICT;
CREATE INDEX returns_by_reply ON returns (reply, kind);

CREATE TABLE switch (
  place INTEGER PRIMARY KEY CHECK (place = 1),
  why TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;

-- What an operator asked for on the command line while the daemon runs.
CREATE TABLE commands (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  command TEXT NOT NULL,
  done INTEGER,
  answer TEXT
) STRICT;
