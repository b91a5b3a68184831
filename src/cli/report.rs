//! `report`: pictures and a page of a sweep or a run.

use std::{
    collections::HashSet,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;

use super::{
    DatasetArgs, Status, Usage,
    engine::EngineArgs,
    eval::first,
    output::{print, tell, tell_raw},
    saved, screen,
};
use crate::{
    format::{grouped, shown},
    report::{self, Counter, History, Matrix, Run, Section, Source, TestSet},
    train::{Checkpoint, checkpoint, evaluate},
};

const OWN_DATA: &str = "Where a checkpoint's test images come from [default: its own kind of data]";

#[derive(Debug, Args)]
#[command(mut_arg("dataset", |arg| arg.help(OWN_DATA)))]
pub(crate) struct ReportArgs {
    /// What to draw: sweeps' tables, checkpoints, runs' folders, histories (of `history --csv` or `--json`, of
    /// `train --json`, or another program's log)
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<PathBuf>,
    /// Folder for the pictures (SVG and PNG) and the page, report.html; made if need be
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace files in that folder that no report wrote, without asking
    #[arg(long)]
    overwrite: bool,
    /// Accuracy at or below which a configuration has failed
    #[arg(long, value_name = "SHARE", default_value_t = 0.5, value_parser = share)]
    threshold: f64,
    /// Pages of 25 wrong digits, and as many of right ones
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(0..=400))]
    pages: u16,
    #[command(flatten)]
    dataset: DatasetArgs,
    #[command(flatten)]
    engine: EngineArgs,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "expected a number from 0 to 1".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("expected a number from 0 to 1".into()) }
}

pub(crate) fn run(args: ReportArgs) -> anyhow::Result<Status> {
    report::check_folder(&args.out)?;
    let mut sections: Vec<Section> = Vec::new();
    let mut slugs = HashSet::new();
    let mut status = Status::Done;
    for source in &args.sources {
        let slug = unique(slug(source), &mut slugs);
        match section(&args, source, &slug) {
            Ok(section) => {
                for missing in &section.missing {
                    tell(&format!("{}: {missing}", source.display()));
                }
                sections.push(section);
            }
            Err(error) if error.is::<Usage>() => return Err(error),
            Err(error) => {
                tell(&format!("{error:#}"));
                status = Status::Failed;
            }
        }
    }
    if sections.iter().all(|section| section.figures.is_empty()) {
        bail!("nothing can be drawn: expected results, epochs or a checkpoint in one of the sources, found none");
    }
    let foreign = report::foreign(&sections, &args.out)?;
    if !args.overwrite && !foreign.is_empty() && !may_replace(&foreign)? {
        bail!("nothing was written: name another folder with --out, or replace what is there with --overwrite");
    }
    let written = report::write(&sections, &args.out)?;
    print(&written.iter().map(|path| shown(path) + "\n").collect::<String>())?;
    Ok(status)
}

/// Asks whether files may be replaced that no report wrote; where nobody can answer, they may not.
fn may_replace(foreign: &[PathBuf]) -> io::Result<bool> {
    for path in foreign {
        tell(&format!("{} is there already, and not from a report", path.display()));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    tell_raw("Replace? [y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// How the names of a source's files begin: the source's own name, of a checkpoint with its run's.
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
    let free = [slug.clone()].into_iter().chain(numbered).find(|slug| !taken.contains(slug));
    let free = free.expect("there is no last number");
    taken.insert(free.clone());
    free
}

/// Of a file or folder, whatever it is by its content.
fn section(args: &ReportArgs, source: &Path, slug: &str) -> anyhow::Result<Section> {
    let file = checkpoint::resolve(source);
    let is_named_so = file.extension().is_some_and(|extension| extension == "ckpt");
    if source.is_dir() || is_named_so {
        return of_checkpoint(args, &file, slug);
    }
    let name = source.display().to_string();
    let bytes = screen::read_whole(source).with_context(|| name.clone())?;
    if !looks_like_text(&bytes) {
        // Whose errors say what else it may be.
        return of_checkpoint(args, source, slug);
    }
    Ok(match Source::read(&bytes, &title(source)).with_context(|| name)? {
        Source::Sweep(reading) => report::of_sweep(slug, &title(source), &reading, args.threshold),
        Source::History(history) => of_history(history, source, slug),
    })
}

fn title(source: &Path) -> String {
    source.file_name().unwrap_or(source.as_os_str()).to_string_lossy().into_owned()
}

/// Text may have a damaged place, but not at its start. UTF-16 is told by whoever reads it.
fn looks_like_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64)];
    matches!(start, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) || !(start.contains(&0) || start.starts_with(b"\x89PNG"))
}

fn of_history(history: History, source: &Path, slug: &str) -> Section {
    let History { epochs, counter, dataset, faults } = history;
    let about = dataset.unwrap_or_else(|| "data set not told".into());
    let run = Run { about, history: epochs, counter, matrix: None, faults, missing: Vec::new() };
    report::of_run(slug, &title(source), &run)
}

fn of_checkpoint(args: &ReportArgs, path: &Path, slug: &str) -> anyhow::Result<Section> {
    let engine = args.engine.engine()?;
    let checkpoint = Checkpoint::read(path)?;
    let about = saved::summary(&checkpoint);
    let history = checkpoint.history.iter().map(Into::into).collect();
    let mut run =
        Run { about, history, counter: Counter::Epoch, matrix: None, faults: Vec::new(), missing: Vec::new() };
    let title = format!("{} in {}", self::title(path), path.parent().map(self::title).unwrap_or_default());

    let dataset = match args.dataset.load_like(&checkpoint.spec.dataset) {
        Ok(dataset) => dataset,
        // What was asked for by name is not to be missing in the end.
        Err(error) if args.dataset.dataset.is_some() || args.dataset.data_dir.is_some() => return Err(error),
        Err(error) => {
            run.missing.push(format!("no digits: {error:#}"));
            run.matrix = stored(&checkpoint);
            return Ok(report::of_run(slug, &title, &run));
        }
    };
    let own = dataset.id.fingerprint == checkpoint.spec.dataset.fingerprint;
    let limit = if own { checkpoint.spec.limits.test } else { None };
    let images = first(&dataset.test, limit);
    let count = images.len();
    let evaluation = evaluate(&mut checkpoint.network(engine), &images);
    let of = match own {
        true => format!("{} test images", grouped(count as u64)),
        false => format!("tested on {} images of {}", grouped(count as u64), dataset.id.name),
    };
    let set = Some(TestSet { images: &images, evaluation: &evaluation });
    run.matrix = Some(Matrix { confusion: evaluation.confusion.clone(), of, set, pages: args.pages.into() });
    Ok(report::of_run(slug, &title, &run))
}

/// What the run itself found when it evaluated last.
fn stored(checkpoint: &Checkpoint) -> Option<Matrix<'static>> {
    let result = checkpoint.evaluation.as_ref()?;
    let of = format!("measured by the run after epoch {}", result.epoch);
    Some(Matrix { confusion: result.confusion.clone(), of, set: None, pages: 0 })
}
