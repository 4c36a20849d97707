//! Threads over cores.
//!
//! Cores never look at each other while they read or learn, so any number of them can work at the same time
//! and the result is the same. A team owns its threads for the whole run; cores travel to them and back in
//! batches, by pointer, and work that is too small to be worth the trip stays where it is.

use crate::core::Core;
use crossbeam_channel::{Receiver, Sender, bounded};
use equipoise_base::Number;
use std::thread::JoinHandle;

/// Synapses that must be worked on before a batch travels: a trip costs a few microseconds where the other
/// side still listens, and some tens where it sleeps.
const WORTH_A_TRIP: usize = 60_000;

/// What all cores do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Read every array, in this step.
    Read(u64),
    /// Turn latches into pulses.
    Learn {
        /// Running number of the update.
        update: u64,
        /// Decay of the learning rate.
        scale: f64,
        /// One over the distance of the compared betas.
        gain: f64,
    },
}

impl Job {
    fn work<N: Number>(self, core: &mut Core<N>) {
        match self {
            Self::Read(step) => core.read(step),
            Self::Learn { update, scale, gain } => core.learn(update, scale, gain),
        }
    }

    /// Synapses that the job touches on a core.
    fn load<N: Number>(self, core: &Core<N>) -> usize {
        let touches = |block: &&crate::block::Block<N>| match self {
            Self::Read(_) => block.reads(),
            Self::Learn { .. } => block.controller.is_some(),
        };
        core.blocks.iter().filter(touches).map(|block| block.shape.synapses()).sum()
    }
}

/// Cores on their way, with their places.
type Batch<N> = Vec<(usize, Box<Core<N>>)>;

struct Worker<N: Number> {
    to: Sender<(Job, Batch<N>)>,
    from: Receiver<Batch<N>>,
    thread: Option<JoinHandle<()>>,
}

/// The threads of a chip beside the one that drives it.
pub(crate) struct Team<N: Number> {
    workers: Vec<Worker<N>>,
}

impl<N: Number> Team<N> {
    /// A team of `threads` in all, the caller's included.
    pub(crate) fn new(threads: usize) -> Self {
        Self { workers: (1..threads).map(|_| Worker::start()).collect() }
    }

    /// Every core does `job`, in `order` where one thread does it all.
    pub(crate) fn all(&self, cores: &mut Vec<Box<Core<N>>>, order: &[usize], job: Job) {
        let loads: Vec<usize> = if self.workers.is_empty() {
            Vec::new()
        } else {
            cores.iter().map(|core| job.load(core)).collect()
        };
        let busy = loads.iter().filter(|&&load| load > 0).count();
        if busy < 2 || loads.iter().sum::<usize>() < WORTH_A_TRIP {
            order.iter().for_each(|&core| job.work(&mut cores[core]));
            return;
        }
        let mut batches = self.deal(std::mem::take(cores), &loads);
        let mut done = batches.pop().unwrap_or_default();
        for (worker, batch) in self.workers.iter().zip(batches) {
            worker.send(job, batch);
        }
        done.iter_mut().for_each(|(_, core)| job.work(core));
        for worker in &self.workers {
            done.extend(worker.receive());
        }
        done.sort_unstable_by_key(|(place, _)| *place);
        cores.extend(done.into_iter().map(|(_, core)| core));
    }

    /// Deals the cores out, the heaviest first, each to the batch with the least to do.
    fn deal(&self, cores: Vec<Box<Core<N>>>, loads: &[usize]) -> Vec<Batch<N>> {
        let mut batches: Vec<(usize, Batch<N>)> = (0..=self.workers.len()).map(|_| (0, Vec::new())).collect();
        let mut placed: Batch<N> = cores.into_iter().enumerate().collect();
        placed.sort_by_key(|(place, _)| std::cmp::Reverse(loads[*place]));
        for (place, core) in placed {
            if let Some(least) = batches.iter_mut().min_by_key(|(load, _)| *load) {
                least.0 += loads[place];
                least.1.push((place, core));
            }
        }
        batches.into_iter().map(|(_, batch)| batch).collect()
    }
}

impl<N: Number> Worker<N> {
    fn start() -> Self {
        let (to, jobs) = bounded::<(Job, Batch<N>)>(1);
        let (results, from) = bounded::<Batch<N>>(1);
        let thread = std::thread::spawn(move || {
            while let Ok((job, mut batch)) = jobs.recv() {
                batch.iter_mut().for_each(|(_, core)| job.work(core));
                if results.send(batch).is_err() {
                    break;
                }
            }
        });
        Self { to, from, thread: Some(thread) }
    }

    fn send(&self, job: Job, batch: Batch<N>) {
        assert!(self.to.send((job, batch)).is_ok(), "a worker thread has died");
    }

    fn receive(&self) -> Batch<N> {
        match self.from.recv() {
            Ok(batch) => batch,
            Err(_) => panic!("a worker thread has died"),
        }
    }
}

impl<N: Number> Drop for Worker<N> {
    fn drop(&mut self) {
        // Hanging up ends the thread's loop; a thread that died has said so already.
        let (hung_up, _) = bounded(0);
        self.to = hung_up;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
