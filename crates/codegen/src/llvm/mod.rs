//! A thin layer over LLVM's C API: one context, module and instruction builder, owned together. Everything above this
//! folder builds LLVM IR through these methods alone.

pub mod guard;
mod instr;
mod link;
pub mod machine;
mod metadata;
pub mod remarks;
pub mod spirv;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char, c_uint};

use llvm_sys::LLVMDiagnosticSeverity;
use llvm_sys::core::*;
use llvm_sys::prelude::*;
use llvm_sys::target::{LLVMABISizeOfType, LLVMGetModuleDataLayout};

pub use instr::{Cmp, Conversion, FCmp, Flags, Op2};
pub use metadata::{Meta, MetaKind};

pub type Value = LLVMValueRef;
pub type Ty = LLVMTypeRef;
pub type Bb = LLVMBasicBlockRef;
/// A function with its type.
pub type Callee = (Ty, Value);

/// Runs calls of LLVM's C API in the methods of [`Llvm`].
macro_rules! ll {
    ($($call:tt)*) => {
        // SAFETY: the types, values, blocks and metadata that these methods are given were made by the same `Llvm`, which keeps
        // its context alive and is used by one thread at a time.
        unsafe { $($call)* }
    };
}
pub(crate) use ll;

pub const NO_NAME: *const c_char = c"".as_ptr();

/// How a target's memory looks to code.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// The address space from which every kind of memory can be reached; pointers are to this one.
    pub generic: c_uint,
    /// Whom atomic operations are for: LLVM's name, empty for everybody.
    pub scope: &'static str,
}

pub struct Llvm {
    context: LLVMContextRef,
    module: LLVMModuleRef,
    builder: LLVMBuilderRef,
    pub i1: Ty,
    pub i8: Ty,
    pub i16: Ty,
    pub i32: Ty,
    pub i64: Ty,
    pub f16: Ty,
    pub f32: Ty,
    pub f64: Ty,
    pub ptr: Ty,
    pub void: Ty,
    /// The scope of atomic operations, if it is not LLVM's default.
    scope: Option<c_uint>,
    intrinsics: RefCell<HashMap<(&'static str, usize), Callee>>,
    meta_kinds: RefCell<HashMap<MetaKind, c_uint>>,
    /// What the places of loops lie in, once one is asked for.
    places: RefCell<Option<Meta>>,
}

impl Drop for Llvm {
    fn drop(&mut self) {
        ll! {
            LLVMDisposeBuilder(self.builder);
            LLVMDisposeModule(self.module);
            LLVMContextDispose(self.context);
        }
    }
}

/// Optimisation remarks and warnings are not the user's business.
extern "C" fn diagnostic(info: LLVMDiagnosticInfoRef, _: *mut std::ffi::c_void) {
    ll! {
        if LLVMGetDiagInfoSeverity(info) == LLVMDiagnosticSeverity::LLVMDSError {
            guard::report(take_message(LLVMGetDiagInfoDescription(info)));
        }
    }
}

/// Text for LLVM. Names of variables hold no NUL; should one, it ends there.
pub fn c_text(text: &str) -> CString {
    let end = text.find('\0').unwrap_or(text.len());
    CString::new(&text[..end]).unwrap_or_default()
}

/// Takes a message that LLVM allocated.
pub fn take_message(message: *mut c_char) -> String {
    if message.is_null() {
        return String::new();
    }
    // SAFETY: LLVM's messages are NUL-terminated and freed with LLVMDisposeMessage.
    unsafe {
        let text = CStr::from_ptr(message).to_string_lossy().into_owned();
        LLVMDisposeMessage(message);
        text
    }
}

impl Llvm {
    pub fn new(name: &str, memory: Memory) -> Self {
        let name = c_text(name);
        ll! {
            let context = LLVMContextCreate();
            LLVMContextSetDiagnosticHandler(context, Some(diagnostic), std::ptr::null_mut());
            LLVMContextSetDiscardValueNames(context, 1);
            Self {
                context,
                module: LLVMModuleCreateWithNameInContext(name.as_ptr(), context),
                builder: LLVMCreateBuilderInContext(context),
                i1: LLVMInt1TypeInContext(context),
                i8: LLVMInt8TypeInContext(context),
                i16: LLVMInt16TypeInContext(context),
                i32: LLVMInt32TypeInContext(context),
                i64: LLVMInt64TypeInContext(context),
                f16: LLVMHalfTypeInContext(context),
                f32: LLVMFloatTypeInContext(context),
                f64: LLVMDoubleTypeInContext(context),
                ptr: LLVMPointerTypeInContext(context, memory.generic),
                void: LLVMVoidTypeInContext(context),
                scope: (!memory.scope.is_empty())
                    .then(|| LLVMGetSyncScopeID(context, memory.scope.as_ptr().cast(), memory.scope.len())),
                intrinsics: RefCell::default(),
                meta_kinds: RefCell::default(),
                places: RefCell::default(),
            }
        }
    }

