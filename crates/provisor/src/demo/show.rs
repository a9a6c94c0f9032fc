//! What the story looks like: facts on standard output, progress on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Prints the story.
pub(super) struct Story;

#[expect(clippy::print_stdout, reason = "the story is what the command is for")]
impl Story {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn title(&self, text: &str) {
        println!("\n{text}\n{}", "─".repeat(text.chars().count()));
    }

    pub(super) fn step(&self, number: u8, text: &str) {
        println!("\n{number}. {text}");
    }

    pub(super) fn fact(&self, name: &str, value: &str) {
        println!("   {name:<12} {value}");
    }

    pub(super) fn say(&self, text: &str) {
        println!("{text}");
    }

    /// A live bar, shown when standard error is a terminal.
    pub(super) fn bar(&self, total: u64, what: &'static str) -> ProgressBar {
        let bar = ProgressBar::new(total);
        let template = "   {msg:<12} {bar:32} {pos}/{len}  {per_sec}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar
    }
}

/// `1.4 s`.
pub(super) fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
