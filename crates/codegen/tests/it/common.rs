//! Compiles a module given as text and calls its entry with Rust values.

#![allow(dead_code, reason = "each test file uses its part")]

use omply_codegen::config::Dump;
use omply_codegen::support::{NativeError, take_error};
use omply_codegen::{Loaded, Options, compile, load};
use omply_ir::text::parse;

/// What errors of the tests' modules carry.
pub const COOKIE: usize = 0x5eed_0000_1234;

pub struct Program {
    loaded: Loaded,
}

/// An argument, as words.
#[derive(Clone)]
pub struct Arg(Vec<u64>);

pub fn int(value: i64) -> Arg {
    Arg(vec![value as u64])
}

pub fn float(value: f64) -> Arg {
    Arg(vec![value.to_bits()])
}

pub fn complex(re: f64, im: f64) -> Arg {
    Arg(vec![re.to_bits(), im.to_bits()])
}

/// A contiguous array over `data`, which must hold the product of `shape`.
pub fn array<T>(data: &mut [T], shape: &[i64]) -> Arg {
    assert_eq!(data.len() as i64, shape.iter().product::<i64>());
    let mut strides = vec![size_of::<T>() as i64; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strided(data.as_mut_ptr(), shape, &strides)
}

pub fn strided<T>(data: *mut T, shape: &[i64], strides: &[i64]) -> Arg {
    let mut words = vec![data as u64, 0];
    words.extend(shape.iter().chain(strides).map(|&item| item as u64));
    Arg(words)
}

pub fn options() -> Options {
    let dump = Dump::parse(&std::env::var("OMPLY_DUMP").unwrap_or_default());
    Options {
        dump,
        ..Options::default()
    }
}

/// Transforms, compiles and loads.
#[track_caller]
pub fn program(text: &str) -> Program {
    program_with(text, &options())
}

#[track_caller]
pub fn program_with(text: &str, options: &Options) -> Program {
    let mut module = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    omply_transform::run(&mut module, &omply_transform::Options::default());
    let object = compile(&module, options).unwrap_or_else(|error| panic!("{error}\n{module}"));
    Program {
        loaded: load(&object, COOKIE).unwrap_or_else(|error| panic!("{error}")),
    }
}

impl Program {
    /// Calls the entry; the result has `count` words.
    pub fn call(&self, args: &[Arg], count: usize) -> Result<Vec<u64>, NativeError> {
        let words: Vec<u64> = args.iter().flat_map(|arg| arg.0.iter().copied()).collect();
        let mut results = vec![0; count];
        // SAFETY: the tests pass what their functions take, arrays that outlive the call included.
        let status = unsafe { (self.loaded.entry())(words.as_ptr(), results.as_mut_ptr()) };
        match status {
            0 => Ok(results),
            _ => Err(take_error().expect("a nonzero status without an error")),
        }
    }

    #[track_caller]
    pub fn int(&self, args: &[Arg]) -> i64 {
        self.call(args, 1).unwrap()[0] as i64
    }

    #[track_caller]
    pub fn float(&self, args: &[Arg]) -> f64 {
        f64::from_bits(self.call(args, 1).unwrap()[0])
    }

    #[track_caller]
    pub fn complex(&self, args: &[Arg]) -> (f64, f64) {
        let words = self.call(args, 2).unwrap();
        (f64::from_bits(words[0]), f64::from_bits(words[1]))
    }

    #[track_caller]
    pub fn run(&self, args: &[Arg]) {
        self.call(args, 0).unwrap();
    }

    /// The error that the call raises.
    #[track_caller]
    pub fn error(&self, args: &[Arg]) -> NativeError {
        self.call(args, 4).expect_err("the call raises nothing")
    }
}

/// An argument given as its words.
pub fn raw(words: Vec<u64>) -> Arg {
    Arg(words)
}