    pub fn module(&self) -> LLVMModuleRef {
        self.module
    }

    /// The module as text.
    pub fn print(&self) -> String {
        take_message(ll! { LLVMPrintModuleToString(self.module) })
    }

    /// What LLVM's verifier objects to, if anything.
    pub fn verify(&self) -> Result<(), String> {
        use llvm_sys::analysis::*;
        let mut message = std::ptr::null_mut();
        let action = LLVMVerifierFailureAction::LLVMReturnStatusAction;
        let broken = ll! { LLVMVerifyModule(self.module, action, &mut message) } != 0;
        let message = take_message(message);
        if broken { Err(message) } else { Ok(()) }
    }

    // ---- types and constants -----------------------------------------------------------------------------------

    pub fn struct_type(&self, fields: &[Ty]) -> Ty {
        let mut fields = fields.to_vec();
        ll! { LLVMStructTypeInContext(self.context, fields.as_mut_ptr(), fields.len() as c_uint, 0) }
    }

    /// Bytes that a value of the type takes in memory, as an i64.
    pub fn size_of(&self, ty: Ty) -> Value {
        ll! { LLVMSizeOf(ty) }
    }

    pub fn array_type(&self, element: Ty, count: u64) -> Ty {
        ll! { LLVMArrayType2(element, count) }
    }

    pub fn vector_type(&self, element: Ty, count: u32) -> Ty {
        ll! { LLVMVectorType(element, count) }
    }

    pub fn fn_type(&self, ret: Ty, params: &[Ty]) -> Ty {
        let mut params = params.to_vec();
        ll! { LLVMFunctionType(ret, params.as_mut_ptr(), params.len() as c_uint, 0) }
    }

    pub fn type_of(&self, value: Value) -> Ty {
        ll! { LLVMTypeOf(value) }
    }

    pub fn int_bits(&self, ty: Ty) -> u32 {
        ll! { LLVMGetIntTypeWidth(ty) }
    }

    /// Of a floating-point type.
    pub fn float_bits(&self, ty: Ty) -> u32 {
        if ty == self.f64 {
            64
        } else if ty == self.f32 {
            32
        } else {
            16
        }
    }

    pub fn int_type(&self, bits: u32) -> Ty {
        ll! { LLVMIntTypeInContext(self.context, bits) }
    }

    pub fn int(&self, ty: Ty, value: i64) -> Value {
        ll! { LLVMConstInt(ty, value as u64, 1) }
    }

    pub fn c64(&self, value: i64) -> Value {
        self.int(self.i64, value)
    }

    pub fn c32(&self, value: i32) -> Value {
        self.int(self.i32, value.into())
    }

    pub fn bool(&self, value: bool) -> Value {
        self.int(self.i1, value.into())
    }

    pub fn float(&self, ty: Ty, value: f64) -> Value {
        ll! { LLVMConstReal(ty, value) }
    }

    /// The constant in every lane.
    pub fn splat(&self, value: Value, lanes: u32) -> Value {
        let mut values = vec![value; lanes as usize];
        ll! { LLVMConstVector(values.as_mut_ptr(), lanes) }
    }

    pub fn extract_element(&self, vector: Value, lane: Value) -> Value {
        ll! { LLVMBuildExtractElement(self.builder, vector, lane, NO_NAME) }
    }

    pub fn insert_element(&self, vector: Value, value: Value, lane: Value) -> Value {
        ll! { LLVMBuildInsertElement(self.builder, vector, value, lane, NO_NAME) }
    }

    /// Null, zero or `false` of any type.
    pub fn zero(&self, ty: Ty) -> Value {
        ll! { LLVMConstNull(ty) }
    }

    pub fn poison(&self, ty: Ty) -> Value {
        ll! { LLVMGetPoison(ty) }
    }

    /// The value of a constant integer.
    pub fn as_const_int(&self, value: Value) -> Option<i64> {
        ll! { (!LLVMIsAConstantInt(value).is_null()).then(|| LLVMConstIntGetSExtValue(value)) }
    }

    // ---- functions and globals ---------------------------------------------------------------------------------

    pub fn add_function(&self, name: &str, ty: Ty) -> Value {
        ll! { LLVMAddFunction(self.module, c_text(name).as_ptr(), ty) }
    }

