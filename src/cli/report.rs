//! `report`: charts and an HTML page of sweeps and runs.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use clap::Args;

use super::{
    DatasetArgs, Status, UsageError, checkpoints,
    engine::EngineArgs,
    eval::{first, temperature},
    output::{notify, print, write_err},
    saved, screen,
};
use crate::{
    data::{Dataset, DatasetId},
    disk,
    format::{grouped, shown},
    interop::{self, ExportKind, Layout},
    nn::{Engine, Simd},
    report::{self, Counter, History, Matrix, ReportError, Run, Section, Source, TestSet},
    train::{Checkpoint, checkpoint, dataset_label, evaluate},
};

const OWN_DATA: &str = "Where a checkpoint's test images come from [default: its own kind of data]";

#[derive(Debug, Args)]
#[command(mut_arg("dataset", |arg| arg.help(OWN_DATA)))]
pub(crate) struct ReportArgs {
    /// What to draw: tables of sweeps and methods, checkpoints, run folders, or histories (from `history --csv` or `--json`,
    /// `train --json`, or another program's log)
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,
    /// Folder for the pictures (SVG and PNG) and the page, report.html; created if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace files in that folder even if they are not from a report, without asking
    #[arg(long)]
    overwrite: bool,
    /// Accuracy at or below which a configuration has failed
    #[arg(long, value_name = "SHARE", default_value_t = THRESHOLD, value_parser = share)]
    threshold: f64,
    /// Number of pages of 25 misread digits, and of as many correct ones
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=400))]
    pages: u16,
    /// Also write each checkpoint for other programs, into that folder: safetensors, npz, onnx or tensorboard
    ///
    /// Files are named like the pictures, RUN.safetensors; tensorboard is a folder with the curves.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    export: Vec<ExportKind>,
    /// Names, shapes and orders of the exported tensors: those of pytorch or of keras
    #[arg(long, value_name = "LAYOUT", default_value_t, requires = "export")]
    layout: Layout,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "expected a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("expected a number from 0 to 1".into()) }
}

/// Folder in the working folder for the reports that the screen writes, each in a folder of its own.
const REPORTS: &str = "reports";
const THRESHOLD: f64 = 0.5;

/// Settings of a report.
struct Settings<'a> {
    threshold: f64,
    pages: usize,
    engine: &'a dyn Fn() -> anyhow::Result<Engine>,
    /// Loads a checkpoint's test images. The inner error leaves them out of the report, the outer one ends it.
    load: &'a dyn Fn(&DatasetId) -> anyhow::Result<anyhow::Result<Arc<Dataset>>>,
}

/// Writes the report of one source for the screen, and returns the path of its page. Runs on another data set than
/// `dataset` are reported without its images.
pub(super) fn write_one(source: &Path, dataset: &Arc<Dataset>, simd: Simd) -> anyhow::Result<PathBuf> {
    let load = |id: &DatasetId| {
        let is_own = dataset.id.fingerprint == id.fingerprint;
        Ok(is_own.then(|| Arc::clone(dataset)).ok_or_else(|| anyhow!("the run was trained on {}", dataset_label(id))))
    };
    let engine = || Ok(Engine::with_simd(1, simd));
    let settings = Settings { threshold: THRESHOLD, pages: 1, engine: &engine, load: &load };
    let slug = slug(source);
    let folder = Path::new(REPORTS).join(&slug);
    report::check_folder(&folder)?;
    let sections = [section(&settings, source, &slug)?.0];
    if sections[0].figures.is_empty() {
        bail!("nothing to draw: {} has no results, epochs or checkpoint", shown(source));
    }
    if let Some(path) = report::foreign(&sections, &folder)?.first() {
        bail!("{} already exists and is not from a report; move it away", shown(path));
    }
    Ok(report::write(&sections, &folder)?.pop().expect("a report has a page"))
}

