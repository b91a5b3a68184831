//! `data`: what lies in the data folder, and bringing MNIST there.

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
    output::{print, tell},
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
  LENET_MONITOR_DATA      the data folder, where --data-dir names none
  LENET_MONITOR_MIRRORS   addresses to download from, separated by spaces; file names are appended
  LENET_MONITOR_MANIFEST  file of lines `SHA256 BYTES NAME.gz`, for mirrors that packed the files anew

Exit codes:
  0  done
  1  verify: a file is damaged or missing; fetch: the files cannot be had
  2  wrong usage";

#[derive(Debug, Args)]
#[command(after_help = ENVIRONMENT)]
pub(crate) struct DataArgs {
    #[command(subcommand)]
    action: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Tell where data are looked for, what is there, and what `--dataset auto` would take
    #[command(after_help = ENVIRONMENT)]
    Status(FolderArgs),
    /// Download MNIST into the data folder
    ///
    /// Files that are there as published are left alone. Damaged ones are set aside (renamed to NAME.damaged) and
    /// downloaded anew. A folder that holds another data set is left as it is, which is an error. A download that was
    /// interrupted goes on where it stopped.
    #[command(after_help = ENVIRONMENT)]
    Fetch(FolderArgs),
    /// Check every file: exit code 1 when one is damaged or missing
    ///
    /// A whole set that is not MNIST passes, and is said not to be MNIST. Where some files are MNIST's own and others are
    /// not, the others count as damaged.
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

/// The four files, as they lie in the folder or below.
struct Folder {
    /// As it was named, or the default.
    path: PathBuf,
    is_named: bool,
    place: Place,
    states: [(Part, State); 4],
}

impl Folder {
    /// Looks where loading would.
    fn inspect(folder: &DataFolder) -> anyhow::Result<Self> {
        Self::of(folder, data::find(&folder.path, folder.is_named)?)
    }

    /// Looks where a download would put them: what is not there will be.
    fn inspect_to_fetch(folder: &DataFolder) -> anyhow::Result<Self> {
        Self::of(folder, data::find(&folder.path, false)?)
    }

    fn of(folder: &DataFolder, place: Option<Place>) -> anyhow::Result<Self> {
        let place = place.unwrap_or_else(|| Place::empty(&folder.path));
        let state = |part| files::inspect_as(place.layout, part, place.paths[part as usize].as_deref());
        let states = Part::ALL.map(|part| (part, state(part)));
        Ok(Self { path: folder.path.clone(), is_named: folder.is_named, place, states })
    }

    /// The set that the four files make.
    fn load(&self) -> anyhow::Result<data::Dataset> {
        let request = Request { choice: Choice::Auto, folder: self.path.clone() };
        let load = if self.is_named { data::load_named } else { data::load };
        Ok(load(&request, &mut |_| ())?)
    }

    /// A line for each file.
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
        State::Other { path, count } => line(path, *count, "not MNIST's"),
        State::Damaged(error) => format!("DAMAGED       {}", sanitized(&error.to_string())),
    }
}

fn status(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = folders::data(data_dir)?;
    print(&format!("data folder: {} ({})\n", shown(&folder.path), folder.whence))?;
    let folder = Folder::inspect(&folder)?;
    print(&format!("{}--dataset auto takes: {}\n", folder.table(), sanitized(&outlook(&folder)?)))?;
    Ok(Status::Done)
}

/// What `--dataset auto` would do.
fn outlook(folder: &Folder) -> anyhow::Result<String> {
    let mirrors = Remote::from_environment()?.shown_mirrors().join(" or ");
    if folder.damaged() > 0 {
        let replaced = match (folder.others(), folder.place.layout) {
            (0, Layout::Mnist) => format!("; `{}` replaces them", fetch_command(&folder.place.folder)),
            _ => String::new(),
        };
        return Ok(format!("nothing, for damaged files are an error{replaced}"));
    }
    Ok(match (folder.missing(), folder.others()) {
        (missing, _) if missing == 0 || folder.is_named => match folder.load() {
            Ok(set) => format!("these files, as {} (fingerprint {})", set.id.name, set.id.fingerprint),
            Err(error) => format!("nothing: {error}"),
        },
        (4, _) => format!("a download from {mirrors}; without one, SYNTHETIC digits"),
        (_, 0) => format!("a download of what is missing, from {mirrors}; without one, an error"),
        _ => "nothing, for an incomplete data set is an error".to_owned(),
    })
}

