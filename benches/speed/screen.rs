//! Frames of each screen, and the real program in a pseudo-terminal of 120x40.

use std::io;

use criterion::Criterion;
use crossterm::event::KeyCode;
use lenet_monitor::{
    train::Event,
    tui::{Message, update, view},
};
use ratatui::{Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};

use crate::board::Board;

#[allow(dead_code)]
#[path = "../../tests/screens/fixture.rs"]
mod fixture;

use fixture::{COLOUR, OPENED, entries, progress, training};

const SIZE: (u16, u16) = (120, 40);

/// Measures a frame after a change by training and by a key: drawing, comparing with the previous frame, and writing
/// escape sequences.
pub fn bench(criterion: &mut Criterion, board: &Board) {
    let mut group = criterion.benchmark_group("screen");
    let screens = [
        ("train", "1", KeyCode::Right, KeyCode::Left),
        ("mistakes", "2", KeyCode::Right, KeyCode::Left),
        ("parameters", "3", KeyCode::Down, KeyCode::Up),
        ("checkpoints", "4", KeyCode::Down, KeyCode::Up),
        ("help", "?", KeyCode::Down, KeyCode::Up),
    ];
    for (name, key, there, back) in screens {
        let mut session = training(COLOUR, SIZE);
        session.keys(key);
        let entries = entries(&session.app);
        session.tell(Message::Clock(OPENED)).tell(Message::Checkpoints(Ok(entries)));
        let area = Rect::new(0, 0, SIZE.0, SIZE.1);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let mut terminal =
            Terminal::with_options(CrosstermBackend::new(io::sink()), options).expect("a fixed area needs no terminal");
        let mut steps = (2_125..3_750).step_by(125).cycle();
        let mut keys = [there, back].into_iter().cycle();
        board.bench(&mut group, &format!("frame, {name}, {}x{}", SIZE.0, SIZE.1), None, || {
            session.press(keys.next().expect("a cycle has no end"));
            let step = steps.next().expect("a cycle has no end");
            update(&mut session.app, Message::Worker(Event::Progress(progress(4, step))));
            terminal.draw(|frame| view(&session.app, frame)).expect("a sink never fails");
        });
    }
    #[cfg(target_os = "linux")]
    program::bench(&mut group, board);
    group.finish();
}

/// The program on a terminal, on Linux, which reports the processor time of each thread.
#[cfg(target_os = "linux")]
mod program {
    use std::{
        fs,
        io::{Read, Write},
        sync::mpsc::{Receiver, channel},
        thread,
        time::{Duration, Instant},
    };

    use criterion::{BenchmarkGroup, measurement::WallTime};
    use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

    use super::SIZE;
    use crate::{board::Board, data_folder};

    /// Escape sequences around a frame.
    const BEGIN: &[u8] = b"\x1b[?2026h";
    const END: &[u8] = b"\x1b[?2026l";
    /// Duration of each observation.
    const WATCH: Duration = Duration::from_secs(5);

    pub fn bench(group: &mut BenchmarkGroup<'_, WallTime>, board: &Board) {
        let folder = data_folder();
        if !folder.read_dir().is_ok_and(|mut files| files.next().is_some()) {
            println!("no MNIST in {}: the program on a terminal is not measured", folder.display());
            return;
        }
        let name = "from start to the first frame, MNIST";
        let mut starts = Vec::new();
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| first_frame(&mut starts)).sum());
        });
        if !starts.is_empty() {
            board.note(name, starts);
            watch(board);
        }
    }

    fn first_frame(starts: &mut Vec<f64>) -> Duration {
        let started = Instant::now();
        let mut program = Program::start();
        program.frames(1);
        let elapsed = started.elapsed();
        starts.push(elapsed.as_secs_f64());
        elapsed
    }

    fn watch(board: &Board) {
        let mut program = Program::start();
        program.frames(10);
        let (before, until) = (program.screen_seconds(), Instant::now() + WATCH);
        let (mut frames, mut bytes) = (0, 0);
        while let Ok(chunk) = program.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
            frames += count(&chunk, BEGIN);
            bytes += chunk.len();
        }
        let spent = program.screen_seconds() - before;
        board.note("processor time per frame, screen's thread", vec![spent / frames as f64]);
        println!("training: {frames} frames and {bytes} bytes in {WATCH:?}");
        program.press(" ");
        while program.output.recv_timeout(Duration::from_secs(1)).is_ok() {}
        let (before, bytes) = (program.all_seconds(), program.output.try_iter().count());
        thread::sleep(WATCH);
        let share = (program.all_seconds() - before) / WATCH.as_secs_f64();
        println!(
            "paused: {:.3} % of a core, {} bytes in {WATCH:?}",
            100.0 * share,
            program.output.try_iter().count() - bytes
        );
    }

    /// Program running on a terminal, killed when dropped.
    struct Program {
        child: Box<dyn Child + Send + Sync>,
        master: Box<dyn MasterPty + Send>,
        output: Receiver<Vec<u8>>,
        keys: Box<dyn Write + Send>,
        _checkpoints: tempfile::TempDir,
    }

    impl Program {
        fn start() -> Self {
            let checkpoints = tempfile::tempdir().expect("a folder for temporary files");
            let size = PtySize { cols: SIZE.0, rows: SIZE.1, ..PtySize::default() };
            let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
            let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
            command.args(["train", "--epochs", "1000", "--checkpoint-dir"]);
            command.arg(checkpoints.path());
            command.cwd(std::env::current_dir().expect("a working folder"));
            command.env("TERM", "xterm-256color");
            let child = pair.slave.spawn_command(command).expect("the program");
            let mut reader = pair.master.try_clone_reader().expect("its output");
            let (sender, output) = channel();
            thread::spawn(move || {
                let mut chunk = [0; 65_536];
                while let Ok(count @ 1..) = reader.read(&mut chunk) {
                    if sender.send(chunk[..count].to_vec()).is_err() {
                        return;
                    }
                }
            });
            let keys = pair.master.take_writer().expect("its input");
            Self { child, master: pair.master, output, keys, _checkpoints: checkpoints }
        }

        /// Waits for `wanted` frames.
        fn frames(&mut self, wanted: usize) {
            let mut seen = Vec::new();
            while count(&seen, END) < wanted {
                seen.extend(self.output.recv().expect("the program draws"));
            }
        }

        fn press(&mut self, keys: &str) {
            self.keys.write_all(keys.as_bytes()).and_then(|()| self.keys.flush()).expect("the program reads keys");
        }

        /// Returns the processor seconds of the first thread, which is the screen's.
        fn screen_seconds(&self) -> f64 {
            let pid = self.pid();
            seconds(&format!("/proc/{pid}/task/{pid}/schedstat"))
        }

        fn all_seconds(&self) -> f64 {
            let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("the program is running");
            tasks.map(|task| seconds(&task.expect("a thread").path().join("schedstat").to_string_lossy())).sum()
        }

        fn pid(&self) -> u32 {
            self.child.process_id().expect("the program is running")
        }
    }

    impl Drop for Program {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
            let _ = &self.master;
        }
    }

    fn count(bytes: &[u8], what: &[u8]) -> usize {
        bytes.windows(what.len()).filter(|window| *window == what).count()
    }

    fn seconds(schedstat: &str) -> f64 {
        let text = fs::read_to_string(schedstat).expect("a thread's processor time");
        let nanoseconds = text.split_whitespace().next().and_then(|number| number.parse::<f64>().ok());
        nanoseconds.expect("nanoseconds first") / 1e9
    }
}