pub(crate) fn run(args: ReportArgs) -> anyhow::Result<Status> {
    report::check_folder(&args.out).map_err(advised)?;
    let load = |id: &DatasetId| match args.dataset.load_like(id) {
        // A data set given by flag must not be missing from the report.
        Err(error) if args.dataset.dataset.is_some() || args.dataset.data_dir.is_some() => Err(error),
        result => Ok(result),
    };
    let engine = || Ok(args.engine.engine()?);
    let settings = Settings { threshold: args.threshold, pages: args.pages.into(), engine: &engine, load: &load };
    let mut sections: Vec<Section> = Vec::new();
    let mut exports: Exports = Vec::new();
    let mut slugs = HashSet::new();
    let mut status = Status::Done;
    for source in &args.sources {
        let slug = unique(slug(source), &mut slugs);
        match section(&settings, source, &slug) {
            Ok((section, checkpoint)) => {
                for missing in &section.missing {
                    notify(&format!("{}: {missing}", source.display()));
                }
                match &checkpoint {
                    Some(checkpoint) => exports.extend(args.exports(checkpoint, &section.slug)?),
                    None if args.export.is_empty() => {}
                    None => notify(&format!("{}: not exported: it has no network", source.display())),
                }
                sections.push(section);
            }
            Err(error) if error.is::<UsageError>() => return Err(error),
            Err(error) => {
                notify(&format!("{error:#}"));
                status = Status::Failed;
            }
        }
    }
    if sections.iter().all(|section| section.figures.is_empty()) {
        bail!("nothing to draw: no source has results, epochs or a checkpoint");
    }
    let mut foreign = report::foreign(&sections, &args.out).map_err(advised)?;
    foreign.extend(exports.iter().filter(|(path, bytes)| is_other(path, bytes)).map(|(path, _)| path.clone()));
    if !args.overwrite && !foreign.is_empty() && !may_replace(&foreign)? {
        bail!("nothing was written: name another folder with --out, or replace the existing files with --overwrite");
    }
    let mut written = report::write(&sections, &args.out).map_err(advised)?;
    for (path, bytes) in exports {
        interop::write_file(&path, &bytes, true)?;
        written.push(path);
    }
    print(&written.iter().map(|path| shown(path) + "\n").collect::<String>())?;
    Ok(status)
}

/// Files of exports with their contents.
type Exports = Vec<(PathBuf, Vec<u8>)>;

impl ReportArgs {
    /// Returns the files that a checkpoint is exported to.
    fn exports(&self, checkpoint: &Checkpoint, slug: &str) -> Result<Exports, UsageError> {
        let mut exports = Vec::new();
        for kind in &self.export {
            let to = self.out.join(kind.file_name(slug));
            let files = interop::files(checkpoint, kind.with(self.layout), &to).map_err(UsageError::new)?;
            exports.extend(files);
        }
        Ok(exports)
    }
}

/// Returns whether something else than these bytes is at `path`.
fn is_other(path: &Path, bytes: &[u8]) -> bool {
    path.symlink_metadata().is_ok() && disk::read(path).map_or(true, |found| found != bytes)
}

/// Adds what the user can do about a folder.
fn advised(error: ReportError) -> anyhow::Error {
    match error {
        ReportError::Folder { .. } => anyhow!("{error}; name another one with --out"),
        error => error.into(),
    }
}

