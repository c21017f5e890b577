//! Instructions and blocks.

use std::ffi::c_uint;

use llvm_sys::core::*;
use llvm_sys::{LLVMAtomicOrdering, LLVMAtomicRMWBinOp};

pub use llvm_sys::LLVMIntPredicate as Cmp;
pub use llvm_sys::LLVMOpcode as Op2;
pub use llvm_sys::LLVMOpcode as Conversion;
pub use llvm_sys::LLVMRealPredicate as FCmp;

use super::{Bb, Llvm, NO_NAME, Ty, Value, ll};

/// What an arithmetic instruction may assume or be turned into.
#[derive(Clone, Copy, Default)]
pub struct Flags {
    /// No signed, no unsigned wrap.
    pub nsw: bool,
    pub nuw: bool,
    /// A division without remainder.
    pub exact: bool,
    /// LLVM's fast-math bits.
    pub fast: c_uint,
}

impl Flags {
    pub const NONE: Flags = Flags {
        nsw: false,
        nuw: false,
        exact: false,
        fast: 0,
    };
    pub const NSW: Flags = Flags {
        nsw: true,
        nuw: false,
        exact: false,
        fast: 0,
    };
    pub const NO_WRAP: Flags = Flags {
        nsw: true,
        nuw: true,
        exact: false,
        fast: 0,
    };
}

impl Llvm {
    // ---- blocks ------------------------------------------------------------------------------------------------

    pub fn block(&self, function: Value, name: &str) -> Bb {
        ll! { LLVMAppendBasicBlockInContext(LLVMGetValueContext(function), function, super::c_text(name).as_ptr()) }
    }

    /// Instructions go to the end of `block` from now on.
    pub fn at(&self, block: Bb) {
        ll! { LLVMPositionBuilderAtEnd(self.builder, block) };
    }

    pub fn here(&self) -> Bb {
        ll! { LLVMGetInsertBlock(self.builder) }
    }

    /// Whether the current block has its last instruction.
    pub fn terminated(&self) -> bool {
        ll! { !LLVMGetBasicBlockTerminator(LLVMGetInsertBlock(self.builder)).is_null() }
    }

    pub fn br(&self, to: Bb) -> Value {
        ll! { LLVMBuildBr(self.builder, to) }
    }

    pub fn cond_br(&self, cond: Value, then: Bb, els: Bb) -> Value {
        ll! { LLVMBuildCondBr(self.builder, cond, then, els) }
    }

    pub fn ret_void(&self) {
        ll! { LLVMBuildRetVoid(self.builder) };
    }

    pub fn ret(&self, value: Value) {
        ll! { LLVMBuildRet(self.builder, value) };
    }

    pub fn phi(&self, ty: Ty, incoming: &[(Value, Bb)]) -> Value {
        let phi = ll! { LLVMBuildPhi(self.builder, ty, NO_NAME) };
        self.add_incoming(phi, incoming);
        phi
    }

    pub fn add_incoming(&self, phi: Value, incoming: &[(Value, Bb)]) {
        for &(value, block) in incoming {
            let (mut value, mut block) = (value, block);
            ll! { LLVMAddIncoming(phi, &mut value, &mut block, 1) };
        }
    }

    // ---- arithmetic --------------------------------------------------------------------------------------------

    pub fn bin(&self, op: Op2, a: Value, b: Value, flags: Flags) -> Value {
        let value = ll! { LLVMBuildBinOp(self.builder, op, a, b, NO_NAME) };
        self.flag(value, flags);
        value
    }

    /// Folding may have made a constant of the instruction, which takes no flags.
    pub fn flag(&self, value: Value, flags: Flags) {
        ll! {
            if LLVMIsAInstruction(value).is_null() {
                return;
            }
            if flags.nsw {
                LLVMSetNSW(value, 1);
            }
            if flags.nuw {
                LLVMSetNUW(value, 1);
            }
            if flags.exact {
                LLVMSetExact(value, 1);
            }
            if flags.fast != 0 && LLVMCanValueUseFastMathFlags(value) != 0 {
                LLVMSetFastMathFlags(value, flags.fast);
            }
        }
    }

