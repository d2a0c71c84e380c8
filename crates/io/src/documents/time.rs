//! Moments as ISO 8601 text, which sorts as time does.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970; negative before it.
pub fn nanos(time: SystemTime) -> i128 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(d) => d.as_nanos() as i128,
        Err(e) => -(e.duration().as_nanos() as i128),
    }
}

/// `2024-05-01T12:00:00Z` from seconds since 1970.
pub fn timestamp(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    format!("{}T{:02}:{:02}:{:02}Z", date(seconds.div_euclid(86_400)), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// `2024-05-01` from days since 1970, in the Gregorian calendar. Years are counted from March within 400-year eras, so that
/// the leap day is the last of its year.
pub fn date(days: i64) -> String {
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{of_month:02}", era * 400 + year + carry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59Z");
        assert!(!date(i64::MAX).is_empty());
    }
}
