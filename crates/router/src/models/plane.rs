//! Places in the plane: which way a neighbour lies, and where chips end.

use crate::transport::Extent;

/// A direction. Its number is that of the port that leads there, counted from the first port of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compass {
    North,
    East,
    South,
    West,
}

/// Every direction, in the order of ports.
const COMPASS: [Compass; 4] = [Compass::North, Compass::East, Compass::South, Compass::West];

impl Compass {
    /// The direction of a link's port, counted from the first of them.
    pub fn of_port(port: usize) -> Self {
        COMPASS[port]
    }

    /// The other way.
    pub fn back(self) -> Self {
        COMPASS[(self as usize + 2) % 4]
    }
}

/// The size of a chip; 0 stands for the whole plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chips {
    pub width: u32,
    pub height: u32,
}

/// A rectangle of routers, numbered y * width + x; north is +y, east is +x.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    width: usize,
    /// (x, y) of each router, so that routing divides nothing.
    places: Vec<(u16, u16)>,
    /// The chip of each router.
    chips: Vec<u32>,
}

impl Plane {
    /// A plane of that extent, each side at most 2^16, cut into chips of `chip` routers.
    pub fn new(Extent { width, height }: Extent, chip: Chips) -> Self {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let at = |n: u32, size: u32| n.checked_div(size).unwrap_or(0);
        let columns = at(width, chip.width) + 1;
        let chips = places.clone().map(|(x, y)| at(y, chip.height) * columns + at(x, chip.width)).collect();
        let places = places.map(|(x, y)| (x as u16, y as u16)).collect();
        Self { width: width as usize, places, chips }
    }

    pub fn routers(&self) -> usize {
        self.places.len()
    }

    /// Routers from west to east, and from south to north.
    pub fn sides(&self) -> (usize, usize) {
        (self.width, self.places.len() / self.width)
    }

    #[inline]
    pub fn place(&self, router: usize) -> (u16, u16) {
        self.places[router]
    }

    /// The way along x first, then along y; `None` at the target.
    #[inline]
    pub fn toward(&self, router: usize, target: usize) -> Option<Compass> {
        let ((x, y), (to_x, to_y)) = (self.places[router], self.places[target]);
        if to_x > x {
            Some(Compass::East)
        } else if to_x < x {
            Some(Compass::West)
        } else if to_y > y {
            Some(Compass::North)
        } else if to_y < y {
            Some(Compass::South)
        } else {
            None
        }
    }

    /// The next router in a direction, if the plane goes on.
    pub fn neighbour(&self, router: usize, direction: Compass) -> Option<usize> {
        let (width, height) = self.sides();
        let (x, y) = (self.places[router].0 as usize, self.places[router].1 as usize);
        match direction {
            Compass::North => (y + 1 < height).then(|| router + width),
            Compass::East => (x + 1 < width).then(|| router + 1),
            Compass::South => (y > 0).then(|| router - width),
            Compass::West => (x > 0).then(|| router - 1),
        }
    }

    /// Links between two routers, along x and along y.
    pub fn hops(&self, router: usize, target: usize) -> u64 {
        let ((x, y), (to_x, to_y)) = (self.places[router], self.places[target]);
        u64::from(x.abs_diff(to_x)) + u64::from(y.abs_diff(to_y))
    }

    /// Whether a link between the two leaves a chip.
    pub fn crosses_chips(&self, router: usize, other: usize) -> bool {
        self.chips[router] != self.chips[other]
    }
}
