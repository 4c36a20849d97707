//! One run from its experiment to its folder.

use crate::experiment::Experiment;
use crate::folder::{Destination, Folder};
use crate::output::{self, EXPERIMENT, Results};
use crate::placed::Placed;
use crate::probe::{Probes, Setting};
use crate::program::{Item, Program, Schedule};
use crate::run::{Progress, Run, RunOptions, run};
use crate::stability::{self, Sample, Stability};
use crate::{Error, fidelity, trace_place};
use equipoise_base::config::{ConfigError, Table};
use equipoise_base::record::GradientFidelity;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::params::Placement;
use equipoise_chip::structure::structure;
use equipoise_chip::{Machine, Params, build};
use equipoise_energy::Prices;
use equipoise_energy::bill::{Bill, price};
use equipoise_trace::data_source::Loaded;
use equipoise_trace::{DataPair, DataSource, Dataset, Trace};
use std::path::PathBuf;

/// An experiment with its data, ready to run.
pub struct Session {
    /// The experiment.
    pub experiment: Experiment,
    /// What the chip is built from.
    pub params: Params,
    /// The samples, unless a trace is the program.
    pub data: Option<Box<DataPair>>,
    /// Threads over the chip's cores; they change no result.
    pub threads: usize,
    trace: Option<Box<Trace>>,
    stimulus: Vec<Item>,
}

/// What a session came to.
pub struct Finished {
    /// The run.
    pub run: Run,
    /// Its bill.
    pub bill: Bill,
    /// Where the results are.
    pub folder: PathBuf,
    /// What probes did not record of the run, a line for each that has not all.
    pub cuts: Vec<String>,
    /// Why something that was asked for beside the results is not there.
    pub failed: Vec<Error>,
}

impl Session {
    /// Loads the data of `experiment` and resolves what follows from it.
    ///
    /// # Errors
    /// If data or network are not accepted, or do not fit each other.
    pub fn new(experiment: Experiment) -> Result<Self, Error> {
        if experiment.stimulus.is_there() {
            return Self::of_stimulus(experiment);
        }
        experiment.stimulus.check_times(experiment.root())?;
        match experiment.load_data()? {
            Loaded::Program(trace) => Self::of_trace(experiment, *trace),
            Loaded::Samples(data) => {
                let given = &experiment.data;
                let refused = |key: &str, found: String| {
                    experiment.error_at(key, found, "as many samples as there are, or 0 for all")
                };
                let data = Box::new(DataPair {
                    train: limited(data.train, given.train_samples)
                        .map_err(|found| refused("data.train_samples", found))?,
                    test: limited(data.test, given.test_samples)
                        .map_err(|found| refused("data.test_samples", found))?,
                });
                let params = experiment.params(data.train.len() as u64)?;
                let session = Self { data: Some(data), ..Self::without_program(experiment, params) };
                session.check_fit()?;
                session.probes()?;
                Ok(session)
            }
        }
    }

    /// A session whose program is a stimulus.
    fn of_stimulus(experiment: Experiment) -> Result<Self, Error> {
        let params = experiment.params(0)?;
        let inputs = params.network.input.map_or(0, |input| params.network.populations[input].size);
        let stimulus = experiment.stimulus.program(inputs, experiment.root())?;
        let session = Self { stimulus, ..Self::without_program(experiment, params) };
        session.check_values_are_heard()?;
        session.probes()?;
        Ok(session)
    }

    /// A session whose program is a trace.
    ///
    /// # Errors
    /// If the network is not accepted or does not fit the chip.
    pub fn of_trace(experiment: Experiment, trace: Trace) -> Result<Self, Error> {
        let params = experiment.params(0)?;
        let session = Self { trace: Some(Box::new(trace)), ..Self::without_program(experiment, params) };
        session.probes()?;
        Ok(session)
    }

    fn without_program(experiment: Experiment, params: Params) -> Self {
        Self { experiment, params, data: None, threads: 1, trace: None, stimulus: Vec::new() }
    }

    /// How the network sits on the chip: one slice per core.
    ///
    /// # Errors
    /// If it does not fit.
    pub fn plan(&self) -> Result<Vec<equipoise_chip::placement::Slice>, Error> {
        equipoise_chip::plan(&self.params).map_err(|error| self.experiment.misfit(&error.to_string()))
    }

    /// Where the cores sit and what that saves, unless they sit in order.
    ///
    /// # Errors
    /// If the network does not fit.
    pub fn placement(&self) -> Result<Option<Placed>, Error> {
        let placement = &self.params.hardware.placement;
        if *placement == Placement::Order {
            return Ok(None);
        }
        let saving = equipoise_chip::placement_saving(&self.params);
        let saving = saving.map_err(|error| self.experiment.misfit(&error.to_string()))?;
        Ok(Placed::new(placement, &self.plan()?, &saving))
    }

