//! The routers that are looked at in a cycle.

/// A set of routers. It changes with every hop, so it is plain words with nothing around them.
#[derive(Clone, Debug, Default)]
pub(super) struct Awake(Vec<u64>);

impl Awake {
    /// No router of so many.
    pub fn new(routers: usize) -> Self {
        Self(vec![0; routers.div_ceil(64)])
    }

    #[inline]
    pub fn insert(&mut self, router: usize) {
        self.0[router / 64] |= 1 << (router % 64);
    }

    #[inline]
    pub fn remove(&mut self, router: usize) {
        self.0[router / 64] &= !(1 << (router % 64));
    }

    /// 64 routers each.
    #[inline]
    pub fn words(&self) -> &[u64] {
        &self.0
    }

    pub fn clear(&mut self) {
        self.0.fill(0);
    }
}
