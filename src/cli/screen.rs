//! The screen: flags that say how it looks, and what `train` and `sweep` hand to it.

use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{DEFAULT_FPS, config::Config, output::is_dumb, pasted::Flags, signals::Signals};
use crate::{
    data::Dataset,
    disk, locale,
    nn::Engine,
    sweep::survey::Survey,
    train::{Worker, WorkerOptions},
    tui::{self, Depth, Palette, Theme},
};

#[derive(Debug, Args)]
pub(super) struct ScreenArgs {
    /// Frames a second the screen draws at most, 1 to 60 [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=60))]
    fps: Option<u8>,
    /// Colours: auto (for any background), dark, light, colour-blind or mono [default: auto]
    ///
    /// NO_COLOR in the environment means mono.
    #[arg(long, value_name = "NAME")]
    theme: Option<Palette>,
    /// How many colours to use: 16, 256 or true [default: as many as the terminal says it has]
    #[arg(long, value_name = "N")]
    colours: Option<Depth>,
    /// Nothing but ASCII on the screen, for fonts without braille and blocks [default: where the locale is not UTF-8]
    #[arg(long)]
    ascii: bool,
    /// Leave the mouse to the terminal, to select text with it
    ///
    /// Else it clicks, scrolls and draws, and most terminals select while Shift is held.
    #[arg(long)]
    no_mouse: bool,
}

impl ScreenArgs {
    /// Flags first, then the user's configuration.
    pub(super) fn options(
        &self,
        config: Config,
        checkpoint_dir: PathBuf,
        read_table: tui::ReadTable,
        sweeping: Option<tui::sweep::Sweeping>,
        resume_flags: Flags,
    ) -> tui::Options {
        let palette = self.theme.or(config.theme).unwrap_or(Palette::Auto);
        let depth = self.colours.or(config.colours);
        tui::Options {
            fps: self.fps.or(config.fps).unwrap_or(DEFAULT_FPS),
            theme: Theme::of_terminal(palette, depth, self.ascii || config.ascii.unwrap_or(!locale::is_utf8())),
            mouse: !self.no_mouse && config.mouse.unwrap_or(true),
            keymap: config.keymap,
            presets: config.presets,
            checkpoint_dir,
            read_table,
            sweeping,
            resume_flags: resume_flags.into_string(),
        }
    }
}

/// Starts workers one after the other, each with an engine of its own.
pub(super) fn starter(
    dataset: Arc<Dataset>,
    checkpoint_dir: PathBuf,
    engine: impl Fn() -> Engine + Send + 'static,
    signals: Signals,
) -> tui::StartWorker {
    Box::new(move |start| {
        let options = WorkerOptions { checkpoint_dir: checkpoint_dir.clone(), engine: engine() };
        let worker = Worker::spawn(Arc::clone(&dataset), start, options);
        signals.guard(&worker);
        worker
    })
}

/// Returns whether somebody is there to see it and to press keys, on a terminal that can place a cursor.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb()
}

/// The table that a sweep makes where nobody says otherwise.
pub(super) const TABLE: &str = "sweep.csv";

/// Reads the table that was named, or that of a sweep in the working folder where there is one.
pub(super) fn read_table(named: Option<PathBuf>) -> tui::ReadTable {
    Box::new(move || match &named {
        Some(path) => read(path).map(Some),
        None if fs::symlink_metadata(TABLE).is_ok() => read(Path::new(TABLE)).map(Some),
        None => Ok(None),
    })
}

fn read(path: &Path) -> Result<tui::sweep::Table, String> {
    let bytes = read_whole(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reading = Survey::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(tui::sweep::Table { path: path.to_owned(), reading })
}

/// No table of results is larger.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a table whole, within bounds, and never from anything but a file.
pub(super) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("expected a table of at most {MAX_BYTES} bytes, found more")));
    }
    Ok(bytes)
}
