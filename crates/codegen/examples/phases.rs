//! Compiles the IR text of a file and prints how long each phase took: `phases FILE [ARGUMENT WORD...]` also calls the entry.

use std::time::Instant;

use omply_codegen::config::Config;
use omply_codegen::{Options, compile, load};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let path = words
        .next()
        .ok_or("usage: phases FILE [ARGUMENT WORD...]")?;
    let arguments = words
        .map(|word| word.parse::<i64>())
        .collect::<Result<Vec<_>, _>>()?;
    let mut module = omply_ir::text::parse(&std::fs::read_to_string(path)?)?;
    omply_transform::run(&mut module, &omply_transform::Options::default());
    let options = Options {
        dump: Config::from_env().dump,
        ..Options::default()
    };
    for round in 1..=3 {
        let start = Instant::now();
        let object = compile(&module, &options)?;
        let compiled = start.elapsed();
        let loaded = load(&object, 0)?;
        let ready = start.elapsed();
        println!(
            "round {round}: compile {:.2} ms, load {:.2} ms, object {} bytes",
            compiled.as_secs_f64() * 1e3,
            (ready - compiled).as_secs_f64() * 1e3,
            object.len()
        );
        if !arguments.is_empty() {
            let mut results = [0u64; 16];
            let start = Instant::now();
            // SAFETY: whoever calls this names the words that the function takes; it returns at most 16.
            let status =
                unsafe { (loaded.entry())(arguments.as_ptr().cast(), results.as_mut_ptr()) };
            println!(
                "status {status}, result {:#x}, {:.3} ms",
                results[0],
                start.elapsed().as_secs_f64() * 1e3
            );
        }
    }
    Ok(())
}
