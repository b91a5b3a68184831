//! Numbers and times for people, in stable widths.

/// Seconds by which the clocks of machines that share a disk may differ.
const CLOCK_SKEW: u64 = 120;

/// Returns a number with its thousands grouped: `60,000`.
pub(crate) fn grouped(value: impl Into<u64>) -> String {
    let digits = value.into().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number with its noun: `1 run`, `3,750 runs`.
pub(crate) fn counted(count: impl Into<u64>, what: &str) -> String {
    let count = count.into();
    format!("{} {what}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// Returns a duration: `0:07`, `12:31`, `1:02:03`, or `-:--` if `seconds` is negative or not finite.
pub(crate) fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return "-:--".into();
    }
    let whole = seconds.min(1e9) as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Returns a loss in six columns: `0.0370`, `2.3026`, `12.345`, `1.2e9`, `NaN`.
pub(crate) fn loss(value: f64) -> String {
    match value {
        value if value.is_nan() => "   NaN".into(),
        value if value.is_infinite() => "   inf".into(),
        value if value >= 1e5 => format!("{value:>6.0e}"),
        value if value >= 1e3 => format!("{value:>6.0}"),
        value if value >= 10.0 => format!("{value:>6.2}"),
        value => format!("{value:>6.4}"),
    }
}

/// Returns an accuracy or a probability in six columns: `0.9897`.
pub(crate) fn share(value: f64) -> String {
    if value.is_finite() { format!("{value:>6.4}") } else { "     -".into() }
}

/// Returns a share in percent, rounded: `98.8`. Only a whole is `100`.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    match share {
        share if !share.is_finite() => "-".into(),
        share if share >= 1.0 => "100".into(),
        share => {
            let steps = 10_f64.powi(decimals as i32);
            let rounded = (share * 100.0 * steps).round().clamp(0.0, 100.0 * steps - 1.0) / steps;
            format!("{rounded:.decimals$}")
        }
    }
}

/// Returns a learning rate without trailing zeros: `0.001`, `1e-7`.
pub(crate) fn rate(value: f32) -> String {
    if value != 0.0 && value.abs() < 1e-4 { format!("{value:e}") } else { value.to_string() }
}

/// Returns a learning rate with three significant digits, for rates between those of a schedule.
pub(crate) fn rounded(rate: f32) -> f32 {
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

/// Returns whether a checkpoint claims to have been saved in the future: a clock was or is wrong. Both times in seconds
/// since 1970.
pub fn is_in_the_future(saved_at: u64, now: u64) -> bool {
    saved_at > now.saturating_add(CLOCK_SKEW)
}

/// Returns how long ago `then` was: `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`, or a date if longer ago.
pub(crate) fn ago(then: u64, now: u64) -> String {
    if is_in_the_future(then, now) {
        return "in the future".into();
    }
    match now.saturating_sub(then) {
        seconds @ 0..60 => format!("{seconds} s ago"),
        seconds @ 60..3_600 => format!("{} min ago", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h ago", seconds / 3_600),
        seconds @ 172_800..2_592_000 => format!("{} days ago", seconds / 86_400),
        _ => date(then),
    }
}

/// Returns the width of the text of [`ago`] without its ` ago`, without writing the text.
pub(crate) fn ago_width(then: u64, now: u64) -> usize {
    const TEN_THOUSAND_YEARS: u64 = 253_402_300_800;
    let digits = |number: u64| number.checked_ilog10().unwrap_or(0) as usize + 1;
    match now.saturating_sub(then) {
        seconds @ 0..60 => digits(seconds) + " s".len(),
        seconds @ 60..3_600 => digits(seconds / 60) + " min".len(),
        seconds @ 3_600..172_800 => digits(seconds / 3_600) + " h".len(),
        seconds @ 172_800..2_592_000 => digits(seconds / 86_400) + " days".len(),
        _ if then < TEN_THOUSAND_YEARS => "2026-11-24".len(),
        _ => date(then).len(),
    }
}

/// Returns the UTC date of a time in seconds since 1970: `2026-11-24`.
pub(crate) fn date(seconds: u64) -> String {
    // Days since 0000-03-01, in eras of 400 years: leap days come last in a year that starts in March.
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + carry)
}

/// Returns a time in seconds since 1970 to the minute: `2026-11-24 12:04 UTC`.
pub(crate) fn moment(seconds: u64) -> String {
    format!("{} {:02}:{:02} UTC", date(seconds), seconds / 3_600 % 24, seconds / 60 % 60)
}

/// Returns a time in seconds since 1970 to the second: `2026-11-24 12:04:31Z`.
pub(crate) fn time(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{} {hour:02}:{minute:02}:{second:02}Z", date(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(7u32), "7");
        assert_eq!(grouped(999u32), "999");
        assert_eq!(grouped(1_000u32), "1,000");
        assert_eq!(grouped(12_345_678u32), "12,345,678");
    }

    #[test]
    fn durations_have_hours_when_needed() {
        assert_eq!(clock(7.9), "0:07");
        assert_eq!(clock(3_723.0), "1:02:03");
        assert_eq!(clock(f64::NAN), "-:--");
    }

    #[test]
    fn ages_are_as_wide_as_computed() {
        let now = 400_000_000_000;
        let ages = (0..200_000).step_by(7).chain((0..3_000_000).step_by(3_571)).chain([now, now - 253_402_300_800]);
        for age in ages {
            let text = ago(now - age, now);
            assert_eq!(ago_width(now - age, now), text.trim_end_matches(" ago").len(), "{text}");
        }
    }

    #[test]
    fn percentages_are_rounded_and_only_a_whole_is_100() {
        let cases = [(0.98765, 1, "98.8"), (0.98765, 0, "99"), (0.9997, 1, "99.9"), (0.996, 0, "99"), (1.0, 1, "100")];
        for (share, decimals, text) in cases {
            assert_eq!(percent(share, decimals), text, "{share}");
        }
        assert_eq!((percent(0.0, 1), percent(f64::NAN, 0)), ("0.0".into(), "-".into()));
    }

    #[test]
    fn losses_have_a_constant_width() {
        for value in [0.0, 0.0370, 2.3125, 12.345, 999.99, 99_999.0, 1e12, f64::NAN, f64::INFINITY] {
            assert_eq!(loss(value).len(), 6, "{value}: {:?}", loss(value));
        }
    }

    #[test]
    fn dates_know_leap_years() {
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(951_868_800), "2000-03-01");
        assert_eq!(moment(1_795_521_845), "2026-11-24 12:04 UTC");
    }
}
