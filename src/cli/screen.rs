//! The screen: its flags, and the options that `train` and `sweep` start it with.

use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;

use super::{DEFAULT_FPS, config::Config, engine::cores, output::is_dumb, pasted::Flags, signals::Signals};
use crate::{
    data::Dataset,
    disk, locale,
    nn::Engine,
    sweep::{self, Format, survey::Survey},
    train::{Observer, Worker, WorkerOptions},
    tui::{self, Depth, Palette, Theme},
};

/// Flags on how the screen looks.
#[derive(Clone, Debug, Args)]
pub(super) struct LookArgs {
    /// Maximum frames per second, 1 to 60 [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=60))]
    fps: Option<u8>,
    /// Colours: dark, light, auto (for any background), colour-blind or mono [default: by the terminal's background]
    ///
    /// A terminal that does not report its background gets auto. NO_COLOR in the environment means mono.
    #[arg(long, value_name = "NAME")]
    theme: Option<Palette>,
    /// How many colours to use: 16, 256 or true [default: as many as the terminal reports]
    #[arg(long, value_name = "N")]
    colours: Option<Depth>,
    /// Draw with ASCII only, for fonts without braille and block characters [default: if the locale is not UTF-8]
    #[arg(long)]
    ascii: bool,
    /// Leave the title of the terminal's window as it is
    ///
    /// Otherwise it says what runs, and how far it is.
    #[arg(long)]
    no_title: bool,
    /// Leave the mouse to the terminal, so that it selects text
    ///
    /// Otherwise the mouse clicks, scrolls and draws; most terminals select text while Shift is held.
    #[arg(long)]
    no_mouse: bool,
}

impl LookArgs {
    /// Returns the theme, and whether it is to be chosen by the terminal's background. Flags take precedence.
    pub(super) fn theme(&self, config: &Config) -> (Theme, bool) {
        let palette = self.theme.or(config.theme);
        let depth = self.colours.or(config.colours);
        let theme = Theme::of_terminal(palette, depth, self.ascii || config.ascii.unwrap_or(!locale::is_utf8()));
        (theme, palette.is_none() && theme.palette == Palette::Auto)
    }

    pub(super) fn fps(&self, config: &Config) -> u8 {
        self.fps.or(config.fps).unwrap_or(DEFAULT_FPS)
    }

    pub(super) fn uses_mouse(&self, config: &Config) -> bool {
        !self.no_mouse && config.mouse.unwrap_or(true)
    }

    pub(super) fn sets_title(&self, config: &Config) -> bool {
        !self.no_title && config.title.unwrap_or(true)
    }
}

#[derive(Clone, Debug, Args)]
pub(super) struct ScreenArgs {
    #[command(flatten)]
    look: LookArgs,
    /// Ring the terminal's bell when the run or the sweep ends
    #[arg(long)]
    bell: bool,
    /// Send a notification through the terminal when the run or the sweep ends
    ///
    /// It is sent as OSC 9 and as OSC 777. Terminals that know neither ignore it, and tmux passes on neither.
    #[arg(long)]
    notify: bool,
}

impl ScreenArgs {
    /// Combines the flags with the user's configuration; flags take precedence.
    pub(super) fn options(
        &self,
        config: Config,
        checkpoint_dir: PathBuf,
        read_table: tui::ReadTable,
        resume_flags: Flags,
        sweep_flags: Flags,
    ) -> tui::Options {
        let (theme, asks_background) = self.look.theme(&config);
        tui::Options {
            fps: self.look.fps(&config),
            theme,
            asks_background,
            mouse: self.look.uses_mouse(&config),
            title: self.look.sets_title(&config),
            bell: self.bell || config.bell.unwrap_or(false),
            notify: self.notify || config.notify.unwrap_or(false),
            presets: config.presets(),
            keymap: config.keymap,
            checkpoint_dir,
            read_table,
            sweep_file: None,
            sweeping: None,
            resume_flags: resume_flags.into_string(),
            sweep_flags: sweep_flags.into_string(),
            cores: cores(),
            attached: None,
            attached_sweep: None,
            notes: Vec::new(),
        }
    }
}

/// Returns a function that starts workers, each with its own engine and observer.
pub(super) fn starter(
    dataset: Arc<Dataset>,
    checkpoint_dir: PathBuf,
    engine: impl Fn() -> Engine + Send + 'static,
    signals: Signals,
    observer: impl Fn() -> Option<Observer> + Send + 'static,
) -> tui::StartWorker {
    Box::new(move |start| {
        let options = WorkerOptions { checkpoint_dir: checkpoint_dir.clone(), engine: engine() };
        let worker = Worker::spawn_observed(Arc::clone(&dataset), start, options, observer());
        signals.guard(&worker);
        worker
    })
}

/// Returns whether input and output are a terminal that can move the cursor.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && !is_dumb()
}

/// Default file name of a sweep's table.
pub(super) const TABLE: &str = "sweep.csv";

/// Returns a function that reads the given table, or else the default one in the working folder, if it exists.
pub(super) fn read_table(given: Option<PathBuf>) -> tui::ReadTable {
    Box::new(move || match &given {
        Some(path) => read(path).map(Some),
        None if fs::symlink_metadata(TABLE).is_ok() => read(Path::new(TABLE)).map(Some),
        None => Ok(None),
    })
}

fn read(path: &Path) -> Result<tui::sweep::Table, String> {
    let bytes = read_whole(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let reading = Survey::read(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    // Of a table that has been edited, only what the survey reads is shown.
    let methods = sweep::read_table(path, Format::Methods).map_or_else(|_| Vec::new(), |(rows, _)| rows);
    Ok(tui::sweep::Table { path: path.to_owned(), reading, methods })
}

/// Limit for a table of results, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a complete table of limited size, and only from a regular file.
pub(super) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    disk::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!("expected a table of at most {MAX_BYTES} bytes, found more")));
    }
    Ok(bytes)
}
