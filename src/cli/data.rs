//! `data`: inspects the data folder, and downloads MNIST into it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;

use super::{
    Status,
    dataset::Progress,
    folders::{self, DataFolder},
    output::{notify, print},
};
use crate::{
    data::{
        self, Choice, Request,
        download::{self, Remote},
        files::{self, Part, State},
        idx::IdxFault,
        layout::Layout,
        locate::Place,
    },
    format::{fetch_command, sanitized, shown},
};

const ENVIRONMENT: &str = "\
Environment:
  LENET_MONITOR_DATA      the data folder, if --data-dir is not given
  LENET_MONITOR_MIRRORS   addresses to download from, separated by spaces; file names are appended
  LENET_MONITOR_MANIFEST  file of lines `SHA256 BYTES NAME.gz`, for mirrors that compressed the files again

Exit codes:
  0  done
  1  verify: a file is damaged or missing; fetch: the files could not be downloaded
  2  invalid arguments";

#[derive(Debug, Args)]
#[command(after_help = ENVIRONMENT)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    action: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Show where data are looked for, what is there, and what `--dataset auto` would use
    #[command(after_help = ENVIRONMENT)]
    Status(FolderArgs),
    /// Download MNIST into the data folder
    ///
    /// Files that match the published ones are kept. Damaged ones are renamed to NAME.damaged and downloaded again. A
    /// folder with another data set is left untouched and is an error. An interrupted download continues where it
    /// stopped.
    #[command(after_help = ENVIRONMENT)]
    Fetch(FolderArgs),
    /// Check every file: exit code 1 if one is damaged or missing
    ///
    /// A complete data set other than MNIST passes, with a note that it is not MNIST. If only some of the files are
    /// MNIST's, the others count as damaged.
    #[command(after_help = ENVIRONMENT)]
    Verify(FolderArgs),
}

#[derive(Debug, Args)]
struct FolderArgs {
    /// The data folder [default: $LENET_MONITOR_DATA, else the configuration's, else data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(args: DataArgs) -> anyhow::Result<Status> {
    match args.action {
        Subcommand::Status(args) => status(args.data_dir),
        Subcommand::Fetch(args) => fetch(args.data_dir),
        Subcommand::Verify(args) => verify(args.data_dir),
    }
}

/// The four files in the folder or its subfolders.
struct Folder {
    /// Path given by the user, or the default.
    path: PathBuf,
    is_named: bool,
    place: Place,
    states: [(Part, State); 4],
}

impl Folder {
    /// Inspects the place from which data would be loaded.
    fn inspect(folder: &DataFolder) -> anyhow::Result<Self> {
        Self::of(folder, data::find(&folder.path, folder.is_named)?)
    }

    /// Inspects the place into which a download would put the files.
    fn inspect_to_fetch(folder: &DataFolder) -> anyhow::Result<Self> {
        Self::of(folder, data::find(&folder.path, false)?)
    }

    fn of(folder: &DataFolder, place: Option<Place>) -> anyhow::Result<Self> {
        let place = place.unwrap_or_else(|| Place::empty(&folder.path));
        let state = |part| files::inspect_as(place.layout, part, place.paths[part as usize].as_deref());
        let states = Part::ALL.map(|part| (part, state(part)));
        Ok(Self { path: folder.path.clone(), is_named: folder.is_named, place, states })
    }

    /// Loads the data set that the four files make up.
    fn load(&self) -> anyhow::Result<data::Dataset> {
        let request = Request { choice: Choice::Auto, folder: self.path.clone() };
        let load = if self.is_named { data::load_named } else { data::load };
        Ok(load(&request, &mut |_| ())?)
    }

    /// Returns one line per file.
    fn table(&self) -> String {
        let names = Part::ALL.map(|part| self.place.layout.name(part));
        let width = names.iter().map(String::len).max().unwrap_or(0) + 2;
        let line = |((part, state), name): (&(Part, State), &String)| {
            format!("  {name:width$}{}\n", sanitized(&describe(*part, state)))
        };
        self.states.iter().zip(&names).map(line).collect()
    }

    fn count(&self, which: fn(&State) -> bool) -> usize {
        self.states.iter().filter(|(_, state)| which(state)).count()
    }

    fn published(&self) -> usize {
        self.count(|state| matches!(state, State::Published { .. }))
    }

    fn others(&self) -> usize {
        self.count(|state| matches!(state, State::Other { .. }))
    }

    fn damaged(&self) -> usize {
        self.count(|state| matches!(state, State::Damaged(_)))
    }

    fn missing(&self) -> usize {
        self.count(|state| matches!(state, State::Missing))
    }
}

fn describe(part: Part, state: &State) -> String {
    let line = |path: &Path, count: usize, what: &str| {
        format!("{:13} {what} ({})", format!("{count} {}", part.content()), shown(path))
    };
    match state {
        State::Missing => "missing".to_owned(),
        State::Published { path, count } => line(path, *count, "MNIST, as published"),
        State::Other { path, count } => line(path, *count, "not from MNIST"),
        State::Damaged(error) => format!("DAMAGED       {}", sanitized(&error.to_string())),
    }
}

fn status(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = folders::data(data_dir)?;
    print(&format!("data folder: {} ({})\n", shown(&folder.path), folder.origin))?;
    let folder = Folder::inspect(&folder)?;
    print(&format!("{}--dataset auto uses: {}\n", folder.table(), sanitized(&auto_choice(&folder)?)))?;
    Ok(Status::Done)
}

