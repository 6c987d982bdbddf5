-- Cancelled while it was being sent, or while nobody knew whether it was: it is not sent again.
ALTER TABLE replies ADD COLUMN unwanted INTEGER NOT NULL DEFAULT 0;
