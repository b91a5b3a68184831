//! Exporting the chosen file for other programs: its format, its name, and whether it may replace another file.

use std::path::{Path, PathBuf};

use crate::{
    format::{file_name, path_tail, sanitized, shown, typed_path},
    interop::{Exported, Format, Layout},
    tui::{
        keys::line_edit::LineEdit,
        message::{Export, NotWritten, Response},
        question::{Question, Sentence, Tone},
        screen_view::Cx,
        screens::runs::state::{Asked, RunsScreen},
        session::{Session, log::Level},
    },
};

/// Folder in the working folder for the curves, a folder for each run. TensorBoard finds them by `--logdir logs`.
const LOGS: &str = "logs";

const CHOICES: [(&str, Exported); 6] = [
    ("safetensors in PyTorch's layout", Exported::Network(Format::Safetensors, Layout::PyTorch)),
    ("safetensors in Keras's layout", Exported::Network(Format::Safetensors, Layout::Keras)),
    ("NumPy (npz) in PyTorch's layout", Exported::Network(Format::Npz, Layout::PyTorch)),
    ("NumPy (npz) in Keras's layout", Exported::Network(Format::Npz, Layout::Keras)),
    ("ONNX", Exported::Network(Format::Onnx, Layout::PyTorch)),
    ("curves for TensorBoard", Exported::Curves),
];
impl RunsScreen {
    /// Asks for the format to export the chosen file in.
    pub(super) fn ask_format(&mut self, session: &mut Session) -> Response {
        let Some(entry) = self.readable_file(session, "export") else { return Response::none() };
        let question =
            Question::choice("export", vec![about(&entry.path)], CHOICES.iter().map(|(name, _)| *name).collect());
        self.ask(Asked::Format(entry.path), question)
    }

    /// Asks for a file, or for a folder of curves; suggests one that is named like the run.
    pub(super) fn ask_target(&mut self, checkpoint: PathBuf, number: u8) -> Response {
        let Some((_, exported)) = usize::from(number).checked_sub(1).and_then(|place| CHOICES.get(place)) else {
            return Response::none();
        };
        let to = suggestion(&checkpoint, *exported);
        let line = LineEdit::long(to.display().to_string());
        self.ask_target_again(Export { checkpoint, exported: *exported, to, replaces: false }, line, "")
    }

    fn ask_target_again(&mut self, export: Export, line: LineEdit, error: &str) -> Response {
        let what = match export.exported {
            Exported::Network(..) => "The network as a new file:",
            Exported::Curves => "The curves as event files in a folder:",
        };
        let question = Question::text("export", vec![about(&export.checkpoint), Sentence::plain(what)], "", line);
        self.ask(Asked::Target(export), question.with_error(error))
    }

    /// Exports to the path that was typed, or asks again.
    pub(super) fn export_to(&mut self, session: &mut Session, export: Export, line: LineEdit) -> Response {
        match target(&line.text, export.exported) {
            Ok(to) => session.export(Export { to, ..export }).into(),
            Err(error) => self.ask_target_again(export, line, &error),
        }
    }

    /// Reports an export. Asks whether to replace a file or for another name, unless the user is busy with something
    /// else.
    pub(super) fn exported(&mut self, cx: &mut Cx, export: &Export, result: &Result<PathBuf, NotWritten>) -> Response {
        let may_ask = cx.is_shown && !cx.is_covered;
        let reason = match result {
            Ok(path) => {
                cx.session.announce(Level::Good, format!("exported: {}", path.display()));
                return Response::none();
            }
            Err(NotWritten::Exists(path)) if may_ask => {
                cx.session.notice = None;
                let question = replacement_question(path);
                return self.ask(Asked::Replace(Export { replaces: true, ..export.clone() }), question);
            }
            Err(NotWritten::Exists(path)) => format!("{} exists", shown(path)),
            Err(NotWritten::Failed(reason)) => reason.clone(),
        };
        if may_ask {
            cx.session.notice = None;
            let line = LineEdit::long(export.to.display().to_string());
            return self.ask_target_again(Export { replaces: false, ..export.clone() }, line, &reason);
        }
        cx.session.announce(Level::Bad, format!("not exported: {reason}"));
        Response::none()
    }
}

/// Returns a line with the run and the name of the file.
fn about(checkpoint: &Path) -> Sentence {
    Sentence::new(Tone::Dim, sanitized(&path_tail(&checkpoint.display().to_string()))).within(1)
}

fn suggestion(checkpoint: &Path, exported: Exported) -> PathBuf {
    let run = checkpoint.parent().map(file_name).unwrap_or_default();
    let stem = checkpoint.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    // What means something to a shell would have to be quoted.
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let name: String = format!("{run}-{stem}").chars().map(plain).collect();
    match exported {
        Exported::Network(format, _) => PathBuf::from(format!("{name}.{format}")),
        Exported::Curves => Path::new(LOGS).join(name),
    }
}

/// Returns the path that was typed, with the format's ending.
///
/// # Errors
/// What was expected instead.
fn target(text: &str, exported: Exported) -> Result<PathBuf, String> {
    let (path, text) = (typed_path(text), text.trim());
    if text.is_empty() {
        return Err("expected a path, found nothing".into());
    }
    let Exported::Network(format, _) = exported else { return Ok(path) };
    if text.ends_with(['/', '\\']) {
        return Err("expected the name of a file, not of a folder".into());
    }
    match Format::of(&path) {
        Some(found) if found == format => Ok(path),
        None if path.extension().is_none() => Ok(path.with_extension(format.name())),
        _ => Err(format!("expected a name that ends in .{format}")),
    }
}

fn replacement_question(path: &Path) -> Question {
    let text = vec![
        Sentence::new(Tone::Bold, sanitized(&path.display().to_string())).within(3),
        Sentence::plain("This file exists. Replace it?"),
    ];
    Question::decision("replace?", text, "replace", "cancel").irreversible()
}