    pub fn add(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMAdd, a, b, Flags::NONE)
    }

    pub fn add_nsw(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMAdd, a, b, Flags::NSW)
    }

    pub fn sub(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMSub, a, b, Flags::NONE)
    }

    pub fn mul(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMMul, a, b, Flags::NONE)
    }

    pub fn and(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMAnd, a, b, Flags::NONE)
    }

    pub fn or(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMOr, a, b, Flags::NONE)
    }

    pub fn xor(&self, a: Value, b: Value) -> Value {
        self.bin(Op2::LLVMXor, a, b, Flags::NONE)
    }

    pub fn not(&self, a: Value) -> Value {
        ll! { LLVMBuildNot(self.builder, a, NO_NAME) }
    }

    pub fn neg(&self, a: Value) -> Value {
        ll! { LLVMBuildNeg(self.builder, a, NO_NAME) }
    }

    pub fn fneg(&self, a: Value) -> Value {
        ll! { LLVMBuildFNeg(self.builder, a, NO_NAME) }
    }

    pub fn icmp(&self, op: Cmp, a: Value, b: Value) -> Value {
        ll! { LLVMBuildICmp(self.builder, op, a, b, NO_NAME) }
    }

    pub fn fcmp(&self, op: FCmp, a: Value, b: Value) -> Value {
        ll! { LLVMBuildFCmp(self.builder, op, a, b, NO_NAME) }
    }

    pub fn select(&self, cond: Value, then: Value, els: Value) -> Value {
        ll! { LLVMBuildSelect(self.builder, cond, then, els, NO_NAME) }
    }

    pub fn cast(&self, op: Conversion, value: Value, to: Ty) -> Value {
        ll! { LLVMBuildCast(self.builder, op, value, to, NO_NAME) }
    }

    /// Widens or narrows an integer.
    pub fn int_cast(&self, value: Value, to: Ty, signed: bool) -> Value {
        ll! { LLVMBuildIntCast2(self.builder, value, to, signed.into(), NO_NAME) }
    }

    pub fn bitcast(&self, value: Value, to: Ty) -> Value {
        ll! { LLVMBuildBitCast(self.builder, value, to, NO_NAME) }
    }

    pub fn extract(&self, aggregate: Value, index: usize) -> Value {
        ll! { LLVMBuildExtractValue(self.builder, aggregate, index as c_uint, NO_NAME) }
    }

    pub fn insert(&self, aggregate: Value, value: Value, index: usize) -> Value {
        ll! { LLVMBuildInsertValue(self.builder, aggregate, value, index as c_uint, NO_NAME) }
    }

    // ---- calls -------------------------------------------------------------------------------------------------

    pub fn call(&self, (ty, function): (Ty, Value), args: &[Value]) -> Value {
        let mut args = args.to_vec();
        ll! { LLVMBuildCall2(self.builder, ty, function, args.as_mut_ptr(), args.len() as c_uint, NO_NAME) }
    }

    /// Calls an intrinsic that is overloaded on the type of its first argument.
    pub fn call_intrinsic(&self, name: &'static str, args: &[Value]) -> Value {
        self.call(self.intrinsic(name, &[self.type_of(args[0])]), args)
    }

    pub fn assume(&self, cond: Value) {
        self.call(self.intrinsic("llvm.assume", &[]), &[cond]);
    }

    // ---- memory ------------------------------------------------------------------------------------------------

    pub fn alloca(&self, ty: Ty, align: u32) -> Value {
        ll! {
            let place = LLVMBuildAlloca(self.builder, ty, NO_NAME);
            if align > 0 {
                LLVMSetAlignment(place, align);
            }
            self.generic(place)
        }
    }

    pub fn load(&self, ty: Ty, place: Value) -> Value {
        ll! { LLVMBuildLoad2(self.builder, ty, place, NO_NAME) }
    }

    pub fn store(&self, value: Value, place: Value) -> Value {
        ll! { LLVMBuildStore(self.builder, value, place) }
    }

    pub fn set_align(&self, access: Value, align: u32) {
        ll! { LLVMSetAlignment(access, align) };
    }

    /// Address of a field.
    pub fn field(&self, ty: Ty, base: Value, index: usize) -> Value {
        ll! { LLVMBuildStructGEP2(self.builder, ty, base, index as c_uint, NO_NAME) }
    }

    /// `base + index * size of ty`, in the same object.
    pub fn offset(&self, ty: Ty, base: Value, index: Value) -> Value {
        let mut index = [index];
        ll! { LLVMBuildInBoundsGEP2(self.builder, ty, base, index.as_mut_ptr(), 1, NO_NAME) }
    }

    /// `base + bytes`, wherever that leads.
    pub fn byte_offset(&self, base: Value, bytes: Value) -> Value {
        let mut index = [bytes];
        ll! { LLVMBuildGEP2(self.builder, self.i8, base, index.as_mut_ptr(), 1, NO_NAME) }
    }

    pub fn memmove(&self, to: Value, from: Value, bytes: Value, align: u32) {
        ll! { LLVMBuildMemMove(self.builder, to, align, from, align, bytes) };
    }

    // ---- atomics -----------------------------------------------------------------------------------------------

    pub fn set_ordering(&self, access: Value, order: LLVMAtomicOrdering) {
        ll! { LLVMSetOrdering(access, order) };
        self.limit_scope(access);
    }

    pub fn fence(&self, order: LLVMAtomicOrdering) {
        let fence = ll! { LLVMBuildFence(self.builder, order, 0, NO_NAME) };
        self.limit_scope(fence);
    }

    /// A fence among the threads of a scope.
    pub fn fence_of(&self, scope: &str, order: LLVMAtomicOrdering) {
        ll! {
            let id = LLVMGetSyncScopeID(self.context, scope.as_ptr().cast(), scope.len());
            LLVMBuildFenceSyncScope(self.builder, order, id, NO_NAME);
        }
    }

    fn limit_scope(&self, access: Value) {
        if let Some(scope) = self.scope {
            ll! { LLVMSetAtomicSyncScopeID(access, scope) };
        }
    }

    pub fn atomic_rmw(
        &self,
        op: LLVMAtomicRMWBinOp,
        place: Value,
        value: Value,
        order: LLVMAtomicOrdering,
    ) -> Value {
        let old = ll! { LLVMBuildAtomicRMW(self.builder, op, place, value, order, 0) };
        self.limit_scope(old);
        old
    }

    /// The result is a pair: the old value, success.
    pub fn cmpxchg(
        &self,
        place: Value,
        expected: Value,
        desired: Value,
        order: LLVMAtomicOrdering,
        on_failure: LLVMAtomicOrdering,
        weak: bool,
    ) -> Value {
        ll! {
            let pair = LLVMBuildAtomicCmpXchg(self.builder, place, expected, desired, order, on_failure, 0);
            LLVMSetWeak(pair, weak.into());
            self.limit_scope(pair);
            pair
        }
    }
}
