//! Points in time as clients write them (RFC 3339 and its usual short forms), without a calendar library.

/// Microseconds since 1970-01-01T00:00:00Z; `None` for what is no date. A date alone is its midnight, a time without a zone
/// is UTC.
#[must_use]
pub fn micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let days = days(date)?;
    let (time, offset) = match rest.strip_prefix(['T', 't', ' ']) {
        None if rest.is_empty() => ("", 0),
        None => return None,
        Some(rest) => zone(rest)?,
    };
    let clock = if time.is_empty() { 0 } else { clock(time)? };
    days.checked_mul(86_400_000_000)?.checked_add(clock)?.checked_sub(offset * 60_000_000)
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))
}

/// Days since 1970-01-01 of the Gregorian calendar (Hinnant's days-from-civil).
fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-');
    let (y, m, d) = (number(parts.next()?)?, number(parts.next()?)?, number(parts.next()?)?);
    let leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let longest = match m {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if d < 1 || d > longest {
        return None;
    }
    let y = if m <= 2 { y - 1 } else { y };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Splits the zone off; its offset is in minutes.
fn zone(rest: &str) -> Option<(&str, i64)> {
    if let Some(time) = rest.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let Some(at) = rest.rfind(['+', '-']) else { return Some((rest, 0)) };
    let (time, zone) = rest.split_at(at);
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let minutes = match digits.len() {
        2 => number(&digits)? * 60,
        4 => number(&digits[..2])? * 60 + number(&digits[2..])?,
        _ => return None,
    };
    Some((time, if zone.starts_with('-') { -minutes } else { minutes }))
}

/// Microseconds of `hh:mm`, `hh:mm:ss` or `hh:mm:ss.f…`.
fn clock(time: &str) -> Option<i64> {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = whole.split(':');
    let (h, m) = (number(parts.next()?)?, number(parts.next()?)?);
    let s = parts.next().map_or(Some(0), number)?;
    if parts.next().is_some() || h > 23 || m > 59 || s > 60 {
        return None;
    }
    let micros = if fraction.is_empty() { 0 } else { number(&format!("{fraction:0<6}")[..6])? };
    Some(((h * 60 + m) * 60 + s) * 1_000_000 + micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings() {
        let day = 1_700_000_000_000_000 / 86_400_000_000 * 86_400_000_000;
        assert_eq!(micros("1970-01-01"), Some(0));
        assert_eq!(micros("2023-11-14"), Some(day));
        assert_eq!(micros("2023-11-14T22:13:20Z"), Some(1_700_000_000_000_000));
        assert_eq!(micros("2023-11-14 22:13:20.5"), Some(1_700_000_000_500_000));
        assert_eq!(micros("2023-11-15T00:13:20+02:00"), Some(1_700_000_000_000_000));
        assert_eq!(micros("2023-11-14T22:13"), Some(1_699_999_980_000_000));
        assert_eq!(micros("1969-12-31T23:59:59Z"), Some(-1_000_000));
        assert_eq!(micros("2000-02-29"), Some(951_782_400_000_000));
        for bad in [
            "",
            "2023",
            "2023-13-01",
            "2023-02-29",
            "2023-11-14T25:00:00",
            "2023-11-14X",
            "hello there",
            "2023-11-14T1é:00",
        ] {
            assert_eq!(micros(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_time_or_none(text in ".{0,40}") {
            let _ = micros(&text);
        }
    }
}
