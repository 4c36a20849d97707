//! The words of a chip's files that price models understand; the chip's own lists may not hold others.

equipoise_base::choice! {
    /// How a converter works.
    pub enum ConverterKind {
        /// Not said: a conversion takes `read.adc_cycles`, whatever its bits.
        Given = "given",
        /// Successive approximation: a cycle to sample, one for each bit, one to reset.
        Sar = "sar",
        /// A ramp that is compared and counted: 2^bits cycles.
        Ramp = "ramp",
        /// A current-controlled oscillator that is counted: 300 ps a code (HERMES, Khaddam-Aljameh 2022).
        Oscillator = "oscillator",
    }
}

equipoise_base::choice! {
    /// The bits that a converter is paid for.
    pub enum PaidBits {
        /// The bits of its code.
        Nominal = "nominal",
        /// The bits that its noise leaves.
        Effective = "effective",
    }
}

equipoise_base::choice! {
    /// The flavour of transistors.
    pub enum Flavour {
        /// Low standby power: threshold 0.401 V at 22 nm.
        Lstp = "lstp",
        /// Low operating power: threshold 0.232 V at 22 nm.
        Lop = "lop",
        /// High performance: threshold 0.14 V at 22 nm.
        Hp = "hp",
    }
}

equipoise_base::choice! {
    /// The corner of the process.
    pub enum Corner {
        /// As the sources say.
        Typical = "typical",
        /// Thresholds 48 mV higher: logic is slower and leaks a third.
        Slow = "slow",
        /// Thresholds 48 mV lower: logic is faster and leaks three times as much.
        Fast = "fast",
    }
}

equipoise_base::choice! {
    /// Where a core keeps its synapses.
    pub enum SynapseStore {
        /// In analog arrays.
        Analog = "analog",
        /// In an SRAM table.
        Sram = "sram",
    }
}

equipoise_base::choice! {
    /// What a latch holds.
    pub enum LatchKind {
        /// Two products per synapse.
        Product = "product",
        /// One signed accumulator per synapse.
        Accumulate = "accumulate",
        /// Two activities per line.
        State = "state",
    }
}

equipoise_base::choice! {
    /// How a weight change becomes device pulses.
    pub enum UpdateScheme {
        /// Through a digital accumulator for each synapse.
        Accumulator = "accumulator",
        /// Rounded to pulses stochastically.
        PulsesStochastic = "pulses_stochastic",
        /// Rounded to the nearest number of pulses.
        PulsesRounded = "pulses_rounded",
    }
}

equipoise_base::choice! {
    /// The topology of the routers.
    pub enum RouterKind {
        /// Wires without routers.
        Ideal = "ideal",
        /// A mesh: five ports.
        Mesh = "mesh",
        /// A torus: five ports.
        Torus = "torus",
        /// A mesh of routers that serve several cores each: four ports more than cores.
        ConcentratedMesh = "concentrated_mesh",
        /// A tree: a port for each branch and one that leads up.
        Tree = "tree",
    }
}
