//! Everything here compiles IR, loads it and runs it. One binary: each one links LLVM.

mod arithmetic;
mod arrays;
mod atomics;
mod cache;
mod common;
mod declare_simd;
mod device;
mod errors;
mod parallel;
mod programs;
mod random;
mod vectors;
