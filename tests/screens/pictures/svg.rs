//! A styled screen as an SVG picture that needs nothing else: no script, no font of its own.

use std::{collections::BTreeMap, fmt::Write};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// Of a cell, in pixels: so that its eighths are whole pixels.
const WIDTH: usize = 8;
const HEIGHT: usize = 16;
const MARGIN: usize = 12;

type Rgb = [u8; 3];
const PAPER: Rgb = [0x16, 0x18, 0x1d];
const INK: Rgb = [0xd5, 0xd8, 0xde];

/// What is drawn in the same way, in the order of drawing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Brush {
    Paper,
    Block,
    Thin,
    Dashed,
    Thick,
    Dots,
    Text,
    Bold,
    /// A character that fonts take from elsewhere, with a width of its own.
    Symbol,
}

impl Brush {
    fn is_text(self) -> bool {
        self >= Self::Text
    }

    fn attributes(self, [red, green, blue]: Rgb) -> String {
        let colour = format!("#{red:02x}{green:02x}{blue:02x}");
        let line = |rest: &str| format!("fill=\"none\" stroke=\"{colour}\"{rest}");
        match self {
            Self::Paper | Self::Block => format!("fill=\"{colour}\" shape-rendering=\"crispEdges\""),
            Self::Thin => line(""),
            Self::Dashed => line(" stroke-dasharray=\"2\""),
            Self::Thick => line(" stroke-width=\"3\""),
            Self::Dots => line(" stroke-width=\"2.8\" stroke-linecap=\"round\""),
            Self::Text => format!("fill=\"{colour}\""),
            Self::Bold => format!("fill=\"{colour}\" font-weight=\"bold\""),
            Self::Symbol => format!("fill=\"{colour}\" text-anchor=\"middle\""),
        }
    }
}

/// All that has one brush and one colour is one path, or one group of words.
#[derive(Default)]
struct Picture(BTreeMap<(Brush, Rgb), String>);

pub fn svg(buffer: &Buffer) -> String {
    let columns = usize::from(buffer.area.width);
    let mut picture = Picture::default();
    for (row, cells) in buffer.content.chunks(columns).enumerate() {
        picture.papers(row * HEIGHT, cells);
        picture.inks(row * HEIGHT, cells);
    }
    let (width, height) = (columns * WIDTH + 2 * MARGIN, usize::from(buffer.area.height) * HEIGHT + 2 * MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {width} {height}\" font-size=\"13\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace\">\n\
         <rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{width}\" height=\"{height}\" rx=\"8\" stroke=\"#343941\" {}/>\n",
        Brush::Text.attributes(PAPER)
    );
    for ((brush, colour), content) in picture.0 {
        let attributes = brush.attributes(colour);
        let part = match brush.is_text() {
            true => format!("<g {attributes}>\n{content}</g>\n"),
            false => format!("<path {attributes} d=\"{content}\"/>\n"),
        };
        text.push_str(&part);
    }
    text + "</svg>\n"
}

/// Ink and paper of a cell.
fn colours(cell: &Cell) -> (Rgb, Rgb) {
    let (ink, paper) = (rgb(cell.fg, INK), rgb(cell.bg, PAPER));
    if cell.modifier.contains(Modifier::REVERSED) { (paper, ink) } else { (ink, paper) }
}

fn rgb(colour: Color, reset: Rgb) -> Rgb {
    match colour {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(grey @ 232..) => [8 + 10 * (grey - 232); 3],
        Color::Indexed(cube @ 16..) => {
            [36, 6, 1].map(|step| [0, 95, 135, 175, 215, 255][usize::from((cube - 16) / step % 6)])
        }
        Color::Reset => reset,
        other => panic!("{other:?} is no colour of a theme in true colours"),
    }
}

/// A shade of so many quarters.
fn mixed(ink: Rgb, paper: Rgb, quarters: u16) -> Rgb {
    std::array::from_fn(|at| ((u16::from(ink[at]) * quarters + u16::from(paper[at]) * (4 - quarters)) / 4) as u8)
}

fn symbol(cell: &Cell) -> char {
    cell.symbol().chars().next().unwrap_or(' ')
}

/// What fonts draw differently, or leave gaps between, is drawn; the rest is text.
fn is_drawn(symbol: char) -> bool {
    matches!(symbol, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}')
}

impl Picture {
    fn with(&mut self, brush: Brush, colour: Rgb) -> &mut String {
        self.0.entry((brush, colour)).or_default()
    }

    fn papers(&mut self, y: usize, cells: &[Cell]) {
        let mut x = 0;
        for run in cells.chunk_by(|a, b| colours(a).1 == colours(b).1) {
            let (paper, width) = (colours(&run[0]).1, run.len() * WIDTH);
            if paper != PAPER {
                self.rectangle(Brush::Paper, paper, (x, y), (width, HEIGHT));
            }
            x += width;
        }
    }

