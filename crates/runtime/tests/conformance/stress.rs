//! `make stress`: the programs, and the task benchmarks, again and again on a library that delays its threads at random points, with random team sizes,
//! processors, wait policies and other settings. Each run follows from one number, which is printed when it fails;
//! SEED=NUMBER repeats that run. MINUTES says how long (10).

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::program::Program;
use crate::table::Known;
use crate::toolchain::{Leg, Toolchain};

/// How often a given run is repeated: its settings are the same each time, its interleaving is not.
const REPETITIONS: u64 = 200;

/// Failures after which the rest of the time is better spent on them.
const ENOUGH: usize = 5;

/// A sequence of numbers that follows from its start.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[(self.next() % list.len() as u64) as usize]
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

/// The task benchmarks, with little to do.
pub fn benchmarks() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/runtime/tasks");
    [
        ("fib", "18"),
        ("nqueens", "7"),
        ("sort", "100000"),
        ("sparselu", "10 10"),
        ("sparselu_depend", "10 10"),
        ("strassen", "256"),
    ]
    .map(|(name, arguments)| Program::benchmark(&folder.join(format!("{name}.c")), arguments))
    .into()
}

/// Everything that is random about a run.
struct Run<'a> {
    leg: usize,
    program: &'a Program,
    environment: Vec<(String, String)>,
    wrapper: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(seed: u64, legs: usize, programs: &'a [Program]) -> Self {
        let mut random = Random(seed);
        let program = random.pick(programs);
        let leg = (random.next() % legs as u64) as usize;
        let mut environment = vec![("OMPLY_STRESS".to_owned(), seed.to_string())];
        let mut set =
            |name: &str, value: &str| environment.push((name.to_owned(), value.to_owned()));
        let threads = match &program.threads {
            Some(own) => random.pick(own),
            None => random.pick(&[1, 2, 2, 3, 4, 4, 5, 8, 16, 17, 33]),
        };
        set("OMP_NUM_THREADS", &threads.to_string());
        if let Some(policy) = random.pick(&[Some("active"), Some("passive"), None, None]) {
            set("OMP_WAIT_POLICY", policy);
        }
        if let Some(time) = random.pick(&[Some("0"), Some("50us"), Some("1ms"), None, None]) {
            set("OMPLY_BLOCKTIME", time);
        }
        if program.dynamic && random.one_in(3) {
            set("OMP_DYNAMIC", "true");
        }
        if random.one_in(2) {
            set("OMP_CANCELLATION", "true");
        }
        let wrapper = if random.one_in(3) {
            vec!["taskset", "-c", "0"]
        } else {
            vec![]
        };
        let wrapper = wrapper.into_iter().map(str::to_owned).collect();
        Self {
            leg,
            program,
            environment,
            wrapper,
        }
    }

    fn check(&self, legs: &[Toolchain]) -> Result<(), String> {
        let toolchain = &legs[self.leg];
        if self.program.skipped(toolchain.leg).is_some() {
            return Ok(());
        }
        let binary = toolchain.compile(self.program)?;
        toolchain.execute(self.program, &binary, &self.environment, &self.wrapper)
    }

    fn describe(&self, legs: &[Toolchain]) -> String {
        let settings: Vec<String> = self
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let wrapper = self.wrapper.join(" ");
        format!(
            "{} ({}): {} {wrapper}",
            self.program.name,
            legs[self.leg].leg.name(),
            settings.join(" ")
        )
    }
}

/// True: nothing failed.
pub fn run(programs: &[Program], folder: &Path) -> Result<bool, String> {
    let legs: Vec<Toolchain> = [Leg::Clang, Leg::Gcc]
        .into_iter()
        .filter_map(|leg| {
            Toolchain::find(leg, None, "stress")
                .inspect_err(|reason| println!("stress: {} left out: {reason}", leg.name()))
                .ok()
        })
        .collect();
    if legs.is_empty() {
        return Err("no compiler".to_owned());
    }
    let list = folder.join("known_missing.txt");
    let missing = [Leg::Clang, Leg::Gcc].map(|leg| Known::read(&list, leg, programs));
    let [Ok(clang), Ok(gcc)] = missing else {
        return Err("known_missing.txt is malformed".to_owned());
    };
    // Kept in place: the choice of program must follow from the seed alone.
    let left_out = |run: &Run| match legs[run.leg].leg {
        Leg::Clang => clang.contains(run.program),
        Leg::Gcc => gcc.contains(run.program),
    };
    if let Some(seed) = number("SEED")? {
        let run = Run::new(seed, legs.len(), programs);
        println!("{}", run.describe(&legs));
        for _ in 0..REPETITIONS {
            run.check(&legs)?;
        }
        println!("{REPETITIONS} times without a failure");
        return Ok(true);
    }
    let minutes = number("MINUTES")?.unwrap_or(10);
    let start = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos() as u64);
    let deadline = Instant::now() + Duration::from_secs(60 * minutes);
    let (count, enough, failures) = (
        AtomicU64::new(0),
        AtomicBool::new(false),
        Mutex::new(Vec::new()),
    );
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        // More than there are processors: that, too, varies the interleavings.
        for _ in 0..threads + 1 {
            scope.spawn(|| {
                while Instant::now() < deadline && !enough.load(Ordering::Relaxed) {
                    let seed = Random(start ^ count.fetch_add(1, Ordering::Relaxed)).next();
                    let run = Run::new(seed, legs.len(), programs);
                    if left_out(&run) {
                        continue;
                    }
                    if let Err(message) = run.check(&legs) {
                        println!(
                            "FAILED SEED={seed} {}\n    {}",
                            run.describe(&legs),
                            message.replace('\n', "\n    ")
                        );
                        let mut failures = failures.lock().unwrap();
                        failures.push(seed);
                        enough.store(failures.len() >= ENOUGH, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    println!("{} runs, {} failures", count.into_inner(), failures.len());
    Ok(failures.is_empty())
}

fn number(name: &str) -> Result<Option<u64>, String> {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .map(Some)
            .map_err(|_| format!("{name}={text}: not a number")),
        Err(_) => Ok(None),
    }
}