    pub fn param_count(&self, function: Value) -> usize {
        ll! { LLVMCountParams(function) as usize }
    }

    pub fn param(&self, function: Value, index: usize) -> Value {
        ll! { LLVMGetParam(function, index as c_uint) }
    }

    /// Seen in this module only; called with whatever convention LLVM likes when `fast`.
    pub fn make_internal(&self, function: Value, fast: bool) {
        ll! { LLVMSetLinkage(function, llvm_sys::LLVMLinkage::LLVMInternalLinkage) };
        if fast {
            ll! { LLVMSetFunctionCallConv(function, FAST_CALL) };
        }
    }

    pub fn set_fast_call(&self, call: Value) {
        ll! { LLVMSetInstructionCallConv(call, FAST_CALL) };
    }

    /// A symbol that loading binds. Its address may be anything.
    pub fn external_global(&self, name: &str) -> Value {
        let name = c_text(name);
        ll! {
            let known = LLVMGetNamedGlobal(self.module, name.as_ptr());
            if known.is_null() { LLVMAddGlobal(self.module, self.i8, name.as_ptr()) } else { known }
        }
    }

    /// A C string of the module.
    pub fn text(&self, text: &str) -> Value {
        let text = c_text(text);
        let length = text.as_bytes().len() as c_uint;
        ll! {
            let value = LLVMConstStringInContext2(self.context, text.as_ptr(), length as usize, 0);
            let global = LLVMAddGlobal(self.module, LLVMTypeOf(value), c"omply.text".as_ptr());
            LLVMSetLinkage(global, llvm_sys::LLVMLinkage::LLVMInternalLinkage);
            LLVMSetGlobalConstant(global, 1);
            LLVMSetInitializer(global, value);
            global
        }
    }

    /// Zeroed memory of the module.
    pub fn private_global(&self, ty: Ty, align: u32) -> Value {
        ll! {
            let global = LLVMAddGlobal(self.module, ty, c"omply.memory".as_ptr());
            LLVMSetLinkage(global, llvm_sys::LLVMLinkage::LLVMInternalLinkage);
            LLVMSetInitializer(global, LLVMConstNull(ty));
            LLVMSetAlignment(global, align);
            global
        }
    }

    /// Memory of the module in an address space; zeroed where that space can be.
    pub fn global_in(&self, name: &str, ty: Ty, align: u32, space: c_uint, zeroed: bool) -> Value {
        let name = c_text(name);
        ll! {
            let global = LLVMAddGlobalInAddressSpace(self.module, ty, name.as_ptr(), space);
            LLVMSetLinkage(global, llvm_sys::LLVMLinkage::LLVMInternalLinkage);
            LLVMSetInitializer(global, if zeroed { LLVMConstNull(ty) } else { LLVMGetPoison(ty) });
            LLVMSetAlignment(global, align);
            global
        }
    }

    /// A function of the module; null where there is none of that name.
    pub fn function_named(&self, name: &str) -> Value {
        ll! { LLVMGetNamedFunction(self.module, c_text(name).as_ptr()) }
    }

    /// Bytes of the module's variables in an address space.
    pub fn bytes_in(&self, space: c_uint) -> u64 {
        let mut bytes = 0u64;
        ll! {
            let layout = LLVMGetModuleDataLayout(self.module);
            let mut global = LLVMGetFirstGlobal(self.module);
            while !global.is_null() {
                if LLVMGetPointerAddressSpace(LLVMTypeOf(global)) == space {
                    let align = u64::from(LLVMGetAlignment(global).max(1));
                    let size = LLVMABISizeOfType(layout, LLVMGlobalGetValueType(global));
                    bytes = bytes.next_multiple_of(align) + size;
                }
                global = LLVMGetNextGlobal(global);
            }
        }
        bytes
    }

    /// The pointer in another address space.
    pub fn in_space(&self, pointer: Value, space: c_uint) -> Value {
        ll! { LLVMBuildAddrSpaceCast(self.builder, pointer, self.pointer_in(space), NO_NAME) }
    }

    /// The pointer as one to the generic address space.
    pub fn generic(&self, pointer: Value) -> Value {
        if self.type_of(pointer) == self.ptr {
            return pointer;
        }
        ll! { LLVMBuildAddrSpaceCast(self.builder, pointer, self.ptr, NO_NAME) }
    }

    /// A pointer type of another address space.
    pub fn pointer_in(&self, space: c_uint) -> Ty {
        ll! { LLVMPointerTypeInContext(self.context, space) }
    }

