//! What can be done with the runs on the disk.

use std::path::{Path, PathBuf};

use crate::{
    format::file_name,
    train::housekeeping::{MAX_NAME, check_name},
    tui::{
        app::App,
        format,
        keys::{Action, line_edit::Line},
        message::Effect,
        question::Prompt,
        screens::runs::order::Row,
        session::{
            library::run::{Entry, Removal, Tidied},
            log::Level,
        },
        update::load,
    },
};

/// Characters of a filter.
const MAX_FILTER: usize = 40;

pub(crate) fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Load => {
            let entry = whole(app, "load");
            return entry.map_or_else(Vec::new, |entry| load(app, entry.path, false));
        }
        Action::GoOnFrom => return go_on_from(app),
        Action::Rename => ask_name(app),
        Action::Delete => ask_removal(app),
        Action::FilterRuns => {
            let line = Line::with_room(app.shelf.filter.clone(), MAX_FILTER);
            app.prompt = Some(Prompt::Filter { line, before: app.shelf.filter.clone() });
        }
        Action::ClearFilter => app.shelf.filter_by(""),
        Action::Order => app.shelf.sort_by(app.shelf.sort.next()),
        Action::Mark => mark(app),
        Action::Compare => compare(app),
        _ => {}
    }
    Vec::new()
}

/// The chosen file, if it can be read; else why not.
fn whole(app: &mut App, what: &str) -> Option<Entry> {
    let entry = app.shelf.current()?.clone();
    if let Err(reason) = &entry.contents {
        app.announce(Level::Bad, format!("cannot {what} it: {reason}"));
        return None;
    }
    Some(entry)
}

fn go_on_from(app: &mut App) -> Vec<Effect> {
    let Some(entry) = whole(app, "go on from") else { return Vec::new() };
    if let Ok(contents) = &entry.contents
        && contents.is_finished()
    {
        let epochs = format::grouped(contents.epochs_done);
        app.announce(
            Level::Warn,
            format!(
                "finished after {epochs} epochs: {} loads it, then {} trains further ones",
                app.key(Action::Load),
                app.key(Action::RunEpochs)
            ),
        );
        return Vec::new();
    }
    load(app, entry.path, true)
}

/// The chosen run, unless it is the one that is being trained here.
fn idle(app: &mut App, what: &str) -> Option<PathBuf> {
    let run = app.shelf.current_run()?.path.clone();
    if is_here(app, &run) && !app.live.gone {
        app.announce(Level::Warn, format!("this run is open here: load another one, then {what} it"));
        return None;
    }
    Some(run)
}

/// The run in `path` is the one on the screen.
pub(crate) fn is_here(app: &App, path: &Path) -> bool {
    app.live.started.as_ref().is_some_and(|started| started.run_dir == path)
}

fn ask_name(app: &mut App) {
    let Some(run) = idle(app, "rename") else { return };
    let line = Line::with_room(crate::format::sanitized(&file_name(&run)), MAX_NAME);
    app.prompt = Some(Prompt::Rename { run, line, error: None });
}

pub(crate) fn accept_name(app: &mut App, run: PathBuf, line: Line) -> Vec<Effect> {
    let name = line.text.trim().to_owned();
    if name == file_name(&run) {
        return Vec::new();
    }
    if let Err(error) = check_name(&name) {
        app.prompt = Some(Prompt::Rename { run, line, error: Some(error.to_string()) });
        return Vec::new();
    }
    vec![Effect::Rename(run, name)]
}

/// Of a damaged file among others, that file; else the whole run.
fn ask_removal(app: &mut App) {
    let Some(path) = idle(app, "delete") else { return };
    let Some(run) = app.shelf.current_run() else { return };
    let removal = match (app.shelf.rows()[app.shelf.place], app.shelf.current()) {
        (Row::Damaged(..), Some(file)) if run.files.len() > 1 => Removal::File(file.path.clone()),
        _ => Removal::Run(path),
    };
    app.prompt = Some(Prompt::Delete(removal));
}

fn mark(app: &mut App) {
    let Some(run) = app.shelf.current_run().filter(|run| run.newest().is_some()) else { return };
    let path = run.path.clone();
    if !app.shelf.marked.remove(&path) {
        app.shelf.marked.insert(path);
    }
}

/// First the one, then the other; the same once more lets go of it.
fn compare(app: &mut App) {
    if app.shelf.comparing {
        app.shelf.comparing = false;
        return;
    }
    let Some(run) = app.shelf.current_run().filter(|run| run.newest().is_some()) else { return };
    let path = run.path.clone();
    match app.shelf.pinned.take() {
        Some(pinned) if pinned == path => {}
        Some(pinned) => {
            app.shelf.pinned = Some(pinned);
            app.shelf.comparing = true;
        }
        None => app.shelf.pinned = Some(path),
    }
}

pub(crate) fn tidied(app: &mut App, result: Result<Tidied, String>) -> Vec<Effect> {
    match result {
        Ok(Tidied::Renamed { from, to }) => {
            app.shelf.moved(&from, &to);
            app.announce(Level::Good, format!("{} is now {}", file_name(&from), file_name(&to)));
        }
        Ok(Tidied::Removed { removal, left }) => {
            let what = match &removal {
                Removal::Run(run) => file_name(run),
                Removal::File(file) => crate::format::path_tail(&file.display().to_string()),
            };
            let stays = match left {
                0 => String::new(),
                1 => "; another file stays in its folder".into(),
                left => format!("; {left} other files stay in its folder"),
            };
            app.announce(Level::Good, format!("deleted {what}{stays}"));
        }
        Err(reason) => app.announce(Level::Bad, reason),
    }
    app.list_checkpoints()
}
