-- What was decided of each series.
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  message_id TEXT,
  title TEXT,
  author TEXT,
  version TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  record TEXT
) STRICT;
CREATE INDEX series_by_author ON series (author);
CREATE INDEX series_by_first ON series (first);

-- Its cover letter, patches and comments, by Message-ID.
CREATE TABLE parts (
  series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  message_id TEXT NOT NULL,
  PRIMARY KEY (series, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parts_by_message_id ON parts (message_id);

CREATE TABLE assessments (
  series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  place INTEGER NOT NULL,
  list TEXT,
  policy TEXT,
  policy_date TEXT,
  outcome TEXT,
  not_judged TEXT,
  silence TEXT,
  reply TEXT,
  PRIMARY KEY (series, place)
) STRICT, WITHOUT ROWID;
