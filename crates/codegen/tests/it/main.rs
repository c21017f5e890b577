//! Everything here compiles IR, loads it and runs it. One binary: each one links LLVM.

mod arithmetic;
mod common;
mod programs;
