//! Bitcode libraries of devices' makers: linked into a module, their functions becoming its own.

use std::path::Path;

use llvm_sys::LLVMLinkage;
use llvm_sys::bit_reader::LLVMParseBitcodeInContext2;
use llvm_sys::core::*;
use llvm_sys::linker::LLVMLinkModules2;
use llvm_sys::target::{LLVMGetModuleDataLayout, LLVMSetModuleDataLayout};

use super::{Llvm, c_text, ll, take_message};

impl Llvm {
    /// The functions that the module calls and does not hold, by this beginning of their names.
    pub fn missing(&self, beginning: &str) -> Vec<String> {
        let mut missing = Vec::new();
        ll! {
            let mut function = LLVMGetFirstFunction(self.module);
            while !function.is_null() {
                if LLVMIsDeclaration(function) != 0 {
                    let mut length = 0;
                    let name = LLVMGetValueName2(function, &mut length);
                    let name = std::slice::from_raw_parts(name.cast::<u8>(), length);
                    let name = String::from_utf8_lossy(name);
                    if name.starts_with(beginning) {
                        missing.push(name.into_owned());
                    }
                }
                function = LLVMGetNextFunction(function);
            }
        }
        missing
    }

    /// Links a library; of what the module holds afterwards, only the function `keep` is seen from outside.
    pub fn link(&self, library: &Path, keep: &str) -> Result<(), String> {
        let path = c_text(&library.to_string_lossy());
        let keep = c_text(keep);
        ll! {
            let mut buffer = std::ptr::null_mut();
            let mut message = std::ptr::null_mut();
            if LLVMCreateMemoryBufferWithContentsOfFile(path.as_ptr(), &mut buffer, &mut message) != 0 {
                return Err(format!("{}: {}", library.display(), take_message(message)));
            }
            let mut source = std::ptr::null_mut();
            let failed = LLVMParseBitcodeInContext2(self.context, buffer, &mut source) != 0;
            LLVMDisposeMemoryBuffer(buffer);
            if failed {
                return Err(format!("{} is no bitcode that LLVM 22 reads", library.display()));
            }
            LLVMSetTarget(source, LLVMGetTarget(self.module));
            LLVMSetModuleDataLayout(source, LLVMGetModuleDataLayout(self.module));
            if LLVMLinkModules2(self.module, source) != 0 {
                return Err(format!("{} cannot be linked", library.display()));
            }
            let kept = LLVMGetNamedFunction(self.module, keep.as_ptr());
            let mut function = LLVMGetFirstFunction(self.module);
            while !function.is_null() {
                if LLVMIsDeclaration(function) == 0 && function != kept {
                    LLVMSetLinkage(function, LLVMLinkage::LLVMInternalLinkage);
                }
                function = LLVMGetNextFunction(function);
            }
        }
        Ok(())
    }
}
