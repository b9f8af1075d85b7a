//! Draws a fenced `bob` block as SVG.
//!
//! svgbob's own styles are left out: the book's style sheet colours the classes, so one drawing
//! serves light and dark. The SVG stands in the page itself, because an image file cannot see the
//! page's theme.

use std::hash::{DefaultHasher, Hash, Hasher};

use svgbob::Settings;

use super::fault::Fault;
use super::html::escape;

/// The share of its natural width to which a drawing may shrink before the reader scrolls instead.
const SMALLEST: f32 = 0.8;
/// The width of a character.
const COLUMN: f32 = 8.0;
/// The height of a line.
const ROW: f32 = 16.0;

/// The drawing for a block with this info string: `bob alt="…"`.
///
/// # Errors
///
/// When there is no alternative text: a reader who cannot see the picture gets nothing else.
pub fn svg(info: &str, drawing: &str) -> Result<String, Fault> {
    let alt = alt(info).ok_or_else(|| {
        Fault::new(
            "the diagram has no alternative text",
            "write ```bob alt=\"what it shows\"",
        )
    })?;
    if drawing.trim().is_empty() {
        return Err(Fault::new(
            "the diagram is empty",
            "draw it, or take the block out",
        ));
    }
    let svg = render(drawing);
    match lost_tag(&svg, drawing) {
        Some(tag) => Err(Fault::new(
            format!("the tag {tag} is printed: it stands in no closed box, or touches a word"),
            "leave a blank before the tag, and between the box and each line that leads to it",
        )),
        None => Ok(figure(alt, &svg, natural_size(drawing))),
    }
}

fn alt(info: &str) -> Option<&str> {
    let (_, rest) = info.split_once("alt=\"")?;
    let (alt, _) = rest.rsplit_once('"')?;
    Some(alt.trim()).filter(|alt| !alt.is_empty())
}

fn render(drawing: &str) -> String {
    let settings = Settings {
        include_styles: false,
        include_backdrop: false,
        ..Settings::default()
    };
    let svg = svgbob::to_svg_with_settings(drawing, &settings);
    let lines: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    with_own_markers(&lines.join("\n"), drawing)
}

/// Gives the arrow heads ids of this drawing's own. Ids are the page's, and a head inside a closed
/// `<details>` would not be drawn for the others.
fn with_own_markers(svg: &str, drawing: &str) -> String {
    let mut hasher = DefaultHasher::new();
    drawing.hash(&mut hasher);
    let key = format!("{:x}", hasher.finish());
    let mut svg = svg.to_owned();
    for shape in [
        "arrow",
        "diamond",
        "circle",
        "open_circle",
        "big_open_circle",
    ] {
        svg = svg.replace(&format!("id=\"{shape}\""), &format!("id=\"{shape}-{key}\""));
        for side in ["start", "end"] {
            let class = format!("{side}_marked_{shape}\"");
            svg = svg.replace(
                &class,
                &format!("{class} marker-{side}=\"url(#{shape}-{key})\""),
            );
        }
    }
    svg
}

/// `{lit}` colours the box around it. Where svgbob finds no box, or a word right before the tag, it
/// prints the tag. What is quoted is meant to be printed.
fn lost_tag<'s>(svg: &'s str, drawing: &str) -> Option<&'s str> {
    let quoted = drawing
        .lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2));
    let quoted: Vec<String> = quoted.map(|text| escape(text.trim())).collect();
    let texts = svg.split("<text").skip(1);
    let texts = texts.filter_map(|text| text.split_once('>')?.1.split('<').next());
    texts
        .map(str::trim)
        .filter(|text| !quoted.iter().any(|quoted| quoted == text))
        .find_map(tag_in)
}

fn tag_in(text: &str) -> Option<&str> {
    text.match_indices('{').find_map(|(begin, _)| {
        let end = begin + text[begin..].find('}')?;
        let name = &text[begin + 1..end];
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
        is_name.then_some(&text[begin..=end])
    })
}

/// The width of the longest line, and the height of all. svgbob forgets quoted text when it measures.
fn natural_size(drawing: &str) -> (f32, f32) {
    let drawing = drawing.trim_end();
    let columns = drawing.lines().map(|line| line.chars().count()).max();
    let length = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
    (
        length(columns.unwrap_or_default()) * COLUMN,
        length(drawing.lines().count()) * ROW,
    )
}

fn figure(alt: &str, svg: &str, (natural_width, natural_height): (f32, f32)) -> String {
    let width = attribute(svg, "width").max(natural_width);
    let height = attribute(svg, "height").max(natural_height);
    let body = svg.find('>').map_or(svg, |end| &svg[end + 1..]);
    let smallest = width * SMALLEST;
    format!(
        "<div class=\"diagram\">\n\
         <svg class=\"svgbob\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         style=\"max-width:100%;min-width:{smallest}px\" \
         role=\"img\" aria-label=\"{}\">{body}\n</div>\n",
        escape(alt)
    )
}

/// A number in the root's attributes; svgbob writes width and height itself.
fn attribute(svg: &str, name: &str) -> f32 {
    let marker = format!("{name}=\"");
    let rest = svg.split_once(&marker).map_or("", |(_, rest)| rest);
    rest.split('"')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
