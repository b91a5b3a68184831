//! The real loop on a test's backend: keys in, a worker that is played, screens out.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, Sender, never, unbounded};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use lenet_monitor::{
    background::wire::Status,
    data::Kind,
    nn::{Engine, Simd},
    sweep::{Grid, Sweep, SweepPlan, SweepRun, Table},
    train::{
        Activation, BackgroundRun, Command, Event, Hyperparameter, Images, Limits, OptimizerKind, Outbox, RunFolder,
        Start, State, Trainer, Worker, mailbox,
    },
    tui::{
        App, Attachment, BackgroundRuns, Entry, Exit, Host, Leave, Link, Loop, Message, run_loop, sweep::Sweeping,
        update, wind_up,
    },
};
use ratatui::{
    Terminal,
    backend::{Backend, ClearType, TestBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

use crate::fixture::{COLOUR, OPENED, Session, dataset, entries, evaluation, progress, spec, started};

/// A test backend that others may look at while the loop draws on it.
#[derive(Clone)]
struct Watched {
    backend: Arc<Mutex<TestBackend>>,
    frames: Arc<AtomicUsize>,
    broken: bool,
}

impl Watched {
    fn lock(&self) -> std::sync::MutexGuard<'_, TestBackend> {
        self.backend.lock().expect("no test panics while it draws")
    }
}

impl Backend for Watched {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        if self.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.frames.fetch_add(1, Ordering::SeqCst);
        self.lock().draw(content).map_err(io::Error::other)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, _: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.lock().clear().map_err(io::Error::other)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.lock().clear_region(region).map_err(io::Error::other)
    }

    fn size(&self) -> io::Result<Size> {
        self.lock().size().map_err(io::Error::other)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.lock().window_size().map_err(io::Error::other)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct NoShell {
    suspensions: usize,
    titles: Vec<String>,
}

impl Host for NoShell {
    fn suspend(&mut self, _: &Receiver<()>) {
        self.suspensions += 1;
    }

    fn capture_mouse(&mut self, _: bool) {}

    fn set_title(&mut self, title: String) {
        self.titles.push(title);
    }

    fn has_terminal(&self) -> bool {
        true
    }

    fn resume(&mut self) {}
}

struct Running {
    backend: Watched,
    keys: Sender<Message>,
    commands: Receiver<Command>,
    /// The played worker's side; dropped, the worker is gone.
    outbox: Option<(Outbox, Sender<()>)>,
    thread: thread::JoinHandle<(Exit, NoShell)>,
}

/// What a played worker has for a side.
type Played = (Receiver<Command>, (Outbox, Sender<()>));

fn played() -> (Worker, Played) {
    let (commands, taken) = unbounded();
    let (outbox, events) = mailbox();
    let (end, ended) = unbounded();
    (Worker { commands, events, ended, last_outcome: Arc::default() }, (taken, (outbox, end)))
}

fn app() -> App {
    App::new(dataset(Kind::Mnist), COLOUR, OPENED, (100, 30))
}

impl Running {
    fn start(broken: bool) -> Self {
        let (worker, played) = played();
        Self::with(app(), Link::to(worker), played, broken)
    }

    /// With runs in `checkpoint_dir`.
    fn over(checkpoint_dir: &Path) -> Self {
        let (worker, played) = played();
        Self::with_runs(app(), Link::to(worker), played, false, checkpoint_dir.to_owned())
    }

    fn with(app: App, link: Link, played: Played, broken: bool) -> Self {
        Self::with_runs(app, link, played, broken, "no such folder".into())
    }

    fn with_runs(
        mut app: App,
        mut link: Link,
        (commands, outbox): Played,
        broken: bool,
        checkpoint_dir: PathBuf,
    ) -> Self {
        let backend = Arc::new(Mutex::new(TestBackend::new(100, 30)));
        let backend = Watched { backend, frames: Arc::default(), broken };
        let (keys, input) = unbounded();
        let (drawn_on, sender) = (backend.clone(), keys.clone());
        let thread = thread::spawn(move || {
            let mut terminal = Terminal::new(drawn_on).expect("a backend with a size");
            let given = Loop {
                link: &mut link,
                input: &input,
                sender: &sender,
                continued: &never(),
                checkpoint_dir,
                read_table: Box::new(|| Ok(None)),
                fps: 60,
                first_frame: Instant::now(),
                effects: Vec::new(),
            };
            let mut host = NoShell::default();
            let leave = run_loop(&mut app, &mut terminal, &mut host, given);
            (wind_up(&mut app, &link, leave), host)
        });
        Self { backend, keys, commands, outbox: Some(outbox), thread }
    }

    fn press(&self, code: KeyCode) {
        self.keys.send(Message::Key(KeyEvent::new(code, KeyModifiers::NONE))).expect("the loop runs");
    }

    fn post(&self, event: Event) {
        self.outbox.as_ref().expect("a worker").0.post(event);
    }

    fn post_start(&self) {
        self.post(Event::Started(Box::new(started(spec(&app()), "run"))));
    }

    fn text(&self) -> String {
        self.backend.lock().to_string()
    }

    fn wait_for(&self, what: &str) {
        wait(|| self.text().contains(what), || format!("no `{what}` on\n{}", self.text()));
    }

    fn next_command(&self) -> Command {
        self.commands.recv_timeout(Duration::from_secs(30)).expect("a command")
    }

    fn end(self) -> (Exit, NoShell) {
        self.thread.join().expect("the loop does not panic")
    }
}

fn wait(done: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let since = Instant::now();
    while !done() {
        assert!(since.elapsed() < Duration::from_secs(30), "{}", otherwise());
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn events_show_and_keys_send() {
    let mut running = Running::start(false);
    running.wait_for("starting");
    running.post_start();
    running.post(Event::State(State::Training));
    running.post(Event::Progress(progress(1, 1_250)));
    running.wait_for("step 1,250 of 3,750");
    running.press(KeyCode::Char(' '));
    assert_eq!(running.next_command(), Command::Pause);
    running.post(Event::State(State::Paused));
    running.wait_for("paused");
    running.press(KeyCode::Char('4'));
    running.wait_for("none yet");
    running.press(KeyCode::Char('q'));
    running.wait_for("is saved first");
    running.press(KeyCode::Char('y'));
    assert_eq!(running.next_command(), Command::StopIfSaved);
    running.wait_for("saving");
    running.outbox = None;
    let (exit, _) = running.end();
    assert_eq!(exit.leave, Leave::Key);
    assert!(exit.summary.contains("relu · adam 0.001"), "{}", exit.summary);
}

#[test]
fn a_run_that_another_program_holds_is_told_from_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let trainer = Trainer::new(dataset(Kind::Mnist), spec(&app()), Engine::default()).unwrap();
    let [ours, theirs, free] = ["ours", "theirs", "free"].map(|name| folder.path().join(name));
    for run in [&ours, &theirs, &free] {
        fs::create_dir(run).unwrap();
        trainer.checkpoint().write(&run.join("last.ckpt")).unwrap();
    }
    let held = [&ours, &theirs].map(|run| RunFolder::take(run).unwrap());
    // Held indeed, but as if by another process.
    fs::write(theirs.join(".run.lock"), "1").unwrap();
    let mut running = Running::over(folder.path());
    running.post_start();
    running.post(Event::State(State::Paused));
    "4oo".chars().for_each(|char| running.press(KeyCode::Char(char)));
    running.wait_for("○ theirs");
    running.press(KeyCode::End);
    running.wait_for("in use by another lenet-monitor (process 1)");
    assert_eq!(running.text().matches('○').count(), 2, "in the list and what it means\n{}", running.text());
    assert!(!free.join(".run.lock").exists(), "looking leaves nothing behind");
    drop(held);
    running.press(KeyCode::Char('4'));
    wait(|| !running.text().contains("in use"), || running.text());
    running.press(KeyCode::Char('q'));
    running.wait_for("is saved first");
    running.press(KeyCode::Char('y'));
    running.wait_for("saving");
    running.outbox = None;
    running.end();
}

#[test]
fn enter_attaches_to_a_background_run_and_its_viewers_are_counted_even_while_it_is_paused() {
    attaches_to_a_background_run(true, "7/10");
}

#[test]
fn enter_attaches_to_a_background_run_that_has_no_checkpoint_yet() {
    attaches_to_a_background_run(false, "theirs  no checkpoint yet");
}

fn attaches_to_a_background_run(has_checkpoint: bool, listed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let trainer = Trainer::new(dataset(Kind::Mnist), spec(&app()), Engine::default()).unwrap();
    let (run, socket) = (folder.path().join("theirs"), folder.path().join("1.sock"));
    fs::create_dir(&run).unwrap();
    if has_checkpoint {
        trainer.checkpoint().write(&run.join("last.ckpt")).unwrap();
    }
    let held = RunFolder::take(&run).unwrap();
    // Held indeed, but as if by another process.
    let background =
        BackgroundRun { process: 1, since: OPENED, version: "0.1.0".into(), socket: socket.clone(), run: run.clone() };
    fs::write(run.join(".run.lock"), format!("1\n{}", serde_json::to_string(&background).unwrap())).unwrap();
    let (worker, played_own) = played();
    let (theirs, (commands, (outbox, end))) = played();
    let (viewers, asked) = (Arc::new(AtomicU32::new(1)), Arc::new(AtomicUsize::new(0)));
    let attachment = Attachment { host: "here".into(), process: 1, viewers: viewers.clone(), is_watching: false };
    let recording = vec![Event::Started(Box::new(started(spec(&app()), "theirs"))), Event::State(State::Paused)];
    let (theirs, questions) = (Mutex::new(Some(theirs)), asked.clone());
    let state = Status {
        run,
        process: 1,
        state: Some(State::Paused),
        epoch: 7,
        epochs: 10,
        test_accuracy: Some(0.9731),
        dataset: "MNIST".into(),
        viewers: 0,
        since: OPENED,
        images_per_second: None,
        sweep: None,
    };
    let background = BackgroundRuns {
        status: Arc::new(move |asked| {
            questions.fetch_add(1, Ordering::SeqCst);
            assert!(asked.ends_with("1.sock"));
            Ok(state.clone())
        }),
        attach: Arc::new(move |asked| {
            assert_eq!(asked, socket);
            let worker = theirs.lock().unwrap().take().expect("attached once");
            Ok((worker, attachment.clone(), recording.clone()))
        }),
    };
    let link = Link { background: Some(background), ..Link::to(worker) };
    let mut running = Running::with_runs(app(), link, played_own, false, folder.path().to_owned());
    running.post_start();
    running.post(Event::State(State::Training));
    running.press(KeyCode::Char('4'));
    running.wait_for("Enter attaches");
    running.wait_for(listed);
    wait(|| asked.load(Ordering::SeqCst) > 1, || "its state is asked for again, without a key".into());
    running.press(KeyCode::Enter);
    running.wait_for("attach?");
    running.press(KeyCode::Char('y'));
    assert_eq!(running.next_command(), Command::StopIfSaved);
    running.outbox = None;
    running.wait_for("attached to here, 1 viewer");
    running.press(KeyCode::Char(' '));
    assert_eq!(commands.recv_timeout(Duration::from_secs(30)), Ok(Command::Resume), "it goes to the other trainer");
    viewers.store(3, Ordering::SeqCst);
    outbox.ring();
    running.wait_for("attached to here, 3 viewers");
    running.press(KeyCode::Char('q'));
    let (exit, _) = running.end();
    assert_eq!(exit.leave, Leave::Detached);
    assert!(exit.summary.contains("theirs continues in the background; attach with: lenet-monitor attach theirs"));
    drop((held, outbox, end));
}

/// Marked runs are evaluated and asked in the background, from their files.
#[test]
fn marked_runs_answer_together() {
    let folder = tempfile::tempdir().unwrap();
    for seed in [1, 2] {
        let mut spec = spec(&app());
        spec.hyper.seed = seed;
        let trainer = Trainer::new(dataset(Kind::Mnist), spec, Engine::default()).unwrap();
        let run = folder.path().join(format!("run-{seed}"));
        fs::create_dir(&run).unwrap();
        trainer.checkpoint().write(&run.join("last.ckpt")).unwrap();
    }
    let mut running = Running::over(folder.path());
    running.post_start();
    running.post(Event::State(State::Paused));
    running.post(Event::Evaluated { epoch: 1, evaluation: Arc::new(evaluation(&app(), 1)) });
    let keys = |text: &str| text.chars().for_each(|char| running.press(KeyCode::Char(char)));
    keys("4");
    running.wait_for("run-2");
    keys("gmjm2");
    running.wait_for("2 marked runs: ");
    keys("8");
    running.wait_for("your digit");
    running.press(KeyCode::Enter);
    keys("jjjjjjjj");
    running.press(KeyCode::Enter);
    running.wait_for("2 marked runs: ");
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn a_drawing_is_saved_and_opened_again() {
    let mut running = Running::start(false);
    running.post_start();
    running.post(Event::State(State::Paused));
    running.wait_for("paused");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("four.png");
    let keys = |text: &str| text.chars().for_each(|char| running.press(KeyCode::Char(char)));
    let typed = |path: &std::path::Path| {
        let control = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        running.keys.send(Message::Key(control)).expect("the loop runs");
        running.keys.send(Message::Paste(path.display().to_string())).expect("the loop runs");
        running.press(KeyCode::Enter);
    };
    keys("8");
    running.press(KeyCode::Enter);
    keys("jjjjjjjj");
    running.press(KeyCode::Enter);
    keys("p");
    typed(&file);
    running.wait_for("saved");
    let image = lenet_monitor::data::picture::read_digit(&std::fs::read(&file).unwrap()).unwrap();
    let first = running.next_command();
    let Command::Predict { .. } = first else { panic!("{first:?}") };
    keys("p");
    typed(&file);
    running.wait_for("the file already exists");
    assert!(std::fs::read_dir(folder.path()).unwrap().count() == 1, "nothing else is left there");
    running.press(KeyCode::Esc);
    keys("xO");
    typed(&folder.path().join("no.png"));
    running.wait_for("cannot open");
    typed(folder.path());
    running.wait_for("expected a file");
    running.post(Event::Predicted { id: 1, probabilities: [0.1; 10] });
    typed(&file);
    running.wait_for("opened four.png");
    let asked = running.next_command();
    assert!(matches!(&asked, Command::Predict { pixels, .. } if **pixels == image), "{asked:?}");
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

fn mouse(kind: MouseEventKind, (column, row): (u16, u16)) -> Message {
    Message::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

/// A run that is paused, after these keys.
fn paused_at(keys: &str) -> Running {
    let running = Running::start(false);
    running.post_start();
    running.post(Event::State(State::Paused));
    running.wait_for("paused");
    keys.chars().for_each(|char| running.press(KeyCode::Char(char)));
    running
}

fn leave(mut running: Running) {
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn a_key_is_answered_after_a_burst_of_drags_and_the_stroke_ends_where_the_hand_did() {
    let running = paused_at("8");
    running.wait_for("nothing is drawn yet");
    let ink = |at: (u16, u16)| {
        let backend = running.backend.lock();
        let cell = &backend.buffer()[at];
        (cell.symbol().to_owned(), cell.fg, cell.bg)
    };
    let (first, last) = ((4, 4), (24, 14));
    let blank = [ink(first), ink(last)];
    let send = |message| running.keys.send(message).expect("the loop runs");
    send(mouse(MouseEventKind::Down(MouseButton::Left), first));
    for event in 0..600_000_u32 {
        let at = (4 + (event % 17) as u16, 4 + (event % 11) as u16);
        send(mouse(MouseEventKind::Drag(MouseButton::Left), at));
    }
    send(mouse(MouseEventKind::Drag(MouseButton::Left), last));
    send(mouse(MouseEventKind::Up(MouseButton::Left), last));
    running.press(KeyCode::Char('?'));
    running.wait_for("keys");
    running.press(KeyCode::Char('?'));
    wait(|| ink(first) != blank[0] && ink(last) != blank[1], || running.text());
    leave(running);
}

#[test]
fn a_key_is_answered_after_bursts_of_the_wheel_of_moves_and_of_sizes() {
    let running = paused_at("f");
    for event in 0..600_000_u32 {
        let at = (50, 10 + (event % 3) as u16);
        let kind = match event * 3 / 600_000 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::Moved,
            _ => MouseEventKind::Drag(MouseButton::Left),
        };
        running.keys.send(mouse(kind, at)).expect("the loop runs");
        running.keys.send(Message::Resize(100, 30)).expect("the loop runs");
    }
    running.press(KeyCode::Char('2'));
    running.wait_for("No image has been read yet");
    leave(running);
}

#[test]
fn a_terminal_larger_than_any_is_told_and_comes_back() {
    let running = paused_at("");
    running.backend.lock().resize(1_200, 600);
    running.keys.send(Message::Resize(u16::MAX, u16::MAX)).expect("the loop runs");
    let corner = || running.backend.lock().buffer().content[..100].iter().map(|cell| cell.symbol()).collect::<String>();
    wait(|| corner().contains("paused, but the terminal's size is too large"), corner);
    // What a click meets is worked out on a screen of the size that is believed in.
    running.keys.send(mouse(MouseEventKind::Down(MouseButton::Left), (u16::MAX - 1, 3))).expect("the loop runs");
    running.backend.lock().resize(100, 30);
    running.keys.send(Message::Resize(100, 30)).expect("the loop runs");
    running.wait_for("recent loss");
    leave(running);
}

/// Whoever drags slowly and whoever drags in a burst draw the same.
#[test]
fn a_path_taken_in_at_once_is_the_one_taken_in_point_by_point() {
    let mut pads = Vec::new();
    for at_once in [false, true] {
        let mut session = Session::new(COLOUR, (100, 30));
        session.keys("8");
        let path = (0..180_u16).map(|point| (4 + point % 60 / 3, 4 + point / 15));
        let events = path.map(|(column, row)| MouseEvent {
            kind: MouseEventKind::Drag(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        });
        if at_once {
            session.tell(Message::Drag(events.collect()));
        } else {
            for event in events {
                session.tell(Message::Mouse(event));
            }
        }
        session.mouse(MouseEventKind::Up(MouseButton::Left), 4, 4);
        pads.push((session.app.screens.draw.pad.sheet.clone(), session.text()));
    }
    assert!(pads[0] == pads[1], "{}\n{}", pads[0].1, pads[1].1);
}

#[test]
fn tens_of_thousands_of_runs_do_not_keep_a_key_waiting() {
    let running = paused_at("4");
    running.wait_for("none yet");
    let one = entries(&app()).swap_remove(0);
    let many = (0..60_000).map(|run| {
        let name = format!("run-{run:05}");
        Entry { path: format!("checkpoints/{name}/last.ckpt").into(), run: name, ..one.clone() }
    });
    running.keys.send(Message::Checkpoints(Ok(many.collect()))).expect("the loop runs");
    running.wait_for("runs 60,000");
    running.keys.send(Message::Key(KeyEvent::new(KeyCode::Char('/'), KeyModifiers::NONE))).expect("the loop runs");
    running.keys.send(Message::Paste("run-59999".into())).expect("the loop runs");
    running.wait_for("runs 1 of 60,000");
    leave(running);
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let mut running = Running::start(false);
    running.post_start();
    running.post(Event::State(State::Paused));
    running.wait_for("paused");
    let frames = || running.backend.frames.load(Ordering::SeqCst);
    let drawn = frames();
    // A frame's time many times over: were anything drawn without a cause, it would be in it.
    let (_keep, silent) = unbounded::<()>();
    let _ = silent.recv_timeout(Duration::from_millis(300));
    assert_eq!(frames(), drawn);
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn a_notice_fades_while_nothing_else_happens() {
    let (worker, played) = played();
    let mut app = App::new(dataset(Kind::Mnist), COLOUR, 0, (100, 30));
    for key in ['3', 'b'] {
        update(&mut app, Message::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
    }
    assert!(app.session.notice.is_some());
    let mut running = Running::with(app, Link::to(worker), played, false);
    running.wait_for("starting");
    wait(|| !running.text().contains("nothing was tried"), || running.text());
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn frames_do_not_come_faster_than_allowed() {
    let mut running = Running::start(false);
    running.post_start();
    let since = Instant::now();
    for step in 1..=2_000 {
        running.post(Event::Progress(progress(1, step)));
    }
    running.wait_for("step 2,000 of 3,750");
    let most = 3 + since.elapsed().as_millis() as usize * 60 / 1_000;
    let drawn = running.backend.frames.load(Ordering::SeqCst);
    assert!(drawn <= most, "{drawn} frames, {most} allowed");
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn a_resized_terminal_is_drawn_in_its_new_size() {
    let mut running = Running::start(false);
    running.post_start();
    running.wait_for("accuracy");
    running.backend.lock().resize(30, 8);
    running.keys.send(Message::Resize(30, 8)).expect("the loop runs");
    running.wait_for("needs 40 x 12, has 30 x 8");
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    running.end();
}

#[test]
fn a_terminal_that_cannot_be_written_to_ends_in_a_saved_run() {
    let mut running = Running::start(true);
    assert_eq!(running.next_command(), Command::Stop);
    running.outbox = None;
    let (exit, _) = running.end();
    assert_eq!(exit.leave, Leave::TerminalGone);
}

#[test]
fn ctrl_z_lets_the_shell_have_the_terminal() {
    let mut running = Running::start(false);
    running.wait_for("starting");
    let suspend = KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL);
    running.keys.send(Message::Key(suspend)).expect("the loop runs");
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    running.outbox = None;
    assert_eq!(running.end().1.suspensions, 1);
}

#[test]
fn a_worker_that_has_failed_leaves_its_reason_on_the_screen_and_another_takes_its_place() {
    let (first, played_first) = played();
    let (second, (_, outbox)) = played();
    let (second, (starts, started_with)) = (Mutex::new(Some(second)), unbounded());
    let start = move |start| {
        starts.send(start).expect("the test waits");
        second.lock().expect("no panic").take().expect("one only")
    };
    let link = Link { worker: Some(first), start: Some(Box::new(start)), ..Link::default() };
    let mut running = Running::with(app(), link, played_first, false);
    running.post_start();
    running.outbox = None;
    running.wait_for("failed");
    running.wait_for("the same run from its beginning");
    running.press(KeyCode::Char('r'));
    let start = started_with.recv_timeout(Duration::from_secs(30)).expect("a start");
    assert!(matches!(start, Start::New(spec) if spec.hyper == Default::default()));
    running.outbox = Some(outbox);
    running.post_start();
    running.post(Event::State(State::Training));
    running.wait_for("● training");
    running.outbox = None;
    running.wait_for("✗ failed");
    running.press(KeyCode::Char('q'));
    assert_eq!(running.end().0.leave, Leave::Key);
}

/// A real sweep of four small runs, and a played worker for the run that is begun beside it.
fn beside_a_sweep(folder: &tempfile::TempDir, epochs: u32) -> Running {
    let grid = Grid::default()
        .with(Hyperparameter::Activation, [Activation::Relu])
        .with(Hyperparameter::Optimizer, [OptimizerKind::Adam])
        .with(Hyperparameter::LearningRate, [0.01_f32, 0.001])
        .with(Hyperparameter::BatchSize, [32_u32, 64])
        .with(Hyperparameter::Epochs, [epochs]);
    let out = folder.path().join("sweep.csv");
    let table = Table::open(&out).expect("a new table");
    let mut app = app();
    let images = Images { train: 120, validation: 0, test: 400 };
    app.watch_sweep(Sweeping { limits: Limits::default(), images, out, command: "lenet-monitor sweep".into() });
    let dataset = Arc::clone(&app.session.dataset);
    let runs = SweepRun::of_sweep(grid.runs(), Limits::default(), &dataset);
    let sweep = Sweep::start(runs, table, 2, Simd::best());
    let (worker, played) = played();
    let worker = Mutex::new(Some(worker));
    let start = move |_| worker.lock().expect("no panic").take().expect("one run only");
    let link = Link { start: Some(Box::new(start)), sweep: Some(sweep), ..Link::default() };
    Running::with(app, link, played, false)
}

#[test]
fn a_sweep_is_watched_to_its_end_and_left_with_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = beside_a_sweep(&folder, 2);
    running.wait_for("4 of 4 runs ended");
    running.wait_for("complete");
    running.press(KeyCode::Char('q'));
    let (exit, _) = running.end();
    assert_eq!((exit.leave, exit.outcome, exit.summary.as_str()), (Leave::Key, None, ""));
    assert_eq!(exit.sweep.expect("a sweep").snapshot.rows().count(), 4);
}

#[test]
fn a_table_that_another_sweep_continues_is_left_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = beside_a_sweep(&folder, 2);
    running.wait_for("4 of 4 runs ended");
    let out = folder.path().join("sweep.csv");
    // The other sweep replaces the file, as it does when it needs a further column.
    let copy = folder.path().join("copy");
    fs::copy(&out, &copy).and_then(|_| fs::rename(&copy, &out)).expect("a copy in its place");
    let other = Table::open(&out).expect("an unlocked table");
    running.press(KeyCode::Char('q'));
    let kept = running.end().0.sweep.expect("a sweep").kept;
    assert_eq!((kept.path, kept.runs, kept.fault, kept.notes), (out, 4, None, Vec::new()));
    assert_eq!(other.rows().len(), 4);
}

#[test]
fn a_run_is_begun_beside_a_sweep_which_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut running = beside_a_sweep(&folder, 10_000);
    running.wait_for("0 of 4 runs");
    running.press(KeyCode::Enter);
    running.wait_for("r starts a run");
    running.press(KeyCode::Char('r'));
    running.post_start();
    running.post(Event::State(State::Training));
    running.wait_for("accuracy");
    running.wait_for("training");
    running.press(KeyCode::Char('5'));
    running.wait_for("paused");
    running.press(KeyCode::Char('1'));
    running.wait_for("‖ sweep paused 0/4   ● training");
    running.press(KeyCode::Char('5'));
    running.press(KeyCode::Char(' '));
    running.wait_for("sweeping");
    running.post(Event::State(State::Paused));
    running.press(KeyCode::Char('1'));
    running.wait_for("● sweeping 0/4   ‖ paused");
    running.press(KeyCode::Char('q'));
    running.wait_for("The sweep stops");
    running.wait_for("is saved first");
    running.press(KeyCode::Char('y'));
    assert_eq!(running.next_command(), Command::StopIfSaved);
    running.outbox = None;
    let (exit, host) = running.end();
    assert!(!host.titles.iter().any(|title| title.contains("paused relu")), "{:?}", host.titles);
    assert_eq!(exit.leave, Leave::Key);
    let sweep = exit.sweep.expect("a sweep").snapshot;
    assert!(sweep.is_over && !sweep.is_complete());
    assert!(exit.summary.contains("relu · adam 0.001"), "{}", exit.summary);
}

#[test]
fn a_vanished_terminal_stops_the_sweep_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let running = beside_a_sweep(&folder, 10_000);
    running.wait_for("0 of 4 runs");
    // What is being trained is seen as it goes on.
    let epoch = |number: usize| format!("epoch {number} of 10000");
    let went_on = || (2..1_000).any(|number| running.text().contains(&epoch(number)));
    wait(went_on, || format!("no second epoch on\n{}", running.text()));
    running.keys.send(Message::TerminalGone).expect("the loop runs");
    let (exit, _) = running.end();
    assert_eq!(exit.leave, Leave::TerminalGone);
    assert!(exit.sweep.expect("a sweep").snapshot.is_over);
}

#[test]
fn a_sweep_that_the_screen_starts_is_trained_beside_the_run_and_left_with_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (worker, played) = played();
    let dataset = Arc::clone(&app().session.dataset);
    let start_sweep = move |plan: SweepPlan| {
        let table = Table::open(&plan.out).map_err(|error| error.to_string())?;
        let runs = SweepRun::of_sweep(plan.grid.runs(), plan.limits, &dataset);
        Ok((Sweep::start(runs, table, 1, Simd::best()), Vec::new()))
    };
    let link = Link { start_sweep: Some(Arc::new(start_sweep)), ..Link::to(worker) };
    let mut running = Running::with(app(), link, played, false);
    running.post_start();
    running.post(Event::State(State::Training));
    running.wait_for("● training");
    running.press(KeyCode::Char('5'));
    running.wait_for("81 runs");
    let fill = |text: &str| {
        running.press(KeyCode::Enter);
        let control = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        running.keys.send(Message::Key(control)).expect("the loop runs");
        running.keys.send(Message::Paste(text.into())).expect("the loop runs");
        running.press(KeyCode::Enter);
    };
    running.press(KeyCode::Home);
    // Networks, activations, learning rates, optimizers, momentums, batch sizes, seeds, epochs.
    for values in ["lenet-5", "relu", "0.01,0.001", "adam", "0", "32,64", "1", "1"] {
        fill(values);
        running.press(KeyCode::Down);
    }
    running.wait_for("4 runs");
    running.press(KeyCode::End);
    "kk".chars().for_each(|key| running.press(KeyCode::Char(key)));
    fill(&folder.path().display().to_string());
    running.press(KeyCode::End);
    running.wait_for("▸  start");
    running.press(KeyCode::Enter);
    // The refusal moves the cursor. An error may be shown before it, since the file is read as soon as it is named.
    running.wait_for("▸ file");
    fill(&folder.path().join("sweep.csv").display().to_string());
    running.press(KeyCode::End);
    running.press(KeyCode::Enter);
    assert_eq!(running.next_command(), Command::Pause);
    running.post(Event::State(State::Paused));
    running.wait_for("4 of 4 runs ended");
    // Its table is free again: for another program, and for a further sweep of this one.
    drop(Table::open(&folder.path().join("sweep.csv")).expect("an unlocked table"));
    running.press(KeyCode::Char('B'));
    running.wait_for("show the results");
    running.press(KeyCode::Enter);
    wait(|| !running.text().contains("show the results"), || format!("no second sweep\n{}", running.text()));
    running.wait_for("4 of 4 runs ended");
    running.press(KeyCode::Char('q'));
    running.wait_for("is saved first");
    running.press(KeyCode::Char('y'));
    assert_eq!(running.next_command(), Command::StopIfSaved);
    running.outbox = None;
    let sweep = running.end().0.sweep.expect("a sweep");
    assert_eq!((sweep.snapshot.rows().count(), sweep.kept.runs), (4, 4));
    assert!(sweep.command.contains(" --lrs 0.01,0.001 "), "{}", sweep.command);
}
