//! The real program in a pseudo-terminal: keys in, screens out. Unix only.

use std::{
    fs,
    io::{Read, Write},
    num::NonZeroU16,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lenet_monitor::train::Checkpoint;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    process::{Pid, Signal, kill_process},
};

/// Far longer than anything here takes on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal with the program in it.
pub struct Terminal {
    pub master: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the terminal can be asked about its modes when the program has gone.
    pub slave: Option<Box<dyn SlavePty + Send>>,
    pub child: Box<dyn Child + Send + Sync>,
    pub keys: Option<Box<dyn Write + Send>>,
    pub seen: Arc<Seen>,
    pub modes: String,
    pub folder: tempfile::TempDir,
}

/// What has come out, and whether the reader may go on reading.
pub struct Seen {
    pub screen: Mutex<vt100::Parser>,
    pub bytes: Mutex<Vec<u8>>,
    pub stopped: Mutex<bool>,
    pub go_on: Condvar,
    pub hung_up: AtomicBool,
}

impl Seen {
    fn read_all(&self, mut from: Box<dyn Read + Send>) {
        let mut chunk = [0; 4096];
        loop {
            let stopped = self.stopped.lock().unwrap();
            drop(self.go_on.wait_while(stopped, |stopped| *stopped).unwrap());
            let Ok(count @ 1..) = from.read(&mut chunk) else { return };
            if self.hung_up.load(Ordering::SeqCst) {
                return;
            }
            // The screen last: whoever sees something there finds its bytes.
            self.bytes.lock().unwrap().extend_from_slice(&chunk[..count]);
            self.screen.lock().unwrap().process(&chunk[..count]);
        }
    }
}

impl Terminal {
    /// The program on a made-up data set, with these arguments beside those that keep it in its own folder.
    pub fn with(args: &[&str]) -> Self {
        Self::build(args, |command| command)
    }

    pub fn build(args: &[&str], change: impl FnOnce(CommandBuilder) -> CommandBuilder) -> Self {
        let mut all = vec!["train", "--threads", "1"];
        all.extend(args);
        Self::run(&all, change)
    }

    /// A sweep of four runs, one at a time, of so many epochs.
    pub fn sweep(epochs: &str) -> Self {
        let grid = ["--activations", "relu", "--optimizers", "adam", "--lrs", "0.01,0.001", "--batch-sizes", "32,64"];
        let mut all = vec!["sweep", "--jobs", "1", "--epochs", epochs];
        all.extend(grid);
        Self::run(&all, |command| command)
    }

    pub fn run(args: &[&str], change: impl FnOnce(CommandBuilder) -> CommandBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        super::made_up_images(&folder.path().join("digits"), 2_000, 200);
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_lenet-monitor"));
        command.args(args);
        command.args(["--data-dir", "digits"]);
        Self::spawn(change(command), folder)
    }

    pub fn spawn(command: CommandBuilder, folder: tempfile::TempDir) -> Self {
        let path = folder.path().to_owned();
        Self::open(command, &path, folder)
    }

    /// The command in a folder that outlives the terminal.
    pub fn spawn_in(command: CommandBuilder, folder: &Path) -> Self {
        Self::open(command, folder, tempfile::tempdir().unwrap())
    }

    fn open(mut command: CommandBuilder, path: &Path, folder: tempfile::TempDir) -> Self {
        command.cwd(path);
        if command.get_env("TERM").is_none_or(|term| term != "dumb") {
            command.env("TERM", "xterm-256color");
        }
        let pair = native_pty_system().openpty(size(80, 24)).unwrap();
        let seen = Arc::new(Seen {
            screen: Mutex::new(vt100::Parser::new(nonzero(24), nonzero(80), 0)),
            bytes: Mutex::default(),
            stopped: Mutex::new(false),
            go_on: Condvar::new(),
            hung_up: AtomicBool::new(false),
        });
        let modes = modes(&*pair.master);
        let (reader, keys) = (pair.master.try_clone_reader().unwrap(), pair.master.take_writer().unwrap());
        let reading = seen.clone();
        thread::spawn(move || reading.read_all(reader));
        let child = pair.slave.spawn_command(command).unwrap();
        Self { master: Some(pair.master), slave: Some(pair.slave), child, keys: Some(keys), seen, modes, folder }
    }

    /// An interactive bash without a user's settings, in a folder with a data set of 20,000 images.
    pub fn bash() -> Self {
        let folder = tempfile::tempdir().unwrap();
        super::made_up_images(&folder.path().join("digits"), 20_000, 200);
        let mut shell = CommandBuilder::new("/bin/bash");
        shell.args(["--norc", "--noprofile", "-i"]);
        shell.env("PS1", "prompt> ");
        shell.env("HISTFILE", "");
        let terminal = Self::spawn(shell, folder);
        terminal.shows("prompt>");
        terminal
    }

    pub fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn text(&self) -> String {
        self.seen.screen.lock().unwrap().screen().contents()
    }

