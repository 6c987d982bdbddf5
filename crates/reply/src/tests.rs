//! Tests over whole replies.

mod digests;
mod examples;
mod hostile;
mod read_back;
mod scene;
mod settings;
mod templates;
mod who;
mod why;
mod words;
