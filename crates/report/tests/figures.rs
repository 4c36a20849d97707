//! What figures look like, read from the SVG.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use equipoise_report::svg;
use equipoise_study::studies::{Axis, Figure, HeatMap, Layer, Panel, Series, Style, Tone};

/// A text with the box around it, in pixels of the drawing: left, top, right, bottom.
#[derive(Debug)]
struct Text {
    says: String,
    box_: [f64; 4],
}

/// The value of an attribute.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// All texts of a drawing, with boxes estimated from the numbers of their characters.
fn texts(svg: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for piece in svg.split("<text").skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        let says = rest.split('<').next().unwrap().trim().to_owned();
        let number = |name| attribute(tag, name).unwrap().parse::<f64>().unwrap();
        let (x, y, size) = (number("x"), number("y"), number("font-size"));
        let (long, high) = (0.55 * size * says.chars().count() as f64, size);
        let left = match attribute(tag, "text-anchor").unwrap() {
            "start" => 0.0,
            "middle" => 0.5 * long,
            "end" => long,
            other => panic!("{other}"),
        };
        // A shift of half an x-height puts the middle of the line there; 0.76 em its top.
        let top = match attribute(tag, "dy").unwrap() {
            "0.5ex" => 0.5 * high,
            "0.76em" => 0.0,
            other => panic!("{other}"),
        };
        let upwards = tag.contains("rotate(270");
        let box_ = if upwards {
            [x - top, y - left, x - top + high, y - left + long]
        } else {
            [x - left, y - top, x - left + long, y - top + high]
        };
        texts.push(Text { says, box_ });
    }
    texts
}

fn overlap(a: &Text, b: &Text) -> bool {
    let ([al, at, ar, ab], [bl, bt, br, bb]) = (a.box_, b.box_);
    al < br && bl < ar && at < bb && bt < ab
}

fn series(name: &str, style: Style, hue: usize) -> Layer {
    let points = (1..40).map(|i| (f64::from(i), f64::from(i * i) * 1e-3)).collect();
    Layer::Series(Series::new(name, style, Tone::Hue(hue), points))
}

/// Every kind of layer, many legend entries, both kinds of axes.
fn everything() -> Figure {
    let styles = [Style::Line, Style::Dashed, Style::Points, Style::Dots, Style::Linked];
    let mut many: Vec<Layer> =
        styles.iter().enumerate().map(|(i, s)| series(&format!("series {i}"), *s, i)).collect();
    many.push(Layer::Vertical(20.0, "a limit with quite a long name".to_owned(), Tone::Ink));
    many.push(Layer::Horizontal(0.5, "another".to_owned(), Tone::Grey));
    let heat = HeatMap {
        label: "amplitude".to_owned(),
        unit: "V",
        x_edges: vec![0.0, 1.0, 3.0, 4.0],
        y_edges: vec![0.0, 10.0, 20.0],
        values: vec![Some(0.0), Some(1.5), None, Some(-2.0), Some(f64::NAN), Some(7.0)],
    };
    let panel = |title: &str, x: Axis, y: Axis, layers| Panel { title: title.to_owned(), x, y, layers };
    Figure {
        title: "All that a figure can hold".to_owned(),
        columns: 2,
        panels: vec![
            panel("Many", Axis::new("delay", "steps"), Axis::new("amplitude", "1"), many),
            panel("Heat", Axis::new("gain", ""), Axis::new("delay", "steps"), vec![Layer::Heat(heat)]),
            panel(
                "Logarithmic",
                Axis::new("size", "neurons").logarithmic(),
                Axis::new("error", "").logarithmic(),
                vec![series("error", Style::Linked, 0)],
            ),
            panel("Empty", Axis::new("nothing", ""), Axis::new("nothing", ""), Vec::new()),
        ],
    }
}

#[test]
fn no_text_lies_on_another_or_leaves_the_picture() {
    let drawn = svg(&everything()).unwrap();
    let size: Vec<f64> =
        attribute(&drawn, "viewBox").unwrap().split(' ').map(|number| number.parse().unwrap()).collect();
    let texts = texts(&drawn);
    assert!(texts.len() > 60, "{}", texts.len());
    for (index, text) in texts.iter().enumerate() {
        let [left, top, right, bottom] = text.box_;
        assert!(left >= 0.0 && top >= 0.0 && right <= size[2] && bottom <= size[3], "{text:?} of {size:?}");
        for other in &texts[index + 1..] {
            assert!(!overlap(text, other), "{text:?} and {other:?}");
        }
    }
}

#[test]
fn titles_labels_units_and_legends_are_there() {
    let drawn = svg(&everything()).unwrap();
    let texts: Vec<String> = texts(&drawn).into_iter().map(|text| text.says).collect();
    for wanted in [
        "All that a figure can hold",
        "Many",
        "delay [steps]",
        "amplitude [1]",
        "series 4",
        "another",
        "amplitude [V]",
        "a",
        "d",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted}: {texts:?}");
    }
}

/// A filled cell per number, drawn from the scale's light end to its dark end.
#[test]
fn a_heat_map_has_a_cell_for_every_number_and_none_for_the_others() {
    let heat = |values: Vec<Option<f64>>| {
        let (x_edges, y_edges) = (vec![0.0, 1.0, 2.0], vec![0.0, 1.0, 2.0]);
        let heat = HeatMap { label: "it".to_owned(), unit: "", x_edges, y_edges, values };
        let (x, y) = (Axis::new("x", ""), Axis::new("y", ""));
        let panel = Panel { title: String::new(), x, y, layers: vec![Layer::Heat(heat)] };
        svg(&Figure { title: String::new(), columns: 1, panels: vec![panel] })
            .unwrap()
            .matches("<rect")
            .count()
    };
    let (all, some) = (
        heat(vec![Some(0.0), Some(1.0), Some(2.0), Some(3.0)]),
        heat(vec![Some(0.0), None, Some(f64::NAN), Some(3.0)]),
    );
    assert_eq!(all - some, 2);
}

#[test]
fn names_with_the_signs_of_markup_do_not_break_the_picture() {
    let mut figure = everything();
    figure.panels[0].title = "a < b & c > \"d\"".to_owned();
    let drawn = svg(&figure).unwrap();
    assert!(drawn.contains("a &lt; b &amp; c"), "escaped");
    assert_eq!(drawn, svg(&figure).unwrap(), "the same figure, the same text");
}