    /// The experiment's probes.
    ///
    /// # Errors
    /// If one asks for what is not there, or the network does not fit the chip.
    pub(crate) fn probes(&self) -> Result<Probes, Error> {
        let (experiment, params) = (&self.experiment, &self.params);
        Ok(Probes::new(Setting { experiment, params, slices: &self.plan()?, prices: &self.prices()? })?)
    }

    /// The prices of the experiment's chip, on the structure that this network and this experiment give it.
    ///
    /// # Errors
    /// If the network does not fit, or the chip cannot be priced as it is.
    pub fn prices(&self) -> Result<Prices, Error> {
        let structure = structure(&self.params, self.plan()?.len());
        let structure = structure.map_err(|error| self.experiment.misfit(&error.to_string()))?;
        let list = &self.experiment.preset.prices;
        list.check(&structure)?;
        let prices = list.on(&structure)?;
        if self.experiment.strict_prices {
            list.refuse_off(&prices)?;
        }
        Ok(prices)
    }

    /// Does the data fit the network?
    fn check_fit(&self) -> Result<(), Error> {
        let Some(data) = &self.data else { return Ok(()) };
        let network = &self.params.network;
        let size = |population: Option<usize>| population.map_or(0, |p| network.populations[p].size);
        let (inputs, outputs) = (size(network.input), size(network.output));
        let [input_key, output_key] = self.experiment.network.size_keys();
        let source = data.train.name.trim_end_matches(" train");
        let (width, classes) = (data.train.width, data.train.classes as usize);
        self.check_values_are_heard()?;
        if width != inputs {
            let found = format!("{inputs} input neurons for samples of {width} values ({source})");
            return Err(self.experiment.error_at(input_key, found, format!("{width} input neurons")).into());
        }
        if classes > outputs {
            let found = format!("{outputs} output neurons for {classes} classes ({source})");
            let accepted = format!("at least {classes} output neurons");
            return Err(self.experiment.error_at(output_key, found, accepted).into());
        }
        Ok(())
    }

    /// Values mean nothing on lines that carry spikes.
    fn check_values_are_heard(&self) -> Result<(), Error> {
        let network = &self.params.network;
        let listeners = network.connections.iter().filter(|c| Some(c.from) == network.input);
        let mut models = listeners.map(|c| &network.populations[c.to].neuron).peekable();
        if models.peek().is_none() || models.any(|model| !matches!(model, Some(NeuronModel::Lif(_)))) {
            return Ok(());
        }
        let found = "spiking neurons for inputs that are values";
        let accepted = "rate neurons, or a trace with `events`";
        Err(self.experiment.error_at("neuron.kind", found, accepted).into())
    }

