-- Each decision looks whether its series was decided before.
CREATE INDEX series_by_message_id ON series (message_id);
