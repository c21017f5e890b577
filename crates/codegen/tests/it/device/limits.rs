//! Every operation on every type of number: each kind of device either has code for it or says, with the place, that it has not.

use omply_codegen::device::{DeviceCodeError, DeviceTarget};

use super::{image, kernel, spirv};

const INTEGERS: [&str; 8] = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
const FLOATS: [&str; 3] = ["f16", "f32", "f64"];
const COMPLEX: [&str; 2] = ["c64", "c128"];

/// A kernel that does each of `made` (type of the result, operation) with elements `v1` and `v2` of two arrays of `from`.
fn unit(from: &str, made: &[(&str, String)]) -> String {
    let mut types: Vec<&str> = made.iter().map(|(to, _)| *to).collect();
    types.sort_unstable();
    types.dedup();
    let params: Vec<String> = (0..types.len() + 2)
        .map(|slot| format!("${slot}"))
        .collect();
    let (mut slots, mut arrays, mut body) = (String::new(), String::new(), String::new());
    for (place, to) in [from, from].iter().chain(&types).enumerate() {
        slots += &format!("slot ${place} \"x\": array<{to}, 1, C>\n");
        arrays += &format!("v{}: array<{to}, 1, C> = load ${place}\n", place + 3);
    }
    for (number, (to, code)) in made.iter().enumerate() {
        let value = 100 + number;
        let array = 5 + types.iter().position(|ty| ty == to).unwrap_or_default();
        body += &format!("v{value}: {to} = {code} #7:9\nstore v{array}[v0], v{value}\n");
    }
    format!(
        r#"module "m"
  func @0 "f.target"({}) -> unit target #0:40 {{
    {slots}
    parallel locals() {{
      v0: i64 = thread_num
      {arrays}
      v1: {from} = load v3[v0]
      v2: {from} = load v4[v0]
      {body}
    }}
  }}"#,
        params.join(", ")
    )
}

/// One kernel for each type of operands.
fn programs() -> Vec<(String, String)> {
    let numbers = || {
        INTEGERS
            .iter()
            .chain(&FLOATS)
            .chain(&COMPLEX)
            .chain(&["bool"])
    };
    let mut units = Vec::new();
    for &ty in numbers() {
        let mut made = Vec::new();
        let mut add = |to: &'static str, code: String| made.push((to, code));
        let exact = ty.starts_with(['i', 'u']);
        let complex = ty.starts_with('c');
        for op in ["eq", "ne"] {
            add("bool", format!("cmp {op} v1, v2"));
        }
        for &to in numbers() {
            if to != ty {
                add(to, "cast v1".into());
            }
        }
        if ty == "bool" {
            for op in ["and", "or", "xor"] {
                add(ty, format!("{op} v1, v2"));
            }
            add(ty, "not v1".into());
            units.push((ty.to_owned(), unit(ty, &made)));
            continue;
        }
        for op in ["add", "sub", "mul", "pow"] {
            add(ty, format!("{op} v1, v2"));
        }
        add(ty, "neg v1".into());
        let size = match ty {
            "c64" => "f32",
            "c128" => "f64",
            _ => ty,
        };
        add(size, "abs v1".into());
        if !complex {
            for op in ["floordiv", "mod", "min", "max"] {
                add(ty, format!("{op} v1, v2"));
            }
            for op in ["lt", "le", "gt", "ge"] {
                add("bool", format!("cmp {op} v1, v2"));
            }
        }
        if exact {
            for op in ["and", "or", "xor", "lshift", "rshift"] {
                add(ty, format!("{op} v1, v2"));
            }
            add(ty, "invert v1".into());
        } else {
            add(ty, "div v1, v2".into());
        }
        if complex {
            add(ty, "conj v1".into());
        }
        units.push((ty.to_owned(), unit(ty, &made)));
    }
    for ty in ["f32", "f64"] {
        let mut made = Vec::new();
        let mut add = |to: &'static str, code: String| made.push((to, code));
        for name in ["isnan", "isinf", "isfinite", "signbit"] {
            add("bool", format!("math {name}(v1)"));
        }
        for name in ["floor", "ceil", "trunc", "rint", "fabs", "sqrt"] {
            add(ty, format!("math {name}(v1)"));
        }
        for name in ["copysign", "fmin", "fmax", "fmod"] {
            add(ty, format!("math {name}(v1, v2)"));
        }
        add(ty, "math fma(v1, v2, v1)".into());
        units.push((format!("{ty}, instructions"), unit(ty, &made)));
        let mut made = Vec::new();
        for name in [
            "cbrt",
            "exp",
            "exp2",
            "expm1",
            "log",
            "log2",
            "log10",
            "log1p",
            "sin",
            "cos",
            "tan",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "tanh",
            "asinh",
            "acosh",
            "atanh",
            "erf",
            "erfc",
            "gamma",
            "log_gamma",
        ] {
            made.push((ty, format!("math {name}(v1)")));
        }
        for name in ["atan2", "hypot", "pow", "remainder", "nextafter"] {
            made.push((ty, format!("math {name}(v1, v2)")));
        }
        units.push((format!("{ty}, functions"), unit(ty, &made)));
    }
    units
}

fn targets() -> Vec<DeviceTarget> {
    vec![
        DeviceTarget::Nvptx { sm: 80, ptx: 80 },
        DeviceTarget::Amdgpu {
            gfx: "gfx90a".into(),
        },
        spirv(),
    ]
}

#[test]
fn every_operation_has_code_or_is_refused() {
    let mut wrong = Vec::new();
    for (name, text) in programs() {
        for target in targets() {
            match image(&text, &target) {
                Ok(_) | Err(DeviceCodeError::Missing(_)) => {}
                Err(error) => wrong.push(format!("{name}: {target:?}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_opencl_driver_takes_every_operation() {
    for (_, text) in programs() {
        if kernel(&text).is_none() {
            return;
        }
    }
}

#[test]
fn what_a_device_lacks_is_refused_with_its_place() {
    let text = unit("f32", &[("f64", "cast v1".into())]);
    let mut target = spirv();
    if let DeviceTarget::Spirv { fp64, .. } = &mut target {
        *fp64 = false;
    }
    let error = image(&text, &target).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not supported on devices yet: numbers of double precision, on OpenCL devices"
    );
    let place = error.place().expect("a place");
    assert_eq!((place.func, place.span.start, place.span.end), (0, 7, 9));
}