/// Asks whether files that are not from a report may be replaced. Without a terminal the answer is no.
fn may_replace(foreign: &[PathBuf]) -> io::Result<bool> {
    for path in foreign {
        notify(&format!("{} already exists and is not from a report", path.display()));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    write_err("Replace? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Returns the prefix of a source's file names: the source's name, for a checkpoint after the run's.
fn slug(source: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let source = source.canonicalize().unwrap_or_else(|_| source.to_owned());
    let stem = if source.is_dir() {
        name(&source)
    } else {
        source.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    };
    let run = source.parent().map(name).filter(|_| source.extension().is_some_and(|extension| extension == "ckpt"));
    let name = run.map_or(stem.clone(), |run| format!("{run}-{stem}"));
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    if name.trim_matches(['-', '.']).is_empty() { "source".into() } else { name }
}

fn unique(slug: String, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    let unused = [slug.clone()].into_iter().chain(numbered).find(|slug| !taken.contains(slug));
    let unused = unused.expect("there is no last number");
    taken.insert(unused.clone());
    unused
}

/// Builds the section of a file or folder, according to its contents. Returns the checkpoint, too, if it is of one.
fn section(settings: &Settings, source: &Path, slug: &str) -> anyhow::Result<(Section, Option<Checkpoint>)> {
    let file = checkpoint::resolve(source);
    let is_named_checkpoint = file.extension().is_some_and(|extension| extension == "ckpt");
    if source.is_dir() || is_named_checkpoint {
        return checkpoint_section(settings, &file, slug);
    }
    let name = source.display().to_string();
    let bytes = screen::read_whole(source).with_context(|| name.clone())?;
    if !looks_like_text(&bytes) {
        // Its errors say what else the file may be.
        return checkpoint_section(settings, source, slug);
    }
    let section = match Source::read(&bytes, &title(source)).with_context(|| name)? {
        Source::Sweep(reading) => report::sweep_section(slug, &title(source), &reading, settings.threshold),
        Source::Methods(methods) => report::methods_section(slug, &title(source), &methods),
        Source::History(history) => history_section(history, source, slug),
    };
    Ok((section, None))
}

fn title(source: &Path) -> String {
    source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned()
}

/// Returns whether the file starts like text. UTF-16 passes, since the reader reports it more precisely.
fn looks_like_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || !(start.contains(&0) || start.starts_with(b"\x89PNG"))
}

fn history_section(history: History, source: &Path, slug: &str) -> Section {
    let History { epochs, counter, dataset, faults } = history;
    let about = dataset.unwrap_or_else(|| "data set unknown".into());
    let run =
        Run { about, parameters: Vec::new(), history: epochs, counter, matrix: None, faults, missing: Vec::new() };
    report::run_section(slug, &title(source), &run)
}

fn checkpoint_section(settings: &Settings, path: &Path, slug: &str) -> anyhow::Result<(Section, Option<Checkpoint>)> {
    let engine = (settings.engine)()?;
    let checkpoint = Checkpoint::read(path)?;
    let about = saved::summary(&checkpoint);
    let history = checkpoint.history.iter().map(Into::into).collect();
    let parameters = checkpoints::setup(&short(path), &checkpoint);
    let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let mut run = Run {
        about,
        parameters,
        history,
        counter: Counter::Epoch,
        matrix: None,
        faults: Vec::new(),
        missing: Vec::new(),
    };
    let title = saved::title(&checkpoint);

    let dataset = match (settings.load)(&checkpoint.spec.dataset)? {
        Ok(dataset) => dataset,
        Err(error) => {
            run.missing.push(format!("no digits: {error:#}"));
            run.matrix = stored_matrix(&checkpoint);
            return Ok((report::run_section(slug, &title, &run), Some(checkpoint)));
        }
    };
    let is_own = dataset.id.fingerprint == checkpoint.spec.dataset.fingerprint;
    let limit = if is_own { checkpoint.spec.limits.test } else { None };
    let images = first(&dataset.test, limit);
    let count = images.len();
    let mut network = checkpoint.network(engine);
    let evaluation = evaluate(&mut network, &images);
    let temperature = temperature(&checkpoint, &mut network, &dataset).map_err(|error| error.to_string());
    let images_used = match is_own {
        true => format!("{} test images", grouped(count as u64)),
        false => format!("tested on {} images of {}", grouped(count as u64), dataset.id.name),
    };
    let set = Some(TestSet { images: &images, evaluation: &evaluation });
    run.matrix = Some(Matrix {
        confusion: evaluation.confusion.clone(),
        images: images_used,
        set,
        pages: settings.pages,
        temperature,
    });
    Ok((report::run_section(slug, &title, &run), Some(checkpoint)))
}

/// Returns a file's path from its folder on, which is the run's.
fn short(path: &Path) -> PathBuf {
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
    Path::new(folder).join(path.file_name().unwrap_or_default())
}

/// Returns the confusion matrix of the run's last evaluation.
fn stored_matrix(checkpoint: &Checkpoint) -> Option<Matrix<'static>> {
    let result = checkpoint.evaluation.as_ref()?;
    let images = format!("measured by the run after epoch {}", result.epoch);
    let temperature = Err("the data set is not available".into());
    Some(Matrix { confusion: result.confusion.clone(), images, set: None, pages: 0, temperature })
}
