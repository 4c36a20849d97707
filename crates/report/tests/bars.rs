//! Bars in rows: where they lie in the picture.

use equipoise_report::svg;
use equipoise_study::studies::{Axis, Bar, Figure, Layer, Panel, Spans, Tone};

fn drawn(bars: Vec<Bar>) -> String {
    let panel = Panel {
        title: "states".to_owned(),
        x: Axis::new("cycle", "").from_to(0.0, 100.0),
        y: Axis::of_rows(["LOAD", "FREE", "a row with a long name"].map(str::to_owned).to_vec()),
        layers: vec![Layer::Spans(Spans { name: "bars".to_owned(), tone: Tone::Hue(1), bars })],
    };
    svg(&Figure { title: String::new(), columns: 1, panels: vec![panel] }).expect("it can be drawn")
}

/// (x, y, width, height) of the rectangles with the bars' colour, the legend's first.
fn bars(svg: &str) -> Vec<[f64; 4]> {
    let coloured = svg.split("<rect ").filter(|rect| rect.contains("fill=\"#D55E00\""));
    let number = |rect: &str, key: &str| -> f64 {
        let (_, rest) = rect.split_once(&format!(" {key}=\"")).expect("a rectangle has this");
        rest.split('"').next().and_then(|digits| digits.parse().ok()).expect("a number")
    };
    coloured.map(|rect| ["x", "y", "width", "height"].map(|key| number(rect, key))).collect()
}

fn bar(row: f64, from: f64, to: f64, label: &str) -> Bar {
    Bar { row, height: 0.5, from, to, label: label.to_owned() }
}

#[test]
fn bars_are_as_long_as_their_time_and_rows_go_down() {
    let svg = drawn(vec![bar(0.0, 0.0, 20.0, ""), bar(1.0, 20.0, 60.0, ""), bar(2.0, 99.0, 99.0, "")]);
    let [_legend, first, second, short] = bars(&svg)[..] else { panic!("{svg}") };
    assert!((second[2] / first[2] - 2.0).abs() < 0.01, "{first:?} {second:?}");
    assert!((first[0] + first[2] - second[0]).abs() <= 2.0);
    assert!(first[1] + first[3] < second[1] && second[1] + second[3] < short[1]);
    assert!(short[2] > 0.0, "what takes no time is seen");
    assert!(svg.contains("a row with a long name"));
}

#[test]
fn a_label_stands_where_the_axes_have_room_for_it() {
    let anchor = |from, to| {
        let svg = drawn(vec![bar(0.0, from, to, "[its label]")]);
        let text =
            svg.split("<text ").find(|text| text.contains("[its label]")).expect("the label").to_owned();
        text.contains("text-anchor=\"end\"")
    };
    assert_eq!((anchor(0.0, 50.0), anchor(50.0, 99.0)), (false, true));
}
