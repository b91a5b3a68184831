//! Pen strokes: smooth curves through a few knots.

/// A point of a drawing: `x` to the right, `y` downwards; a digit is about one unit high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    fn minus(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y }
    }

    fn times(self, factor: f32) -> Self {
        Self { x: self.x * factor, y: self.y * factor }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y }
    }

    fn length(self) -> f32 {
        (self.x * self.x + self.y * self.y).sqrt()
    }
}

/// A point that a stroke goes through, smoothly or with a corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub at: Point,
    corner: bool,
}

/// A line drawn without lifting the pen.
#[derive(Clone, Debug, Default)]
pub(super) struct Stroke {
    pub knots: Vec<Knot>,
}

/// Number of line segments between two knots.
const PIECES: usize = 5;

impl Stroke {
    pub(crate) fn from(x: f32, y: f32) -> Self {
        Self::default().to(x, y)
    }

    /// Continues smoothly through a point.
    pub(crate) fn to(mut self, x: f32, y: f32) -> Self {
        self.knots.push(Knot { at: Point { x, y }, corner: false });
        self
    }

    /// Continues to a point and turns sharply there.
    pub(crate) fn corner(mut self, x: f32, y: f32) -> Self {
        self.knots.push(Knot { at: Point { x, y }, corner: true });
        self
    }

    /// Continues along an ellipse from the angle `start` by the angle `sweep`, both in whole turns: 0 is right, a
    /// quarter is down. The radii change gradually by the factor `spiral`.
    pub(crate) fn arc(mut self, centre: (f32, f32), radii: (f32, f32), start: f32, sweep: f32, spiral: f32) -> Self {
        let steps = ((sweep.max(-sweep) * 8.0) as usize).max(2);
        for step in 0..=steps {
            let part = step as f32 / steps as f32;
            let angle = start + sweep * part;
            let scale = 1.0 + (spiral - 1.0) * part;
            let (x, y) = (radii.0 * scale * sine(angle + 0.25), radii.1 * scale * sine(angle));
            self = self.to(centre.0 + x, centre.1 + y);
        }
        self
    }

    /// Returns the points of a fine polygonal line along the curve.
    pub(crate) fn flatten(&self) -> Vec<Point> {
        let knots = &self.knots;
        let mut points = Vec::with_capacity(knots.len() * PIECES);
        points.push(knots[0].at);
        for index in 1..knots.len() {
            let (start, end) = (knots[index - 1].at, knots[index].at);
            let (leaving, arriving) = self.tangents(index);
            for piece in 1..=PIECES {
                points.push(hermite(start, leaving, end, arriving, piece as f32 / PIECES as f32));
            }
        }
        points
    }

    /// Returns the derivatives at both ends of the span that ends at knot `index`, for the span's parameter in `0..1`.
    fn tangents(&self, index: usize) -> (Point, Point) {
        let secant = self.knots[index].at.minus(self.knots[index - 1].at);
        let leaving = self.through(index - 1).map(|(_, out)| out);
        let arriving = self.through(index).map(|(into, _)| into);
        // An end without a given direction has zero curvature.
        let free = |other: Point| secant.times(1.5).minus(other.times(0.5));
        match (leaving, arriving) {
            (Some(leaving), Some(arriving)) => (leaving, arriving),
            (None, Some(arriving)) => (free(arriving), arriving),
            (Some(leaving), None) => (leaving, free(leaving)),
            (None, None) => (secant, secant),
        }
    }

    /// Returns the derivatives at a smooth inner knot, for the parameters of the spans before and after it.
    fn through(&self, index: usize) -> Option<(Point, Point)> {
        let knots = &self.knots;
        if index == 0 || index + 1 == knots.len() || knots[index].corner {
            return None;
        }
        let before = knots[index].at.minus(knots[index - 1].at);
        let after = knots[index + 1].at.minus(knots[index].at);
        let (long_before, long_after) = (before.length() + 1e-6, after.length() + 1e-6);
        let slope = before
            .times(long_after / long_before)
            .plus(after.times(long_before / long_after))
            .times(1.0 / (long_before + long_after));
        Some((slope.times(long_before), slope.times(long_after)))
    }
}

/// Evaluates the cubic Hermite curve from `start` to `end` with the given derivatives.
fn hermite(start: Point, leaving: Point, end: Point, arriving: Point, t: f32) -> Point {
    let rest = 1.0 - t;
    start
        .times((1.0 + 2.0 * t) * rest * rest)
        .plus(leaving.times(t * rest * rest))
        .plus(end.times(t * t * (3.0 - 2.0 * t)))
        .plus(arriving.times(t * t * -rest))
}

/// Returns the sine of an angle in turns with an error of at most 0.002 (Bhaskara's formula). That is enough for a pen,
/// and the last bits of a library's sine differ between platforms.
fn sine(turns: f32) -> f32 {
    let turns = turns - turns.floor();
    let (half, sign) = if turns < 0.5 { (turns, 1.0) } else { (turns - 0.5, -1.0) };
    let product = 2.0 * half * (1.0 - 2.0 * half);
    sign * 16.0 * product / (5.0 - 4.0 * product)
}
