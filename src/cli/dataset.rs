//! The flags that choose a data set, and the progress shown while it is loaded.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::bail;
use clap::{Args, ValueEnum};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{
    UsageError,
    config::ConfigError,
    folders,
    output::{is_watched, notify, write_err},
};
use crate::{
    data::{self, Choice, Dataset, DatasetId, Kind, LoadEvent, Request},
    disk,
    format::{FETCH, fetch_command},
};

/// Source of the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DatasetChoice {
    /// Files if there are any; if no folder is given, else a download, else synthetic digits
    #[default]
    Auto,
    /// Files; if no folder is given, else a download; otherwise an error
    Mnist,
    /// Digits the program draws itself; cannot be combined with --data-dir
    Synthetic,
}

impl From<DatasetChoice> for Choice {
    fn from(choice: DatasetChoice) -> Self {
        match choice {
            DatasetChoice::Auto => Self::Auto,
            DatasetChoice::Mnist => Self::Mnist,
            DatasetChoice::Synthetic => Self::Synthetic,
        }
    }
}

/// The flags that choose a data set, shared by subcommands.
#[derive(Debug, Clone, Args)]
pub struct DatasetArgs {
    /// Where images come from [default: auto]
    #[arg(long, value_enum, ignore_case = true, hide_default_value = true)]
    pub dataset: Option<DatasetChoice>,
    /// Folder with a data set of ten classes: MNIST's four files, others under the same names, or files as EMNIST,
    /// QMNIST, torchvision or Keras store them; never written to [default: $LENET_MONITOR_DATA, else the
    /// configuration's, else data]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// A data set, and what the user has to know about it.
pub struct Loaded {
    pub dataset: Arc<Dataset>,
    /// Lines for the log, each with shorter texts for narrow panes.
    pub notes: Vec<(String, Vec<String>)>,
}

impl DatasetArgs {
    /// Loads what the flags ask for, reporting slow steps on stderr.
    ///
    /// # Errors
    /// A usage error if the flags contradict each other; for the rest see [`data::load`].
    pub fn load(&self) -> anyhow::Result<Loaded> {
        let choice = self.dataset.unwrap_or_default();
        if let (DatasetChoice::Synthetic, Some(folder)) = (choice, &self.data_dir) {
            let folder = folder.display();
            bail!(UsageError(format!(
                "--dataset synthetic uses no files, but --data-dir names {folder}; drop one of the two flags"
            )));
        }
        self.load_choice(choice.into())
    }

    /// Returns the absolute path of the folder from which `dataset` was loaded, unless it is synthetic.
    ///
    /// # Errors
    /// If the configuration cannot be read.
    pub(super) fn folder_of(&self, dataset: &Dataset) -> Result<Option<PathBuf>, ConfigError> {
        if dataset.id.kind == Kind::Synthetic {
            return Ok(None);
        }
        Ok(Some(disk::absolute(&folders::data(self.data_dir.clone())?.path)))
    }

    /// Loads what the flags ask for; without flags, data of the checkpoint's kind.
    ///
    /// # Errors
    /// As [`Self::load`]; without flags also if the data found are not those of `id`.
    pub fn load_like(&self, id: &DatasetId) -> anyhow::Result<Arc<Dataset>> {
        if self.dataset.is_some() || self.data_dir.is_some() {
            return self.load().map(|loaded| loaded.dataset);
        }
        let choice = match id.kind {
            Kind::Mnist => Choice::Mnist,
            Kind::Synthetic => Choice::Synthetic,
            Kind::Other => {
                let folder = folders::data(None)?;
                // Otherwise MNIST would be downloaded only to be rejected.
                if !folder.is_named && data::find(&folder.path, false)?.is_none_or(|place| place.whole().is_none()) {
                    let DatasetId { name, fingerprint, .. } = id;
                    bail!(
                        "expected the checkpoint's own data set, {name} ({fingerprint}), found no files in {}; \
                         give its folder with --data-dir",
                        folder.path.display()
                    );
                }
                Choice::Auto
            }
        };
        let set = self.load_choice(choice)?.dataset;
        if set.id.fingerprint != id.fingerprint {
            bail!(
                "expected the checkpoint's own data set, {} ({}), found {} ({}); name the folder of the one to use \
                 with --data-dir",
                id.name,
                id.fingerprint,
                set.id.name,
                set.id.fingerprint
            );
        }
        Ok(set)
    }

    /// Loads a data set that is on this computer. `None` if it is not where this user keeps data.
    pub fn find_here(id: &DatasetId) -> Option<Arc<Dataset>> {
        let nothing = Self { dataset: None, data_dir: None };
        let loaded = match id.kind {
            Kind::Synthetic => nothing.load_choice(Choice::Synthetic),
            Kind::Mnist | Kind::Other => {
                let folder = folders::data(None).ok()?;
                // Nothing is downloaded.
                let place = data::find(&folder.path, folder.is_named).ok()??;
                let files = place.whole().is_some();
                files.then(|| Self { data_dir: Some(folder.path), ..nothing }.load_choice(Choice::Auto))?
            }
        };
        loaded.ok().map(|loaded| loaded.dataset).filter(|dataset| dataset.id.fingerprint == id.fingerprint)
    }

