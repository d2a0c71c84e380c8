//! Decimal text to f32, correctly rounded, fast for what vector files hold.
//!
//! Up to 19 digits are collected as a whole number. Where that number and its power of ten are exact in f64, one operation
//! gives the correctly rounded f64 (Clinger 1990). Rounding that to f32 is right unless it lies exactly between two f32 values,
//! where the first rounding may have hidden which side it came from; that case and everything else goes to the standard
//! library.

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Parses the whole of `text`; `nan`, `inf` and `infinity` in any case are numbers.
pub fn parse(text: &[u8]) -> Option<f32> {
    fast(text).or_else(|| std::str::from_utf8(text).ok()?.parse().ok())
}

fn fast(text: &[u8]) -> Option<f32> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (mut mantissa, mut digits, mut exponent) = (0u64, 0usize, 0i32);
    let before = rest.len();
    digit_run(&mut rest, &mut mantissa);
    digits += before - rest.len();
    if let [b'.', tail @ ..] = rest {
        rest = tail;
        let before = rest.len();
        digit_run(&mut rest, &mut mantissa);
        digits += before - rest.len();
        exponent = -((before - rest.len()) as i32);
    }
    if digits == 0 || digits > 19 {
        return None;
    }
    if let [b'e' | b'E', tail @ ..] = rest {
        exponent += short_exponent(tail)?;
    } else if !rest.is_empty() {
        return None;
    }
    let power = POWERS.get(exponent.unsigned_abs() as usize)?;
    if mantissa > 1 << 53 {
        return None;
    }
    let exact = mantissa as f64;
    let value = if exponent < 0 { exact / power } else { exact * power };
    // 29 bits are rounded off; below the normal range more are, and the test would look at the wrong ones.
    let between = value.to_bits() & 0x1fff_ffff == 0x1000_0000;
    if between || (value < f64::from(f32::MIN_POSITIVE) && value != 0.0) {
        return None;
    }
    Some(if negative { -(value as f32) } else { value as f32 })
}

fn digit_run(rest: &mut &[u8], mantissa: &mut u64) {
    while let [digit @ b'0'..=b'9', tail @ ..] = *rest {
        *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        *rest = tail;
    }
}

fn short_exponent(text: &[u8]) -> Option<i32> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(sign * digits.iter().fold(0, |n, d| n * 10 + i32::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(text: &str) {
        let want: Option<f32> = text.parse().ok();
        let got = parse(text.as_bytes());
        assert_eq!(got.map(f32::to_bits), want.map(f32::to_bits), "{text}");
    }

    #[test]
    fn edges_agree_with_the_standard_library() {
        for text in [
            "0",
            "-0",
            "1",
            "-1.5",
            "+2",
            ".5",
            "5.",
            "",
            ".",
            "-",
            "e5",
            "1e",
            "1e5",
            "1E-5",
            "1e400",
            "1e-400",
            "nan",
            "NaN",
            "inf",
            "-Infinity",
            "1_0",
            " 1",
            "1 ",
            "16777217",
            "16777216.5",
            "9007199254740993",
            "3.4028235e38",
            "3.4028236e38",
            "1.17549435e-38",
            "1e-45",
            "7e-46",
            "0.000000000000000000000000000000000000001",
            "00000000000000000000001",
            "1.00000005960464477539062500001",
            "1.000000059604644775390625",
            "é",
        ] {
            same(text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn any_f32_comes_back(bits: u32) {
            let v = f32::from_bits(bits);
            prop_assume!(!v.is_nan());
            prop_assert_eq!(parse(format!("{v}").as_bytes()).unwrap().to_bits(), v.to_bits());
            prop_assert_eq!(parse(format!("{v:e}").as_bytes()).unwrap().to_bits(), v.to_bits());
        }

        #[test]
        fn decimals_agree_with_the_standard_library(whole in 0u64..100_000, part in 0u64..1_000_000_000, exponent in -50i32..50) {
            same(&format!("{whole}.{part:09}"));
            same(&format!("-{whole}.{part}e{exponent}"));
        }
    }
}
