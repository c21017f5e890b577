//! How values of the IR's types are held: as a list of *leaves*, each one LLVM value. A number is one leaf, a complex number
//! two, an array its data pointer, owner, shape and (only when `Strided`) strides, a tuple its items' leaves in order.

use omply_ir::{ArrayType, Func, Layout, Scalar, Type};
use smallvec::SmallVec;

use crate::llvm::{Flags, Llvm, Op2, Ty, Value};

pub type Leaves = SmallVec<[Value; 4]>;

/// What one leaf is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaf {
    /// A real number, integer or boolean. Of a complex number: one of its two parts.
    Number(Scalar),
    Data,
    Owner,
    Dim,
    Stride,
}

/// The alignment that elements of arrays have.
pub fn align_of(scalar: Scalar) -> u32 {
    scalar.real_part().bytes()
}

/// Appends the leaves of `ty`.
fn collect(ty: &Type, out: &mut Vec<Leaf>) {
    match ty {
        Type::Unit => {}
        Type::Scalar(scalar) => {
            out.push(Leaf::Number(scalar.real_part()));
            if scalar.is_complex() {
                out.push(Leaf::Number(scalar.real_part()));
            }
        }
        Type::Array(array) => {
            out.extend([Leaf::Data, Leaf::Owner]);
            out.extend((0..array.ndim).map(|_| Leaf::Dim));
            if array.layout == Layout::Strided {
                out.extend((0..array.ndim).map(|_| Leaf::Stride));
            }
        }
        Type::Tuple(items) => items.iter().for_each(|item| collect(item, out)),
    }
}

pub fn leaves_of(ty: &Type) -> Vec<Leaf> {
    let mut out = Vec::new();
    collect(ty, &mut out);
    out
}

pub fn leaf_count(ty: &Type) -> usize {
    match ty {
        Type::Unit => 0,
        Type::Scalar(scalar) => 1 + scalar.is_complex() as usize,
        Type::Array(array) => {
            2 + array.ndim as usize
                * if array.layout == Layout::Strided {
                    2
                } else {
                    1
                }
        }
        Type::Tuple(items) => items.iter().map(leaf_count).sum(),
    }
}

/// Whether a value of this type can own memory.
pub fn holds_array(ty: &Type) -> bool {
    match ty {
        Type::Array(_) => true,
        Type::Tuple(items) => items.iter().any(holds_array),
        Type::Unit | Type::Scalar(_) => false,
    }
}

impl Leaf {
    /// The LLVM type of the leaf as a value.
    pub fn ty(self, ll: &Llvm) -> Ty {
        match self {
            Leaf::Number(scalar) => scalar_type(ll, scalar),
            Leaf::Data | Leaf::Owner => ll.ptr,
            Leaf::Dim | Leaf::Stride => ll.i64,
        }
    }

    /// The LLVM type of the leaf in memory: booleans are bytes.
    pub fn memory_type(self, ll: &Llvm) -> Ty {
        match self {
            Leaf::Number(Scalar::Bool) => ll.i8,
            other => other.ty(ll),
        }
    }
}

/// The LLVM type of a number that is not complex.
pub fn scalar_type(ll: &Llvm, scalar: Scalar) -> Ty {
    match scalar {
        Scalar::Bool => ll.i1,
        Scalar::I8 | Scalar::U8 => ll.i8,
        Scalar::I16 | Scalar::U16 => ll.i16,
        Scalar::I32 | Scalar::U32 => ll.i32,
        Scalar::I64 | Scalar::U64 => ll.i64,
        Scalar::F16 => ll.f16,
        Scalar::F32 | Scalar::C64 => ll.f32,
        Scalar::F64 | Scalar::C128 => ll.f64,
    }
}

/// The type of a variable in memory.
pub fn memory_struct(ll: &Llvm, ty: &Type) -> Ty {
    let fields: Vec<Ty> = leaves_of(ty)
        .into_iter()
        .map(|leaf| leaf.memory_type(ll))
        .collect();
    ll.struct_type(&fields)
}

/// An array's leaves, by role.
#[derive(Clone, Debug)]
pub struct ArrayParts {
    pub ty: ArrayType,
    pub data: Value,
    pub owner: Value,
    pub dims: Leaves,
    /// In bytes; empty unless `Strided`.
    pub strides: Leaves,
}

impl ArrayParts {
    pub fn new(ty: ArrayType, leaves: &[Value]) -> Self {
        let ndim = ty.ndim as usize;
        Self {
            ty,
            data: leaves[0],
            owner: leaves[1],
            dims: leaves[2..2 + ndim].iter().copied().collect(),
            strides: leaves[2 + ndim..].iter().copied().collect(),
        }
    }

    pub fn leaves(&self) -> Leaves {
        let mut out: Leaves = [self.data, self.owner].into_iter().collect();
        out.extend(self.dims.iter().copied());
        out.extend(self.strides.iter().copied());
        out
    }

    /// Strides in bytes, computed from the shape for contiguous layouts.
    pub fn all_strides(&self, ll: &Llvm) -> Leaves {
        let ndim = self.dims.len();
        let mut out: Leaves = std::iter::repeat_n(ll.c64(0), ndim).collect();
        let mut step = ll.c64(self.ty.elem.bytes().into());
        match self.ty.layout {
            Layout::Strided => return self.strides.clone(),
            Layout::C => {
                for axis in (0..ndim).rev() {
                    out[axis] = step;
                    step = ll.bin(Op2::LLVMMul, step, self.dims[axis], Flags::NSW);
                }
            }
            Layout::F => {
                for axis in 0..ndim {
                    out[axis] = step;
                    step = ll.bin(Op2::LLVMMul, step, self.dims[axis], Flags::NSW);
                }
            }
        }
        out
    }
}

/// The number of LLVM parameters that a function's own parameters take.
pub fn leaf_count_of_params(func: &Func) -> usize {
    func.params
        .iter()
        .map(|slot| leaf_count(&func.slots[slot.index()].ty))
        .sum()
}