    fn load_choice(&self, choice: Choice) -> anyhow::Result<Loaded> {
        let folder = folders::data(self.data_dir.clone())?;
        let request = Request { choice, folder: folder.path };
        let mut progress = Progress::default();
        let load = if folder.is_named { data::load_named } else { data::load };
        let mut notes = Vec::new();
        let result = load(&request, &mut |event| {
            if let LoadEvent::Fallback { folder, cause } = &event {
                notes = why_synthetic(folder, cause).into();
            }
            progress.show(event);
        });
        progress.finish();
        Ok(Loaded { dataset: Arc::new(result?), notes })
    }
}

/// Returns why the digits are synthetic, and how to get MNIST.
fn why_synthetic(folder: &Path, cause: &str) -> [(String, Vec<String>); 2] {
    let shown = folder.display();
    [
        (
            format!("SYNTHETIC digits instead of MNIST: no MNIST files in {shown}, and {cause}"),
            vec![
                format!("SYNTHETIC: no MNIST files in {shown}, and no download"),
                "SYNTHETIC: no MNIST files, no download".into(),
            ],
        ),
        (
            format!("to train on MNIST: `{}`, or --data-dir with the folder of its files", fetch_command(folder)),
            vec![format!("for MNIST: {FETCH}, or --data-dir"), format!("for MNIST: {FETCH}")],
        ),
    ]
}

/// Progress of loading on stderr: a bar on a terminal, otherwise one line per file.
#[derive(Default)]
pub(super) struct Progress {
    /// File being downloaded, and its progress bar.
    current: Option<(String, ProgressBar)>,
}

impl Progress {
    pub(super) fn show(&mut self, event: LoadEvent) {
        match event {
            LoadEvent::Note(note) => {
                self.finish();
                notify(&note);
            }
            LoadEvent::Fallback { folder, cause } => {
                self.finish();
                why_synthetic(&folder, &cause).iter().for_each(|(text, _)| notify(text));
            }
            LoadEvent::Generating => {
                self.finish();
                notify("generating SYNTHETIC digits");
            }
            LoadEvent::Downloading { file, done, total } => {
                if self.current.as_ref().is_none_or(|(current, _)| *current != file) {
                    self.finish();
                    self.current = Some((file.clone(), new_bar(&file, total)));
                }
                if let Some((_, bar)) = &self.current {
                    bar.set_position(done);
                }
            }
        }
    }

    /// Leaves the bar at its position: full, or where the download broke off.
    pub(super) fn finish(&mut self) {
        if let Some((_, bar)) = self.current.take() {
            bar.abandon();
            if !bar.is_hidden() {
                // The cursor is still behind the bar.
                write_err("\n");
            }
        }
    }
}

fn new_bar(file: &str, total: Option<u64>) -> ProgressBar {
    if !is_watched() {
        let size = total.map_or_else(String::new, |total| format!(" ({})", HumanBytes(total)));
        notify(&format!("downloading {file}{size}"));
        return ProgressBar::hidden();
    }
    const TEMPLATE: &str = "{msg:26} [{wide_bar}] {bytes:>10} of {total_bytes:10} {eta:>4}";
    let style = ProgressStyle::with_template(TEMPLATE).expect("the template is valid").progress_chars("=> ");
    // Ten times a second is enough over SSH.
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    bar.with_style(style).with_message(file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Fingerprint;

    const NO_FLAGS: DatasetArgs = DatasetArgs { dataset: None, data_dir: None };

    #[test]
    fn synthetic_digits_cannot_be_combined_with_a_folder() {
        let args = DatasetArgs { dataset: Some(DatasetChoice::Synthetic), data_dir: Some("some-folder".into()) };
        let error = args.load().map(|loaded| loaded.dataset.id.clone()).unwrap_err();
        assert!(error.is::<UsageError>());
        assert!(error.to_string().contains("some-folder"), "{error}");
    }

    #[test]
    fn without_flags_the_kind_of_data_is_the_checkpoints() {
        let own =
            DatasetArgs { dataset: Some(DatasetChoice::Synthetic), ..NO_FLAGS }.load().unwrap().dataset.id.clone();
        assert_eq!(NO_FLAGS.load_like(&own).unwrap().id, own);

        let other = DatasetId { fingerprint: Fingerprint([7; 32]), ..own.clone() };
        let message = NO_FLAGS.load_like(&other).unwrap_err().to_string();
        for fingerprint in [own.fingerprint, other.fingerprint] {
            assert!(message.contains(&fingerprint.to_string()), "{message}");
        }
    }
}
