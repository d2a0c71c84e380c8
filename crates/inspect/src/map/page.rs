//! The page: data into a template.

use serde_json::json;
use vectory_core::VectorsRef;

use super::Field;
use crate::svg::escape;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a map shows.
pub struct MapPage<'a> {
    /// What was mapped.
    pub title: &'a str,
    /// n × 2.
    pub places: VectorsRef<'a>,
    /// What each point is; empty for numbers.
    pub items: &'a [String],
    /// What points are coloured by, the first at the start.
    pub fields: &'a [Field],
}

/// The page as text.
#[must_use]
pub fn html(page: &MapPage<'_>) -> String {
    let fields: Vec<_> = page
        .fields
        .iter()
        .map(|f| json!({"name": f.name, "groups": f.groups, "scale": f.scale, "of": base64(&bytes(f.of.iter().map(|g| *g as u16)))}))
        .collect();
    let data = json!({
        "title": page.title,
        "count": page.places.rows(),
        "places": base64(&bytes(quantized(page.places).into_iter())),
        "items": page.items,
        "fields": fields,
    });
    // "</" would end the script element inside a text.
    let data = data.to_string().replace("</", "<\\/").replace("<!--", "<\\u0021--");
    TEMPLATE
        .replace("{{title}}", &escape(page.title))
        .replace("{{style}}", STYLE)
        .replace("{{script}}", SCRIPT)
        .replace("{{data}}", &data)
}

/// Coordinates on one scale for both axes, centred, as 0 to 65535.
fn quantized(places: VectorsRef<'_>) -> Vec<u16> {
    let mut bounds = [[f32::INFINITY, f32::NEG_INFINITY]; 2];
    for row in places.iter() {
        for (b, v) in bounds.iter_mut().zip(row) {
            *b = [b[0].min(*v), b[1].max(*v)];
        }
    }
    let width = bounds.iter().map(|b| b[1] - b[0]).fold(f32::MIN_POSITIVE, f32::max);
    let at = |d: usize, v: f32| (0.5 + (v - f32::midpoint(bounds[d][0], bounds[d][1])) / width).clamp(0.0, 1.0);
    places.iter().flat_map(|r| [0, 1].map(|d| (at(d, r.get(d).copied().unwrap_or(0.0)) * 65535.0) as u16)).collect()
}

fn bytes(values: impl Iterator<Item = u16>) -> Vec<u8> {
    values.flat_map(u16::to_le_bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().enumerate().fold(0u32, |b, (i, v)| b | u32::from(*v) << (16 - 8 * i));
        for digit in 0..4 {
            let shown = digit <= three.len();
            out.push(if shown { DIGITS[(bits >> (18 - 6 * digit)) as usize & 63] as char } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use vectory_core::Vectors;

    use super::*;

    #[test]
    fn base64_of_the_standard() {
        for (text, want) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(text.as_bytes()), want);
        }
    }

    #[test]
    fn places_keep_their_proportions() {
        let places = Vectors::from_slice(&[0.0, 0.0, 10.0, 5.0, 5.0, 2.5], 2).unwrap();
        let q = quantized(places.view());
        assert_eq!((q[0], q[2]), (0, 65535));
        assert!((i32::from(q[3]) - i32::from(q[1]) - 32767).abs() < 3 && (i32::from(q[4]) - 32767).abs() < 2);
        assert_eq!(quantized(Vectors::from_slice(&[3.0, 3.0], 2).unwrap().view()), [32767, 32767]);
    }

    #[test]
    fn texts_cannot_break_out_and_nothing_is_fetched() {
        let places = Vectors::from_slice(&[0.0, 1.0], 2).unwrap();
        let items = ["</script><script>alert(1)</script><!--".to_owned()];
        let field = Field::of_values("kind", &["a".into()]);
        let page = MapPage { title: "a < b", places: places.view(), items: &items, fields: &[field] };
        let text = html(&page);
        assert!(text.contains("<title>a &lt; b</title>") && !text.contains("</script><script>alert"));
        assert_eq!(text.matches("</script>").count(), 2);
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("{{"));
    }
}