    pub fn shows(&self, what: &str) {
        until(|| self.text().contains(what), || format!("`{what}` on\n{}", self.text()));
    }

    pub fn shows_no(&self, what: &str) {
        until(|| !self.text().contains(what), || format!("no `{what}` on\n{}", self.text()));
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        self.seen.screen.lock().unwrap().screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
    }

    /// In bytes.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.process_id().unwrap())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.process_id().unwrap() as i32).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn exit_code(&mut self) -> u32 {
        let mut code = None;
        let child = &mut self.child;
        until_mut(
            || {
                code = child.try_wait().unwrap().map(|status| status.exit_code());
                code.is_some()
            },
            || "the program to end".into(),
        );
        code.unwrap()
    }

    /// With the left button, on the last place where the words stand.
    pub fn click(&mut self, words: &str) {
        self.shows(words);
        let text = self.text();
        let (row, line) = text.lines().enumerate().filter(|(_, line)| line.contains(words)).last().unwrap();
        let column = line[..line.rfind(words).unwrap()].chars().count();
        let (column, row) = (column as u16 + 1, row as u16 + 1);
        self.press(&format!("{}\x1b[<0;{column};{row}m", mouse(0, column, row)));
    }

    /// The mouse is the program's, not the terminal's.
    pub fn captures_mouse(&self) -> bool {
        let parser = self.seen.screen.lock().unwrap();
        parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// By key, with a yes.
    pub fn quits_and_saves(&mut self) {
        self.press("q");
        self.shows("is saved first");
        self.press("y");
        assert_eq!(self.exit_code(), 0);
        self.is_restored();
    }

    /// The terminal is as it was before the program came.
    pub fn is_restored(&self) {
        assert_eq!(modes(&**self.master.as_ref().unwrap()), self.modes, "the terminal's modes");
        let restored = || {
            let parser = self.seen.screen.lock().unwrap();
            let screen = parser.screen();
            let mouse = screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None;
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste() && !mouse
        };
        until(restored, || "the main screen with its cursor".into());
    }

    pub fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("checkpoints")
    }

    /// The folder of the only run.
    pub fn last_run(&self) -> PathBuf {
        let mut runs = fs::read_dir(self.checkpoints()).unwrap().map(|run| run.unwrap().path());
        runs.find(|run| run.is_dir()).expect("a run")
    }

    /// The newest state of the run that was saved last.
    pub fn last_checkpoint(&self) -> Option<Checkpoint> {
        let runs = fs::read_dir(self.checkpoints()).ok()?;
        let files = runs.filter_map(|run| Some(run.ok()?.path().join("last.ckpt"))).filter(|path| path.is_file());
        let newest = files.max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).unwrap())?;
        Some(Checkpoint::read(&newest).unwrap_or_else(|error| panic!("{}: {error}", newest.display())))
    }

    pub fn epochs_saved(&self) -> u32 {
        self.last_checkpoint().map_or(0, |checkpoint| checkpoint.position.epoch)
    }

    /// Nobody reads what the program writes any more, until [`Terminal::goes_on`]: as Ctrl-S in front of ssh does.
    pub fn stops(&self) {
        *self.seen.stopped.lock().unwrap() = true;
    }

    pub fn goes_on(&self) {
        *self.seen.stopped.lock().unwrap() = false;
        self.seen.go_on.notify_all();
    }

    /// The terminal takes no byte more.
    pub fn is_full(&self) -> bool {
        let path = self.master.as_ref().unwrap().tty_name().unwrap();
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32;
        let terminal = fs::File::options().write(true).custom_flags(flags).open(path).unwrap();
        poll(&mut [PollFd::new(&terminal, PollFlags::OUT)], Some(&Timespec::default())).unwrap() == 0
    }

    pub fn is_on_main_screen(&self) {
        until(
            || {
                let parser = self.seen.screen.lock().unwrap();
                let mouse = parser.screen().mouse_protocol_mode() != vt100::MouseProtocolMode::None;
                !parser.screen().alternate_screen() && !parser.screen().hide_cursor() && !mouse
            },
            || "the main screen".into(),
        );
    }

    /// The terminal vanishes: a window is closed, a connection breaks. The reader lets go of it with the next frame.
    pub fn vanishes(&mut self) {
        self.seen.hung_up.store(true, Ordering::SeqCst);
        self.keys = None;
        self.slave = None;
        self.master = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.goes_on();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

pub fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

pub fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

pub fn until(done: impl Fn() -> bool, what: impl Fn() -> String) {
    until_mut(done, what);
}

pub fn until_mut(mut done: impl FnMut() -> bool, what: impl Fn() -> String) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < PATIENCE, "waited in vain for {}", what());
        thread::sleep(Duration::from_millis(10));
    }
}

/// What a terminal sends for the mouse: button, column and row from 1, pressed or moved.
pub fn mouse(button: u8, column: u16, row: u16) -> String {
    format!("\x1b[<{button};{column};{row}M")
}