    fn rectangle(&mut self, brush: Brush, colour: Rgb, (x, y): (usize, usize), (width, height): (usize, usize)) {
        write!(self.with(brush, colour), "M{x} {y}h{width}v{height}h-{width}z").unwrap();
    }

    /// Cells of one look together: a rectangle, a line or a word.
    fn inks(&mut self, y: usize, cells: &[Cell]) {
        let mut x = 0;
        let is_bold = |cell: &Cell| cell.modifier.contains(Modifier::BOLD);
        let goes_on = |a: &Cell, b: &Cell| match (symbol(a), symbol(b)) {
            _ if colours(a) != colours(b) || is_bold(a) != is_bold(b) => false,
            ('─' | '━' | '▀'..='█' | '░'..='▓', _) => symbol(a) == symbol(b),
            // More than one space in a row would be one in SVG.
            (' ', ' ') => false,
            (a, b) => a.len_utf8() < 3 && b.len_utf8() < 3,
        };
        for run in cells.chunk_by(goes_on) {
            let (first, (ink, paper)) = (symbol(&run[0]), colours(&run[0]));
            if is_drawn(first) {
                self.draw(first, (x, y), run.len() * WIDTH, (ink, paper));
            } else if first.len_utf8() >= 3 {
                let (x, y) = (x + WIDTH / 2, y + 12);
                writeln!(self.with(Brush::Symbol, ink), "<text x=\"{x}\" y=\"{y}\">{first}</text>").unwrap();
            } else {
                let words: String = run.iter().map(symbol).collect();
                self.words(if is_bold(&run[0]) { Brush::Bold } else { Brush::Text }, ink, (x, y + 12), &words);
            }
            x += run.len() * WIDTH;
        }
    }

    /// Text, held to its columns.
    fn words(&mut self, brush: Brush, ink: Rgb, (x, y): (usize, usize), words: &str) {
        let blank = words.len() - words.trim_start().len();
        let (x, words) = (x + blank * WIDTH, words.trim());
        let length = words.chars().count() * WIDTH;
        let words = words.replace('&', "&amp;").replace('<', "&lt;");
        if length > 0 {
            writeln!(self.with(brush, ink), "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\">{words}</text>")
                .unwrap();
        }
    }

    fn draw(&mut self, symbol: char, (x, y): (usize, usize), width: usize, (ink, paper): (Rgb, Rgb)) {
        let (right, bottom) = (x + width, y + HEIGHT);
        let (middle_x, middle_y) = (x as f32 + 3.5, y as f32 + 7.5);
        let mut line = |brush, path: String| self.with(brush, ink).push_str(&path);
        match symbol {
            '─' => line(Brush::Thin, format!("M{x} {middle_y}H{right}")),
            '━' => line(Brush::Thick, format!("M{x} {middle_y}H{right}")),
            '╸' => line(Brush::Thick, format!("M{x} {middle_y}h4")),
            '╴' => line(Brush::Thin, format!("M{x} {middle_y}h4")),
            '╶' => line(Brush::Thin, format!("M{middle_x} {middle_y}H{right}")),
            '┈' => line(Brush::Dashed, format!("M{x} {middle_y}H{right}")),
            '│' => line(Brush::Thin, format!("M{middle_x} {y}V{bottom}")),
            '┼' => line(Brush::Thin, format!("M{middle_x} {y}V{bottom}M{x} {middle_y}H{right}")),
            '╭' | '╮' | '╰' | '╯' => {
                let side = if matches!(symbol, '╭' | '╰') { right } else { x };
                let (turn, end) = if matches!(symbol, '╭' | '╮') { (4.0, bottom) } else { (-4.0, y) };
                let turn = middle_y + turn;
                line(Brush::Thin, format!("M{side} {middle_y}Q{middle_x} {middle_y} {middle_x} {turn}V{end}"));
            }
            '▀' => self.rectangle(Brush::Block, ink, (x, y), (width, HEIGHT / 2)),
            '▁'..='█' => {
                let high = HEIGHT * (symbol as usize - 0x2580) / 8;
                self.rectangle(Brush::Block, ink, (x, bottom - high), (width, high));
            }
            '▉'..='▏' => {
                self.rectangle(Brush::Block, ink, (x, y), (WIDTH * (0x2590 - symbol as usize) / 8, HEIGHT))
            }
            '░' | '▒' | '▓' => {
                let shade = mixed(ink, paper, symbol as u16 - 0x2590);
                self.rectangle(Brush::Block, shade, (x, y), (width, HEIGHT));
            }
            '\u{2800}'..='\u{28ff}' => {
                for (bit, (column, row)) in DOTS.into_iter().enumerate() {
                    if (symbol as usize - 0x2800) >> bit & 1 == 1 {
                        line(Brush::Dots, format!("M{} {}h.1", x + 2 + 4 * column, y + 2 + 4 * row));
                    }
                }
            }
            other => panic!("{other} is not drawn yet"),
        }
    }
}

/// Columns and rows of the braille dots 1 to 8.
const DOTS: [(usize, usize); 8] = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)];
