//! Dates of the Gregorian calendar as days since 1970-01-01, after Howard Hinnant, "chrono-compatible low-level date
//! algorithms".

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Days from 1970-01-01 to a date, negative for an earlier one; `None` if there is no such date.
pub(crate) fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + days - 719_468)
}

/// Year, month and day of a number of days since 1970-01-01.
fn of_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// The date of a second since 1970, as `2024-05-10`.
pub(crate) fn date(second: i64) -> String {
    let (year, month, day) = of_days(second.div_euclid(DAY));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The date and the time of day of a second since 1970, as `2024-05-10T08:30:00`.
pub(crate) fn date_and_time(second: i64) -> String {
    let of_day = second.rem_euclid(DAY);
    format!(
        "{}T{:02}:{:02}:{:02}",
        date(second),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_are_one_another() {
        for days in (-800_000..800_000).step_by(37) {
            let (year, month, day) = of_days(days);
            assert_eq!(days_since_1970(year, month, day), Some(days));
        }
        assert_eq!(days_since_1970(1970, 1, 1), Some(0));
        assert_eq!(days_since_1970(2023, 2, 29), None);
        assert_eq!(date_and_time(951_782_400), "2000-02-29T00:00:00");
        assert_eq!(date_and_time(-1), "1969-12-31T23:59:59");
    }
}
