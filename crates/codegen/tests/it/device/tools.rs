//! NVIDIA's, AMD's and Khronos' tools, where they are.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use omply_codegen::device::DeviceTarget;

use super::image;

/// A tool by the variable that names it, or by its name.
fn tool(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| folder.join(name))
                .collect::<Vec<_>>()
        })
        .find(|candidate| candidate.is_file())
}

fn once(
    place: &'static OnceLock<Option<PathBuf>>,
    variable: &str,
    names: &[&str],
) -> Option<&'static PathBuf> {
    place
        .get_or_init(|| {
            let found = tool(variable, names);
            match &found {
                Some(path) => eprintln!("devices: {} takes part ({})", names[0], path.display()),
                None => missing(names[0], &format!("{}: {variable} names one", names[0])),
            }
            found
        })
        .as_ref()
}

/// Says that something takes no part.
#[track_caller]
pub fn missing(name: &str, what: &str) {
    let asked = std::env::var("OMPLY_TEST_DEVICES").unwrap_or_default();
    assert!(
        !asked.split(',').any(|asked| asked.trim() == name),
        "there must be {what}"
    );
    eprintln!("devices: {name} takes NO part; for it there must be {what}");
}

#[track_caller]
fn check(path: &PathBuf, args: &[&str], input: &[u8], ending: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(format!("kernel.{ending}"));
    std::fs::write(&file, input).expect("a file");
    let output = Command::new(path)
        .args(args)
        .arg(&file)
        .arg("-o")
        .arg(folder.path().join("out"))
        .output()
        .expect("the tool runs");
    assert!(
        output.status.success(),
        "{}: {}{}\n{}",
        path.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        if ending == "ptx" {
            String::from_utf8_lossy(input)
        } else {
            "".into()
        }
    );
}

#[track_caller]
pub fn validate(spirv: &[u8]) {
    static TOOL: OnceLock<Option<PathBuf>> = OnceLock::new();
    let Some(path) = once(&TOOL, "OMPLY_SPIRV_VAL", &["spirv-val"]) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kernel.spv");
    std::fs::write(&file, spirv).expect("a file");
    let output = Command::new(path)
        .args(["--target-env", "spv1.2"])
        .arg(&file)
        .output()
        .expect("the tool runs");
    assert!(
        output.status.success(),
        "spirv-val: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// PTX for three generations of devices, code objects for three of AMD's.
#[track_caller]
pub fn assemble_everywhere(text: &str) {
    assemble_for_nvidia(text, &[70, 80, 90]);
    static LLD: OnceLock<Option<PathBuf>> = OnceLock::new();
    if once(&LLD, "OMPLY_LLD", &["lld", "ld.lld", "ld.lld-22"]).is_none() {
        return;
    }
    for gfx in ["gfx90a", "gfx942", "gfx1100"] {
        let target = DeviceTarget::Amdgpu { gfx: gfx.into() };
        let made = image(text, &target).unwrap_or_else(|error| panic!("{gfx}: {error}"));
        assert_eq!(&made.bytes[..4], b"\x7fELF");
    }
}

/// The same for kernels whose mathematical functions NVIDIA's libdevice provides; AMD devices have none yet, and say so.
#[track_caller]
pub fn assemble_with_libraries(text: &str) {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    if once(
        &LIBRARY,
        "OMPLY_LIBDEVICE",
        &["libdevice", "libdevice.10.bc"],
    )
    .is_some()
    {
        assemble_for_nvidia(text, &[80]);
    }
    let target = DeviceTarget::Amdgpu {
        gfx: "gfx90a".into(),
    };
    let error = image(text, &target).unwrap_err().to_string();
    assert!(
        error.starts_with("not supported on AMD devices yet: mathematical functions"),
        "{error}"
    );
}

#[track_caller]
fn assemble_for_nvidia(text: &str, generations: &[u32]) {
    static PTXAS: OnceLock<Option<PathBuf>> = OnceLock::new();
    for &sm in generations {
        let target = DeviceTarget::Nvptx { sm, ptx: 80 };
        let made = image(text, &target).unwrap_or_else(|error| panic!("sm_{sm}: {error}"));
        if let Some(ptxas) = once(&PTXAS, "OMPLY_PTXAS", &["ptxas"]) {
            check(ptxas, &[&format!("-arch=sm_{sm}")], &made.bytes, "ptx");
        }
    }
}
