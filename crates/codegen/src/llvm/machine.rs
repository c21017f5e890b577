//! Targets, the host among them: initialisation, optimisation pipeline, emission of objects and assembly.

use std::ffi::{CStr, CString};
use std::sync::Once;

use llvm_sys::core::{
    LLVMDisposeMemoryBuffer, LLVMGetBufferSize, LLVMGetBufferStart, LLVMSetTarget,
};
use llvm_sys::error::{LLVMDisposeErrorMessage, LLVMErrorRef, LLVMGetErrorMessage};
use llvm_sys::target::{LLVMDisposeTargetData, LLVMSetModuleDataLayout};
use llvm_sys::target_machine::*;
use llvm_sys::transforms::pass_builder::*;

use super::{Llvm, take_message};

/// Registers the host's back end, once.
pub fn initialise() {
    static ONCE: Once = Once::new();
    // SAFETY: registration touches LLVM's registry only, and options are set before anything reads them; `Once` keeps it single.
    ONCE.call_once(|| unsafe {
        use llvm_sys::target::*;
        #[cfg(target_arch = "x86_64")]
        {
            LLVMInitializeX86TargetInfo();
            LLVMInitializeX86Target();
            LLVMInitializeX86TargetMC();
            LLVMInitializeX86AsmPrinter();
            if branches_need_alignment() {
                let options = [c"omply", c"-x86-branches-within-32B-boundaries"].map(CStr::as_ptr);
                llvm_sys::support::LLVMParseCommandLineOptions(
                    options.len() as i32,
                    options.as_ptr(),
                    std::ptr::null(),
                );
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            LLVMInitializeAArch64TargetInfo();
            LLVMInitializeAArch64Target();
            LLVMInitializeAArch64TargetMC();
            LLVMInitializeAArch64AsmPrinter();
        }
    });
}

/// Intel's processors of the Skylake family decode a jump anew, each time, that crosses or touches a boundary of 32 bytes (their
/// erratum SKX102): tight loops lose up to half of their speed by where they happen to lie.
#[cfg(target_arch = "x86_64")]
fn branches_need_alignment() -> bool {
    let (name, _) = host();
    ["skylake", "skylake-avx512", "cascadelake"].contains(&&*name.to_string_lossy())
}

/// The host CPU's name and features, as LLVM calls them.
pub fn host() -> (CString, CString) {
    // SAFETY: both functions return messages that are the caller's to dispose of.
    let (name, features) = unsafe {
        (
            take_message(LLVMGetHostCPUName()),
            take_message(LLVMGetHostCPUFeatures()),
        )
    };
    (super::c_text(&name), super::c_text(&features))
}

/// Takes an error's message.
pub fn error_text(error: LLVMErrorRef) -> String {
    // SAFETY: the message belongs to the caller, and the error is consumed.
    unsafe {
        let message = LLVMGetErrorMessage(error);
        let text = CStr::from_ptr(message).to_string_lossy().into_owned();
        LLVMDisposeErrorMessage(message);
        text
    }
}

/// Registers the back ends for devices, once.
fn initialise_devices() {
    static ONCE: Once = Once::new();
    // SAFETY: registration touches LLVM's registry only; `Once` keeps it single.
    ONCE.call_once(|| unsafe {
        use llvm_sys::target::*;
        LLVMInitializeNVPTXTargetInfo();
        LLVMInitializeNVPTXTarget();
        LLVMInitializeNVPTXTargetMC();
        LLVMInitializeNVPTXAsmPrinter();
        LLVMInitializeAMDGPUTargetInfo();
        LLVMInitializeAMDGPUTarget();
        LLVMInitializeAMDGPUTargetMC();
        LLVMInitializeAMDGPUAsmPrinter();
        LLVMInitializeSPIRVTargetInfo();
        LLVMInitializeSPIRVTarget();
        LLVMInitializeSPIRVTargetMC();
        LLVMInitializeSPIRVAsmPrinter();
    });
}

// Not in the crate's list of targets.
unsafe extern "C" {
    fn LLVMInitializeSPIRVTargetInfo();
    fn LLVMInitializeSPIRVTarget();
    fn LLVMInitializeSPIRVTargetMC();
    fn LLVMInitializeSPIRVAsmPrinter();
}

/// Code generation for one target.
pub struct Machine {
    machine: LLVMTargetMachineRef,
    opt_level: u8,
}

impl Drop for Machine {
    fn drop(&mut self) {
        // SAFETY: the machine is this value's own.
        unsafe { LLVMDisposeTargetMachine(self.machine) };
    }
}

impl Machine {
    pub fn host(opt_level: u8) -> Result<Self, String> {
        initialise();
        let (cpu, features) = host();
        // SAFETY: the triple is the caller's to dispose of.
        let triple = unsafe { take_message(LLVMGetDefaultTargetTriple()) };
        Self::new(
            &super::c_text(&triple),
            &cpu,
            &features,
            opt_level,
            opt_level,
        )
    }

    /// A device's back end, which is to work at the level `emission` on what has been optimised at `opt_level`.
    pub fn device(
        triple: &str,
        cpu: &str,
        features: &str,
        opt_level: u8,
        emission: u8,
    ) -> Result<Self, String> {
        initialise_devices();
        let [triple, cpu, features] = [triple, cpu, features].map(super::c_text);
        Self::new(&triple, &cpu, &features, opt_level, emission)
    }

    fn new(
        triple: &CStr,
        cpu: &CStr,
        features: &CStr,
        opt_level: u8,
        emission: u8,
    ) -> Result<Self, String> {
        let level = match emission {
            0 => LLVMCodeGenOptLevel::LLVMCodeGenLevelNone,
            1 => LLVMCodeGenOptLevel::LLVMCodeGenLevelLess,
            2 => LLVMCodeGenOptLevel::LLVMCodeGenLevelDefault,
            _ => LLVMCodeGenOptLevel::LLVMCodeGenLevelAggressive,
        };
        let mut target = std::ptr::null_mut();
        let mut message = std::ptr::null_mut();
        // SAFETY: all strings are NUL-terminated.
        let machine = unsafe {
            let failed = LLVMGetTargetFromTriple(triple.as_ptr(), &mut target, &mut message) != 0;
            if failed {
                std::ptr::null_mut()
            } else {
                LLVMCreateTargetMachine(
                    target,
                    triple.as_ptr(),
                    cpu.as_ptr(),
                    features.as_ptr(),
                    level,
                    LLVMRelocMode::LLVMRelocPIC,
                    LLVMCodeModel::LLVMCodeModelDefault,
                )
            }
        };
        if machine.is_null() {
            return Err(format!(
                "no machine for {} {}: {}",
                triple.to_string_lossy(),
                cpu.to_string_lossy(),
                take_message(message)
            ));
        }
        Ok(Self { machine, opt_level })
    }

    /// Gives the module this machine's triple and data layout.
    pub fn configure(&self, llvm: &Llvm) {
        // SAFETY: module and machine are alive; the layout is copied into the module.
        unsafe {
            let triple = LLVMGetTargetMachineTriple(self.machine);
            LLVMSetTarget(llvm.module(), triple);
            take_message(triple);
            let layout = LLVMCreateTargetDataLayout(self.machine);
            LLVMSetModuleDataLayout(llvm.module(), layout);
            LLVMDisposeTargetData(layout);
        }
    }

    pub fn optimise(&self, llvm: &Llvm) -> Result<(), String> {
        self.run(llvm, &format!("default<O{}>", self.opt_level.min(3)))?;
        if llvm.release_kept() {
            // What was kept for the vectoriser and found no use.
            self.run(llvm, "globaldce")?;
        }
        Ok(())
    }

    fn run(&self, llvm: &Llvm, passes: &str) -> Result<(), String> {
        let passes = super::c_text(passes);
        // SAFETY: the module belongs to `llvm`, the options are disposed of after the run.
        let error = unsafe {
            let options = LLVMCreatePassBuilderOptions();
            let error = LLVMRunPasses(llvm.module(), passes.as_ptr(), self.machine, options);
            LLVMDisposePassBuilderOptions(options);
            error
        };
        if error.is_null() {
            Ok(())
        } else {
            Err(error_text(error))
        }
    }

    pub fn object(&self, llvm: &Llvm) -> Result<Vec<u8>, String> {
        self.emit(llvm, LLVMCodeGenFileType::LLVMObjectFile)
    }

    pub fn assembly(&self, llvm: &Llvm) -> Result<String, String> {
        let text = self.emit(llvm, LLVMCodeGenFileType::LLVMAssemblyFile)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn emit(&self, llvm: &Llvm, kind: LLVMCodeGenFileType) -> Result<Vec<u8>, String> {
        let mut message = std::ptr::null_mut();
        let mut buffer = std::ptr::null_mut();
        // SAFETY: module and machine are alive; the buffer is copied before it is disposed of.
        unsafe {
            if LLVMTargetMachineEmitToMemoryBuffer(
                self.machine,
                llvm.module(),
                kind,
                &mut message,
                &mut buffer,
            ) != 0
            {
                return Err(take_message(message));
            }
            let bytes = std::slice::from_raw_parts(
                LLVMGetBufferStart(buffer).cast(),
                LLVMGetBufferSize(buffer),
            )
            .to_vec();
            LLVMDisposeMemoryBuffer(buffer);
            Ok(bytes)
        }
    }
}
