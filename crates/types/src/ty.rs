//! Types of native values and signatures of calls.

use omply_ir::{ArrayType, Layout, Scalar, Type};
use std::fmt;

/// The type of a value. Python's own numbers are weak in NumPy's promotion, NumPy's scalars keep their dtype.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Ty {
    None,
    /// Python's `bool`.
    Bool,
    /// Python's `int`, held in 64 bits.
    Int,
    Float,
    Complex,
    /// A NumPy scalar (`np.bool_` included).
    Np(Scalar),
    Array(ArrayType),
    /// An array in the memory of the device with that number (-1: the host's), which `target` regions on it can use.
    Device(ArrayType, i32),
    Tuple(Vec<Ty>),
    /// Of an expression in error, or whose type is not known yet: fits everywhere.
    Never,
}

/// The argument types of one instance of a function.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Signature {
    pub params: Vec<Ty>,
}

impl Ty {
    /// The scalar that holds a value of this type.
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Ty::Bool => Some(Scalar::Bool),
            Ty::Int => Some(Scalar::I64),
            Ty::Float => Some(Scalar::F64),
            Ty::Complex => Some(Scalar::C128),
            Ty::Np(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// Whether NumPy promotes it as one of Python's own numbers.
    pub fn is_weak(&self) -> bool {
        matches!(self, Ty::Bool | Ty::Int | Ty::Float | Ty::Complex)
    }

    pub fn is_number(&self) -> bool {
        self.scalar().is_some()
    }

    pub fn array(&self) -> Option<ArrayType> {
        match self {
            Ty::Array(array) => Some(*array),
            _ => None,
        }
    }

    /// How the IR holds it. `None` inside a tuple takes a placeholder of one byte.
    pub fn ir(&self) -> Type {
        match self {
            Ty::None | Ty::Never => Type::Unit,
            Ty::Array(array) | Ty::Device(array, _) => Type::Array(*array),
            Ty::Tuple(items) => Type::Tuple(
                items
                    .iter()
                    .map(|item| match item.ir() {
                        Type::Unit => Type::BOOL,
                        ty => ty,
                    })
                    .collect(),
            ),
            Ty::Bool | Ty::Int | Ty::Float | Ty::Complex | Ty::Np(_) => {
                self.scalar().map_or(Type::Unit, Type::Scalar)
            }
        }
    }
}

/// NumPy's name of a dtype.
pub fn dtype_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::I8 => "int8",
        Scalar::I16 => "int16",
        Scalar::I32 => "int32",
        Scalar::I64 => "int64",
        Scalar::U8 => "uint8",
        Scalar::U16 => "uint16",
        Scalar::U32 => "uint32",
        Scalar::U64 => "uint64",
        Scalar::F16 => "float16",
        Scalar::F32 => "float32",
        Scalar::F64 => "float64",
        Scalar::C64 => "complex64",
        Scalar::C128 => "complex128",
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::None => f.write_str("None"),
            Ty::Bool => f.write_str("bool"),
            Ty::Int => f.write_str("int"),
            Ty::Float => f.write_str("float"),
            Ty::Complex => f.write_str("complex"),
            Ty::Np(scalar) => write!(f, "np.{}", dtype_name(*scalar)),
            Ty::Array(array) => {
                f.write_str(dtype_name(array.elem))?;
                if array.ndim == 0 {
                    return f.write_str("[()]");
                }
                f.write_str("[")?;
                for axis in 0..array.ndim {
                    if axis > 0 {
                        f.write_str(", ")?;
                    }
                    let contiguous = match array.layout {
                        Layout::C => axis + 1 == array.ndim,
                        Layout::F => axis == 0,
                        Layout::Strided => false,
                    };
                    f.write_str(if contiguous { "::1" } else { ":" })?;
                }
                f.write_str("]")
            }
            Ty::Device(array, -1) => write!(f, "{} for the host's regions", Ty::Array(*array)),
            Ty::Device(array, device) => write!(f, "{} on device {device}", Ty::Array(*array)),
            Ty::Tuple(items) => {
                f.write_str("(")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Ty::Never => f.write_str("unknown"),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (i, param) in self.params.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{param}")?;
        }
        f.write_str(")")
    }
}
