//! fib by `rayon::join`, a join for every call: for each line with a number on standard input, the seconds it took.

use std::io::BufRead;
use std::time::Instant;

fn fib(n: i64) -> i64 {
    if n < 2 {
        return n;
    }
    let (x, y) = rayon::join(|| fib(n - 1), || fib(n - 2));
    x + y
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let n = line.expect("a line").parse().expect("a number");
        let start = Instant::now();
        // Inside of the pool from the start, as a team's thread is.
        let found = rayon::scope(|_| fib(n));
        println!("{found} {}", start.elapsed().as_secs_f64());
    }
}
