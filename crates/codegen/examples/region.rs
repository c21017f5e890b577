//! Compiles `target` regions from IR text (phase Regions, spans or not) for a device: what code does each become, and in what time?
//!
//! `region FILE [sm_90 | gfx90a | spirv]`

use std::time::Instant;

use omply_codegen::Options;
use omply_codegen::device::{DeviceTarget, compile};
use omply_ir::FuncKind;

fn main() {
    let mut args = std::env::args().skip(1);
    let file = args.next().expect("a file");
    let target = match args.next().as_deref() {
        None => DeviceTarget::Nvptx { sm: 90, ptx: 80 },
        Some("spirv") => DeviceTarget::Spirv {
            version: (1, 2),
            extensions: Vec::new(),
            fp64: true,
            int64_atomics: true,
            fp64_atomic_add: false,
            subgroups: false,
        },
        Some(name) => match name.strip_prefix("sm_") {
            Some(sm) => DeviceTarget::Nvptx {
                sm: sm.parse().expect("a number"),
                ptx: 80,
            },
            None => DeviceTarget::Amdgpu { gfx: name.into() },
        },
    };
    let text = std::fs::read_to_string(file).expect("a file of text");
    let module = omply_ir::text::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    for (index, func) in module.funcs.iter().enumerate() {
        if func.kind != FuncKind::Target {
            continue;
        }
        let start = Instant::now();
        match compile(&module, index, &target, &Options::default()) {
            Ok(made) => {
                let time = start.elapsed().as_secs_f64() * 1e3;
                println!(
                    "// {}: {} bytes in {time:.1} ms, {}, {} bytes of shared memory",
                    func.name,
                    made.bytes.len(),
                    if made.spmd {
                        "SPMD"
                    } else {
                        "with serial parts"
                    },
                    made.shared_bytes,
                );
                if matches!(target, DeviceTarget::Nvptx { .. }) {
                    println!("{}", String::from_utf8_lossy(&made.bytes));
                }
            }
            Err(error) => println!("// {}: {error}", func.name),
        }
    }
}
