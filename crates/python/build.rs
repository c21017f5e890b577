//! Link settings of the extension: the copies of the runtime's and LLVM's C symbols in it stay its own, so that
//! another OpenMP library or LLVM in the process is never seen or disturbed.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    }
}
