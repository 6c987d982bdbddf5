-- The files that a series' patches touch.
CREATE TABLE paths (
  series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  path TEXT NOT NULL,
  PRIMARY KEY (series, path)
) STRICT, WITHOUT ROWID;
