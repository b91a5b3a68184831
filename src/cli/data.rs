//! `data`: what lies in the data folder, and bringing MNIST there.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};

use super::{
    Status,
    dataset::Progress,
    folders,
    output::{print, tell},
};
use crate::{
    data::{
        Choice, Request,
        download::{self, Remote},
        files::{self, Part, State},
        idx::IdxFault,
        load_from,
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
pub struct DataArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
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

pub fn run(args: DataArgs) -> anyhow::Result<Status> {
    match args.action {
        Action::Status(args) => status(args.data_dir),
        Action::Fetch(args) => fetch(args.data_dir),
        Action::Verify(args) => verify(args.data_dir),
    }
}

/// The four files, as they lie in the folder.
struct Folder {
    path: PathBuf,
    states: [(Part, State); 4],
}

impl Folder {
    fn inspect(path: PathBuf) -> anyhow::Result<Self> {
        let [a, b, c, d] = Part::ALL.map(|part| files::inspect(&path, part).map(|state| (part, state)));
        let states = [a?, b?, c?, d?];
        Ok(Self { path, states })
    }

    fn request(&self) -> Request {
        Request { choice: Choice::Auto, folder: self.path.clone() }
    }

    /// A line for each file.
    fn table(&self) -> String {
        let line = |(part, state): &(Part, State)| format!("  {:25}{}\n", part.to_string(), describe(*part, state));
        self.states.iter().map(line).collect()
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
    let (path, whence) = folders::data(data_dir)?;
    let folder = Folder::inspect(path)?;
    let outlook = outlook(&folder)?;
    print(&format!(
        "data folder: {} ({whence})\n{}--dataset auto takes: {outlook}\n",
        shown(&folder.path),
        folder.table()
    ))?;
    Ok(Status::Done)
}

/// What `--dataset auto` would do.
fn outlook(folder: &Folder) -> anyhow::Result<String> {
    let remote = Remote::from_environment()?;
    if folder.damaged() > 0 {
        return Ok(format!("nothing, for damaged files are an error; `{}` replaces them", fetch_command(&folder.path)));
    }
    Ok(match (folder.missing(), folder.others()) {
        (0, _) => match load_from(&folder.request(), &remote, &mut |_| ()) {
            Ok(set) => format!("these files, as {} (fingerprint {})", set.id.name, set.id.fingerprint),
            Err(error) => format!("nothing: {error}"),
        },
        (4, _) => format!("a download from {}; without one, SYNTHETIC digits", remote.mirrors.join(" or ")),
        (_, 0) => format!("a download of what is missing, from {}; without one, an error", remote.mirrors.join(" or ")),
        _ => "nothing, for an incomplete data set is an error".to_owned(),
    })
}

fn verify(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let folder = Folder::inspect(folders::data(data_dir)?.0)?;
    let (status, verdict) = judge(&folder)?;
    print(&format!("data folder: {}\n{}{verdict}\n", shown(&folder.path), folder.table()))?;
    Ok(status)
}

fn judge(folder: &Folder) -> anyhow::Result<(Status, String)> {
    let [published, others, damaged, missing] =
        [folder.published(), folder.others(), folder.damaged(), folder.missing()];
    let wrong = |what: String| Ok((Status::Failed, format!("NOT IN ORDER: {what}")));
    if damaged + missing > 0 {
        let fetch = fetch_command(&folder.path);
        let advice = if others == 0 { format!("; `{fetch}` brings MNIST's files") } else { String::new() };
        return wrong(format!("{damaged} damaged, {missing} missing{advice}"));
    }
    if published > 0 && others > 0 {
        return wrong(format!("{others} of the files are not MNIST's, the others are"));
    }
    // Counts that differ between images and labels show only when the files are taken together.
    match load_from(&folder.request(), &Remote::from_environment()?, &mut |_| ()) {
        Err(error) => wrong(error.to_string()),
        Ok(set) => {
            let note = if published == 4 { "as published" } else { "sound, but not MNIST" };
            Ok((Status::Done, format!("in order: {} (fingerprint {}), {note}", set.id.name, set.id.fingerprint)))
        }
    }
}

fn fetch(data_dir: Option<PathBuf>) -> anyhow::Result<Status> {
    let before = Folder::inspect(folders::data(data_dir)?.0)?;
    refuse_another_set(&before)?;
    if before.published() == 4 {
        print(&format!("nothing to do: {} holds MNIST, as published\n", shown(&before.path)))?;
        return Ok(Status::Done);
    }
    let path = set_damaged_aside(before)?;

    let remote = Remote::from_environment()?;
    let mut progress = Progress::default();
    let result = download::fetch(&path, &remote, remote.patient, &mut |event| progress.show(event));
    progress.finish();
    result?;

    let after = Folder::inspect(path)?;
    print(&format!("data folder: {}\n{}", shown(&after.path), after.table()))?;
    if after.published() < 4 {
        bail!("what was downloaded is not MNIST: see above, and $LENET_MONITOR_MANIFEST");
    }
    Ok(Status::Done)
}

fn refuse_another_set(folder: &Folder) -> anyhow::Result<()> {
    let other = folder.states.iter().find_map(|(_, state)| match state {
        State::Other { path, .. } => Some(path),
        _ => None,
    });
    if let Some(path) = other {
        bail!(
            "{} is not MNIST's, but sound: it may be another data set's, so nothing in {} is touched; move it away, or \
             name another folder with --data-dir",
            path.display(),
            folder.path.display()
        );
    }
    Ok(())
}

/// Renames damaged files, under whichever of its names a file goes, until none is in the way. Nobody's file is deleted.
fn set_damaged_aside(mut folder: Folder) -> anyhow::Result<PathBuf> {
    while folder.damaged() > 0 {
        for (_, state) in &folder.states {
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
        folder = Folder::inspect(folder.path)?;
        refuse_another_set(&folder)?;
    }
    Ok(folder.path)
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
