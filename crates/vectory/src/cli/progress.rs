//! Progress on a terminal: one line a stage with rate and time left. Silent when stderr is not a terminal.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::core::Progress;
use crate::core::context::Silent;

/// The sink for a command: a bar on a terminal, silence elsewhere.
pub(super) fn sink(quiet: bool) -> Arc<dyn Progress> {
    if quiet || !std::io::stderr().is_terminal() { Arc::new(Silent) } else { Arc::new(Bars::default()) }
}

#[derive(Default)]
struct Bars {
    running: Mutex<Option<ProgressBar>>,
}

impl Bars {
    fn with(&self, f: impl FnOnce(&ProgressBar)) {
        if let Some(bar) = &*self.running.lock().unwrap_or_else(PoisonError::into_inner) {
            f(bar);
        }
    }
}

impl Progress for Bars {
    fn begin(&self, stage: &str, total: Option<u64>, unit: &str) {
        self.end();
        let bar = match total {
            Some(n) => ProgressBar::new(n),
            None => ProgressBar::new_spinner(),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let form = match total {
            Some(_) if unit == "bytes" => {
                "{prefix:<22} {bar:28} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}".to_owned()
            }
            None if unit == "bytes" => "{prefix:<22} {spinner} {bytes}  {bytes_per_sec}  {elapsed}  {msg}".to_owned(),
            Some(_) => format!(
                "{{prefix:<22}} {{bar:28}} {{human_pos}}/{{human_len}} {unit}  {{per_sec}}  {{eta}} left  {{msg}}"
            ),
            None => format!("{{prefix:<22}} {{spinner}} {{human_pos}} {unit}  {{per_sec}}  {{elapsed}}  {{msg}}"),
        };
        bar.set_style(ProgressStyle::with_template(&form).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(stage.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(200));
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, n: u64) {
        self.with(|b| b.inc(n));
    }

    fn note(&self, text: &str) {
        self.with(|b| b.set_message(text.to_owned()));
    }

    fn end(&self) {
        if let Some(bar) = self.running.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}
