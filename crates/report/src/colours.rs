//! The colours of figures.

use equipoise_study::studies::Tone;
use plotters::style::RGBColor;

/// Text and axes.
pub const INK: RGBColor = RGBColor(38, 38, 38);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(229, 229, 229);
/// Frames.
pub const FRAME: RGBColor = RGBColor(140, 140, 140);

/// The palette of Okabe and Ito (2008), which readers with any colour vision tell apart; its black is [`Tone::Ink`], and
/// its yellow, too pale for lines on white, comes last.
const HUES: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(120, 94, 60),
    RGBColor(240, 228, 66),
];

/// From light (least) to dark (greatest): ColorBrewer's YlGnBu with nine classes, whose lightness alone carries the value.
const SCALE: [RGBColor; 9] = [
    RGBColor(255, 255, 217),
    RGBColor(237, 248, 177),
    RGBColor(199, 233, 180),
    RGBColor(127, 205, 187),
    RGBColor(65, 182, 196),
    RGBColor(29, 145, 192),
    RGBColor(34, 94, 168),
    RGBColor(37, 52, 148),
    RGBColor(8, 29, 88),
];

/// The colour of a role.
pub fn of(tone: Tone) -> RGBColor {
    match tone {
        Tone::Hue(number) => HUES[number % HUES.len()],
        Tone::Ink => INK,
        Tone::Grey => FRAME,
    }
}

/// The colour of a share, 0 to 1, of a heat map's range.
pub fn of_share(share: f64) -> RGBColor {
    let last = SCALE.len() - 1;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last - 1);
    let (low, high, part) = (SCALE[below], SCALE[below + 1], place - below as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + part * (f64::from(b) - f64::from(a))).round() as u8;
    RGBColor(mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_runs_from_light_to_dark() {
        let lightness = |share: f64| {
            let RGBColor(r, g, b) = of_share(share);
            0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b)
        };
        let all: Vec<f64> = (0..=32).map(|i| lightness(f64::from(i) / 32.0)).collect();
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{all:?}");
        assert_eq!((of_share(-1.0), of_share(2.0)), (SCALE[0], SCALE[8]));
    }
}