    /// The program's instructions, with the marks where stretches end.
    pub fn program(&mut self) -> Box<dyn Iterator<Item = Result<Item, Error>> + '_> {
        match (&self.data, &mut self.trace) {
            (Some(data), _) => Box::new(Program::new(data, schedule(&self.experiment)).map(Ok)),
            (None, Some(trace)) => Box::new(trace.map(|item| Ok(Item::Do(item?)))),
            (None, None) => Box::new(self.stimulus.iter().cloned().map(Ok)),
        }
    }

    /// Samples that the program shows, where known beforehand.
    #[must_use]
    pub fn samples(&self) -> Option<u64> {
        self.data.as_ref().map(|data| Program::new(data, schedule(&self.experiment)).samples())
    }

    /// Of these, those that train.
    #[must_use]
    pub fn training_samples(&self) -> u64 {
        self.data.as_ref().map_or(0, |data| schedule(&self.experiment).epochs * data.train.len() as u64)
    }

    /// Builds the chip.
    ///
    /// # Errors
    /// If the network does not fit.
    pub fn build(&self) -> Result<Box<dyn Machine>, Error> {
        build(&self.params).map_err(|error| self.experiment.misfit(&error.to_string()))
    }

    /// Every key resolved: reading it again gives the same run.
    #[must_use]
    pub fn settings(&self) -> Table {
        self.experiment.resolved(&self.params)
    }

    /// Runs to the end and writes the results to `destination`. Once the program has been executed, nothing but a
    /// disk that takes no results can cost them.
    ///
    /// # Errors
    /// If the program is refused, the user stops, or a file cannot be written; everything is then as before.
    pub fn run(
        &mut self,
        destination: &Destination,
        overwrite: bool,
        progress: &mut dyn Progress,
    ) -> Result<Finished, Error> {
        let mut probes = self.probes()?;
        let prices = self.prices()?;
        let unfinished = Folder::claim(destination, overwrite, &output::files(&probes))?;
        progress.begin(unfinished.claimed());
        let mut machine = self.build()?;
        machine.set_threads(self.threads);
        probes.begin(&self.params.network, &*machine);
        let gradient = self.gradient()?;
        self.check_stability_can_be_known()?;
        output::write_settings(&unfinished.path().join(EXPERIMENT), &self.settings())?;
        let options = RunOptions {
            place: self.program_place(),
            title: self.experiment.title.clone(),
            chip: self.experiment.preset.name.clone(),
        };
        let is_frozen = self.params.network.plastic_synapses() == 0;
        let edges = if is_frozen { self.experiment.network.source()? } else { None };
        let ran = run(&mut *machine, self.program(), &options, &mut probes, progress);
        let mut run = ran.map_err(|error| self.placed(error))?;
        run.record.gradient = gradient;
        run.stability = self.stability(&*machine);
        run.placed = self.placement()?;
        let bill = price(&run.record, &prices);
        let results = Results {
            run: &run,
            bill: &bill,
            prices: &prices,
            machine: &*machine,
            network: &self.params.network,
            edges: edges.as_ref(),
        };
        output::write_run(unfinished.path(), &results)?;
        unfinished.secure()?;
        let failed = probes.write(unfinished.path(), run.record.steps);
        let cuts = probes.cuts(run.record.steps);
        Ok(Finished { run, bill, folder: unfinished.finish()?, cuts, failed })
    }

    /// Where the program comes from.
    pub(crate) fn program_place(&self) -> String {
        match (&self.trace, &self.experiment.data.source) {
            (Some(_), DataSource::Trace(path)) => path.beside_its_file().display().to_string(),
            _ => self.experiment.file.clone(),
        }
    }

    /// An error of executing the program, with the line where the program is a text trace.
    pub(crate) fn placed(&self, error: Error) -> Error {
        match (error, &self.trace, &self.experiment.data.source) {
            (Error::Instruction { place, number, name, message }, Some(_), DataSource::Trace(path)) => {
                let line = path.find().ok().and_then(|path| trace_place::of_instruction(&path, number));
                Error::Instruction { place: line.unwrap_or(place), number, name, message }
            }
            (error, ..) => error,
        }
    }

    /// Agreement with the true gradient on the first training sample, where asked for.
    fn gradient(&self) -> Result<Option<GradientFidelity>, Error> {
        if !self.experiment.learning.measure_gradient {
            return Ok(None);
        }
        let refuse = |found: &str, accepted: &str| {
            Err(self.experiment.error_at("learning.measure_gradient", found, accepted).into())
        };
        match &self.data {
            Some(data) => fidelity::measure(&self.params, data.train.input(0), data.train.labels[0])
                .or_else(|found| refuse(&found, "true for a layered network of rate neurons")),
            None => refuse("true for a run without a data set", "true with the samples of a data set"),
        }
    }

    /// A margin that cannot be known is refused before the run, not after it.
    fn check_stability_can_be_known(&self) -> Result<(), Error> {
        if !self.experiment.learning.measure_stability {
            return Ok(());
        }
        stability::check(&self.params.network).map_err(|found| {
            let accepted = "true for a network of rate neurons";
            self.experiment.error_at("learning.measure_stability", found, accepted).into()
        })
    }

    /// How far the network that the run left is from oscillating, where asked for, or why that is not known.
    fn stability(&self, machine: &dyn Machine) -> Option<Result<Stability, String>> {
        if !self.experiment.learning.measure_stability {
            return None;
        }
        let (mut input, mut class) = (Vec::new(), None);
        match (&self.data, self.params.network.input) {
            (Some(data), _) => {
                (input, class) = (machine.entered(data.train.input(0)), Some(data.train.labels[0]));
            }
            (None, Some(population)) => machine.activity(population, &mut input),
            (None, None) => {}
        }
        Some(stability::measure(&self.params, machine, Sample { input: &input, class }))
    }
}

/// How the experiment shows its data.
pub(crate) fn schedule(experiment: &Experiment) -> Schedule {
    Schedule {
        nudging: experiment.learning.nudging,
        epochs: if experiment.learns() { experiment.data.epochs } else { 0 },
        shuffle: experiment.data.shuffle,
        seed: experiment.seed,
        evaluate_every: experiment.data.evaluate_every,
    }
}

/// The first `limit` samples, all for 0; `Err` with what was found where there are fewer.
fn limited(mut set: Dataset, limit: u64) -> Result<Dataset, String> {
    if limit > set.len() as u64 {
        return Err(format!("{limit} samples of {}, which has {}", set.name, set.len()));
    }
    if limit > 0 {
        set.labels.truncate(limit as usize);
        set.inputs.truncate(limit as usize * set.width);
    }
    Ok(set)
}

/// Reads an experiment from text.
///
/// # Errors
/// If the text is no TOML or a key is not accepted.
pub fn parse(text: &str, file: &str) -> Result<Table, ConfigError> {
    equipoise_trace::toml_tree::parse(text, file)
}
