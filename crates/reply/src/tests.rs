//! Tests over whole replies.

mod examples;
mod hostile;
mod read_back;
mod scene;
mod settings;
mod templates;
mod who;
mod words;