/// Returns what `--dataset auto` would do.
fn auto_choice(folder: &Folder) -> anyhow::Result<String> {
    let mirrors = Remote::from_environment()?.shown_mirrors().join(" or ");
    if folder.damaged() > 0 {
        let replaced = match (folder.others(), folder.place.layout) {
            (0, Layout::Mnist) => format!("; `{}` replaces them", fetch_command(&folder.place.folder)),
            _ => String::new(),
        };
        return Ok(format!("nothing: damaged files are an error{replaced}"));
    }
    Ok(match (folder.missing(), folder.others()) {
        (missing, _) if missing == 0 || folder.is_named => match folder.load() {
            Ok(set) => format!("these files, as {} (fingerprint {})", set.id.name, set.id.fingerprint),
            Err(error) => format!("nothing: {error}"),
        },
        (4, _) => format!("a download from {mirrors}; if that fails, SYNTHETIC digits"),
        (_, 0) => format!("a download of the missing files from {mirrors}; if that fails, an error"),
        _ => "nothing: an incomplete data set is an error".to_owned(),
    })
}

fn verify(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = Folder::inspect(&folders::data(data_dir)?)?;
    let (status, verdict) = verdict(&folder)?;
    print(&format!("data folder: {}\n{}{}\n", shown(&folder.place.folder), folder.table(), sanitized(&verdict)))?;
    Ok(status)
}

fn verdict(folder: &Folder) -> anyhow::Result<(Status, String)> {
    let [published, others, damaged, missing] =
        [folder.published(), folder.others(), folder.damaged(), folder.missing()];
    let failed = |what: String| Ok((Status::Failed, format!("FAILED: {what}")));
    if damaged + missing > 0 {
        let advice = match (others, folder.place.layout) {
            (0, Layout::Mnist) => format!("; `{}` downloads MNIST", fetch_command(&folder.place.folder)),
            _ => String::new(),
        };
        return failed(format!("{damaged} damaged, {missing} missing{advice}"));
    }
    if published > 0 && others > 0 {
        return failed(format!("{others} of the files are not from MNIST; the others are"));
    }
    // Only loading finds that the numbers of images and labels differ.
    match folder.load() {
        Err(error) => failed(error.to_string()),
        Ok(set) => {
            let note = if published == 4 { "as published" } else { "valid, but not MNIST" };
            Ok((Status::Done, format!("OK: {} (fingerprint {}), {note}", set.id.name, set.id.fingerprint)))
        }
    }
}

fn fetch(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = folders::data(data_dir)?;
    let before = Folder::inspect_to_fetch(&folder)?;
    reject_another_set(&before)?;
    if before.published() == 4 {
        print(&format!("nothing to do: {} holds MNIST, as published\n", shown(&before.place.folder)))?;
        return Ok(Status::Done);
    }
    rename_damaged(&folder, before)?;

    let remote = Remote::from_environment()?;
    let mut progress = Progress::default();
    let result = download::fetch(&folder.path, &remote, remote.patient, &mut |event| progress.show(event));
    progress.finish();
    result?;

    let after = Folder::inspect_to_fetch(&folder)?;
    print(&format!("data folder: {}\n{}", shown(&after.path), after.table()))?;
    if after.published() < 4 {
        bail!("the downloaded files are not MNIST: see above, and check $LENET_MONITOR_MANIFEST");
    }
    Ok(Status::Done)
}

fn reject_another_set(folder: &Folder) -> anyhow::Result<()> {
    let path = folder.path.display();
    let other = folder.states.iter().find_map(|(_, state)| match state {
        State::Other { path, .. } => Some(path),
        _ => None,
    });
    if let Some(other) = other {
        bail!(
            "{} is valid but not from MNIST: it may belong to another data set, so nothing in {path} was changed; \
             move it away, or name another folder with --data-dir",
            other.display()
        );
    }
    let layout = folder.place.layout;
    if layout != Layout::Mnist && folder.published() < 4 {
        bail!(
            "{path} holds files of another data set ({layout}); nothing was changed; \
             name another folder with --data-dir"
        );
    }
    Ok(())
}

/// Renames damaged files until none is in the way, under any of a file's possible names. Nothing is deleted.
fn rename_damaged(folder: &DataFolder, mut found: Folder) -> anyhow::Result<()> {
    while found.damaged() > 0 {
        for (_, state) in &found.states {
            if let State::Damaged(error) = state {
                // A file that cannot be read, for lack of permission for example, may be undamaged.
                if let IdxFault::Unreadable(cause) = &error.fault
                    && cause.kind() != io::ErrorKind::NotFound
                {
                    bail!("{error}");
                }
                let new_path = unused_path(&error.path)?;
                notify(&format!("{error}"));
                notify(&format!("renaming it to {}", new_path.display()));
                fs::rename(&error.path, &new_path)
                    .with_context(|| format!("cannot rename {}; move it away", error.path.display()))?;
            }
        }
        found = Folder::inspect_to_fetch(folder)?;
        reject_another_set(&found)?;
    }
    Ok(())
}

/// Returns an unused path for a damaged file.
fn unused_path(path: &Path) -> io::Result<PathBuf> {
    let named = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    for number in 1..100 {
        let candidate = if number == 1 { named(".damaged") } else { named(&format!(".damaged-{number}")) };
        if fs::symlink_metadata(&candidate).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(candidate);
        }
    }
    Err(io::Error::other(format!("{} already has 99 damaged copies beside it; remove some", path.display())))
}