    pub fn set_convention(&self, function: Value, convention: c_uint) {
        ll! { LLVMSetFunctionCallConv(function, convention) };
    }

    /// A text attribute of a function.
    pub fn mark_text(&self, function: Value, name: &str, value: &str) {
        let attribute = self.text_attribute(name, value);
        ll! { LLVMAddAttributeAtIndex(function, llvm_sys::LLVMAttributeFunctionIndex, attribute) };
    }

    /// Keeps declarations that only attributes mention.
    pub fn keep(&self, functions: &[Value]) {
        if functions.is_empty() {
            return;
        }
        let mut list = functions.to_vec();
        ll! {
            let array = LLVMConstArray2(self.ptr, list.as_mut_ptr(), list.len() as u64);
            let global = LLVMAddGlobal(self.module, LLVMTypeOf(array), c"llvm.compiler.used".as_ptr());
            LLVMSetLinkage(global, llvm_sys::LLVMLinkage::LLVMAppendingLinkage);
            LLVMSetSection(global, c"llvm.metadata".as_ptr());
            LLVMSetInitializer(global, array);
        }
    }

    /// Keeps them no longer; says whether there were any.
    pub fn release_kept(&self) -> bool {
        ll! {
            let global = LLVMGetNamedGlobal(self.module, c"llvm.compiler.used".as_ptr());
            if !global.is_null() {
                LLVMDeleteGlobal(global);
            }
            !global.is_null()
        }
    }

    /// An intrinsic, overloaded on `on`.
    pub fn intrinsic(&self, name: &'static str, on: &[Ty]) -> (Ty, Value) {
        let key = (
            name,
            on.iter().fold(0, |key: usize, ty| {
                key.wrapping_mul(31).wrapping_add(*ty as usize)
            }),
        );
        *self.intrinsics.borrow_mut().entry(key).or_insert_with(|| {
            let mut on = on.to_vec();
            ll! {
                let id = LLVMLookupIntrinsicID(name.as_ptr().cast(), name.len());
                debug_assert_ne!(id, 0, "no intrinsic {name}");
                let ty = LLVMIntrinsicGetType(self.context, id, on.as_mut_ptr(), on.len());
                (ty, LLVMGetIntrinsicDeclaration(self.module, id, on.as_mut_ptr(), on.len()))
            }
        })
    }

    // ---- attributes --------------------------------------------------------------------------------------------

    fn enum_attribute(&self, name: &str, value: u64) -> LLVMAttributeRef {
        ll! {
            let kind = LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len());
            debug_assert_ne!(kind, 0, "no attribute {name}");
            LLVMCreateEnumAttribute(self.context, kind, value)
        }
    }

    /// An attribute of a function.
    pub fn mark(&self, function: Value, name: &str) {
        self.mark_at(function, llvm_sys::LLVMAttributeFunctionIndex, name, 0);
    }

    /// An attribute of a function, its result (0) or a parameter (from 1).
    pub fn mark_at(&self, function: Value, place: u32, name: &str, value: u64) {
        ll! { LLVMAddAttributeAtIndex(function, place, self.enum_attribute(name, value)) };
    }

    /// An attribute of a call.
    pub fn mark_call(&self, call: Value, name: &str) {
        ll! { LLVMAddCallSiteAttribute(call, llvm_sys::LLVMAttributeFunctionIndex, self.enum_attribute(name, 0)) };
    }

    pub fn mark_call_text(&self, call: Value, name: &str, value: &str) {
        let attribute = self.text_attribute(name, value);
        ll! { LLVMAddCallSiteAttribute(call, llvm_sys::LLVMAttributeFunctionIndex, attribute) };
    }

    fn text_attribute(&self, name: &str, value: &str) -> LLVMAttributeRef {
        ll! {
            LLVMCreateStringAttribute(
                self.context,
                name.as_ptr().cast(),
                name.len() as c_uint,
                value.as_ptr().cast(),
                value.len() as c_uint,
            )
        }
    }

    /// A parameter is an I64 of 0 to 2^63-1.
    pub fn mark_not_negative(&self, function: Value, param: usize) {
        let (low, high) = ([0u64], [1u64 << 63]);
        let name = "range";
        ll! {
            let kind = LLVMGetEnumAttributeKindForName(name.as_ptr().cast(), name.len());
            let range = LLVMCreateConstantRangeAttribute(self.context, kind, 64, low.as_ptr(), high.as_ptr());
            LLVMAddAttributeAtIndex(function, param as u32 + 1, range);
        }
    }
}

/// LLVM's `fastcc`.
const FAST_CALL: c_uint = 8;