fn verify(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = Folder::inspect(&folders::data(data_dir)?)?;
    let (status, verdict) = judge(&folder)?;
    print(&format!("data folder: {}\n{}{}\n", shown(&folder.place.folder), folder.table(), sanitized(&verdict)))?;
    Ok(status)
}

fn judge(folder: &Folder) -> anyhow::Result<(Status, String)> {
    let [published, others, damaged, missing] =
        [folder.published(), folder.others(), folder.damaged(), folder.missing()];
    let wrong = |what: String| Ok((Status::Failed, format!("NOT IN ORDER: {what}")));
    if damaged + missing > 0 {
        let advice = match (others, folder.place.layout) {
            (0, Layout::Mnist) => format!("; `{}` brings MNIST's files", fetch_command(&folder.place.folder)),
            _ => String::new(),
        };
        return wrong(format!("{damaged} damaged, {missing} missing{advice}"));
    }
    if published > 0 && others > 0 {
        return wrong(format!("{others} of the files are not MNIST's, the others are"));
    }
    // Counts that differ between images and labels show only when the files are taken together.
    match folder.load() {
        Err(error) => wrong(error.to_string()),
        Ok(set) => {
            let note = if published == 4 { "as published" } else { "sound, but not MNIST" };
            Ok((Status::Done, format!("in order: {} (fingerprint {}), {note}", set.id.name, set.id.fingerprint)))
        }
    }
}

fn fetch(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = folders::data(data_dir)?;
    let before = Folder::inspect_to_fetch(&folder)?;
    refuse_another_set(&before)?;
    if before.published() == 4 {
        print(&format!("nothing to do: {} holds MNIST, as published\n", shown(&before.place.folder)))?;
        return Ok(Status::Done);
    }
    set_damaged_aside(&folder, before)?;

    let remote = Remote::from_environment()?;
    let mut progress = Progress::default();
    let result = download::fetch(&folder.path, &remote, remote.patient, &mut |event| progress.show(event));
    progress.finish();
    result?;

    let after = Folder::inspect_to_fetch(&folder)?;
    print(&format!("data folder: {}\n{}", shown(&after.path), after.table()))?;
    if after.published() < 4 {
        bail!("what was downloaded is not MNIST: see above, and $LENET_MONITOR_MANIFEST");
    }
    Ok(Status::Done)
}

fn refuse_another_set(folder: &Folder) -> anyhow::Result<()> {
    let path = folder.path.display();
    let other = folder.states.iter().find_map(|(_, state)| match state {
        State::Other { path, .. } => Some(path),
        _ => None,
    });
    if let Some(other) = other {
        bail!(
            "{} is not MNIST's, but sound: it may be another data set's, so nothing in {path} is touched; move it away, or \
             name another folder with --data-dir",
            other.display()
        );
    }
    let layout = folder.place.layout;
    if layout != Layout::Mnist && folder.published() < 4 {
        bail!(
            "{path} holds files of another data set ({layout}): nothing is touched; name another folder with --data-dir"
        );
    }
    Ok(())
}

/// Renames damaged files, under whichever of its names a file goes, until none is in the way. Nobody's file is deleted.
fn set_damaged_aside(folder: &DataFolder, mut found: Folder) -> anyhow::Result<()> {
    while found.damaged() > 0 {
        for (_, state) in &found.states {
            if let State::Damaged(error) = state {
                // Files that cannot be read (for want of rights, say) may be in order.
                if let IdxFault::Unreadable(cause) = &error.fault
                    && cause.kind() != io::ErrorKind::NotFound
                {
                    bail!("{error}");
                }
                let aside = aside(&error.path)?;
                tell(&format!("{error}"));
                tell(&format!("setting it aside as {}", aside.display()));
                fs::rename(&error.path, &aside)
                    .with_context(|| format!("{} cannot be set aside; move it away", error.path.display()))?;
            }
        }
        found = Folder::inspect_to_fetch(folder)?;
        refuse_another_set(&found)?;
    }
    Ok(())
}

/// A free name beside a damaged file.
fn aside(path: &Path) -> io::Result<PathBuf> {
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
    Err(io::Error::other(format!("{} has a hundred damaged copies beside it; remove some", path.display())))
}
