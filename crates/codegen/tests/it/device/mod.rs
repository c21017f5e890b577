//! Kernels: their results on OpenCL's driver at several numbers of teams and threads, and that NVIDIA's and AMD's tools take the code.
//!
//! What takes part: an OpenCL driver that takes SPIR-V (`OMPLY_OPENCL_LIBRARY`), `ptxas`, `spirv-val`, `ld.lld`. What is missing is said,
//! and is a failure where `OMPLY_TEST_DEVICES` (a list of `opencl`, `ptxas`, `spirv-val`, `lld`) asks for it.

mod constructs;
mod limits;
mod memory;
mod opencl;
mod team;
mod tools;

use omply_codegen::device::{DeviceCodeError, DeviceImage, DeviceTarget, compile};
use omply_ir::text::parse;

use crate::common::options;

pub use tools::{assemble_everywhere, assemble_with_libraries};

/// Numbers of teams and threads that divide nothing evenly, among others.
pub const GRIDS: &[(usize, usize)] = &[(1, 1), (1, 7), (2, 32), (3, 128), (5, 100)];

/// The device that the OpenCL tests have.
pub fn spirv() -> DeviceTarget {
    DeviceTarget::Spirv {
        version: (1, 2),
        extensions: Vec::new(),
        fp64: true,
        int64_atomics: true,
        fp64_atomic_add: false,
        subgroups: false,
    }
}

pub fn image(text: &str, target: &DeviceTarget) -> Result<DeviceImage, DeviceCodeError> {
    let module = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    compile(&module, 0, target, &options())
}

/// What a thread reported in the launch's error record: site and arguments.
pub type Report = (i32, [i64; 3]);

/// A launch's argument.
#[allow(dead_code, reason = "each test uses a part")]
pub enum Word<'a> {
    Int(i64),
    Float(f64),
    /// A contiguous array with its shape, copied to the device and back.
    Doubles(&'a mut [f64], &'a [i64]),
    Ints(&'a mut [i64], &'a [i64]),
    Floats(&'a mut [f32], &'a [i64]),
    Bytes(&'a mut [u8], &'a [i64]),
    Complex(&'a mut [[f64; 2]], &'a [i64]),
    /// A variable in the device's memory.
    MappedFloat(&'a mut f64),
    MappedInt(&'a mut i64),
}

/// The module's first function, a target region, for OpenCL.
pub struct Kernel(opencl::Kernel);

/// Builds it. `None`: there is no driver, which is said; where `OMPLY_TEST_DEVICES` asks for `opencl`, that is a failure.
#[track_caller]
pub fn kernel(text: &str) -> Option<Kernel> {
    let image = image(text, &spirv()).unwrap_or_else(|error| panic!("{error}"));
    tools::validate(&image.bytes);
    match opencl::Driver::get() {
        Some(driver) => Some(Kernel(driver.kernel(&image.bytes, &image.kernel))),
        None => {
            tools::missing("opencl", "an OpenCL driver: OMPLY_OPENCL_LIBRARY names one");
            None
        }
    }
}

impl Kernel {
    pub fn run(&self, teams: usize, threads: usize, args: &mut [Word]) -> Result<(), Report> {
        let driver = self.0.driver;
        let mut words = Vec::new();
        let mut back: Vec<(*mut u8, *mut u8, usize)> = Vec::new();
        for arg in args.iter_mut() {
            let (host, bytes, size, shape): (*mut u8, usize, i64, &[i64]) = match arg {
                Word::Int(value) => {
                    words.push(*value as u64);
                    continue;
                }
                Word::Float(value) => {
                    words.push(value.to_bits());
                    continue;
                }
                Word::Doubles(data, shape) => (data.as_mut_ptr().cast(), data.len() * 8, 8, shape),
                Word::Ints(data, shape) => (data.as_mut_ptr().cast(), data.len() * 8, 8, shape),
                Word::Floats(data, shape) => (data.as_mut_ptr().cast(), data.len() * 4, 4, shape),
                Word::Bytes(data, shape) => (data.as_mut_ptr(), data.len(), 1, shape),
                Word::Complex(data, shape) => {
                    (data.as_mut_ptr().cast(), data.len() * 16, 16, shape)
                }
                Word::MappedFloat(value) => (std::ptr::from_mut(*value).cast(), 8, 0, &[]),
                Word::MappedInt(value) => (std::ptr::from_mut(*value).cast(), 8, 0, &[]),
            };
            let memory = driver.memory(bytes);
            // SAFETY: both have this size.
            unsafe { std::ptr::copy_nonoverlapping(host, memory, bytes) };
            back.push((memory, host, bytes));
            words.push(memory as u64);
            if size == 0 {
                continue;
            }
            words.push(0);
            words.extend(shape.iter().map(|&dim| dim as u64));
            let mut strides = vec![size; shape.len()];
            for axis in (1..shape.len()).rev() {
                strides[axis - 1] = strides[axis] * shape[axis];
            }
            words.extend(strides.iter().map(|&stride| stride as u64));
        }
        const HEAP: usize = 1 << 22;
        let record = driver.memory(64).cast::<u64>();
        // SAFETY: the record is 64 bytes long.
        unsafe {
            *record.add(4) = driver.memory(HEAP) as u64;
            *record.add(5) = HEAP as u64;
        }
        words.push(record as u64);
        self.0.launch(&words, teams, threads);
        for (memory, host, bytes) in back {
            // SAFETY: as above.
            unsafe { std::ptr::copy_nonoverlapping(memory, host, bytes) };
        }
        // SAFETY: the record is 64 bytes long.
        let (head, args) = unsafe { (*record, [1, 2, 3].map(|word| *record.add(word) as i64)) };
        if head as i32 == 0 {
            Ok(())
        } else {
            Err(((head >> 32) as i32, args))
        }
    }
}
