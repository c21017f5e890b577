//! Type-based alias information. Elements of arrays alias as C's strict aliasing says: by scalar type, except that one-byte
//! types alias everything and a complex number is two of its parts. Variables never alias elements, nor each other.

use omply_ir::Scalar;

use crate::llvm::{Llvm, Meta, MetaKind, Value};

pub struct Tbaa {
    root: Meta,
    bytes: Meta,
}

impl Tbaa {
    pub fn new(ll: &Llvm) -> Self {
        let root = ll.node(&[ll.meta_text("omply")]);
        Self {
            root,
            bytes: ll.tbaa_type("bytes", root),
        }
    }

    /// Marks an access to an array's element (or a part of a complex one).
    pub fn element(&self, ll: &Llvm, access: Value, scalar: Scalar) {
        let name = match scalar.real_part() {
            Scalar::I16 | Scalar::U16 => "i16",
            Scalar::I32 | Scalar::U32 => "i32",
            Scalar::I64 | Scalar::U64 => "i64",
            Scalar::F16 => "f16",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
            _ => {
                ll.attach(access, MetaKind::Tbaa, ll.tbaa_access(self.bytes));
                return;
            }
        };
        let ty = ll.tbaa_type(name, self.bytes);
        ll.attach(access, MetaKind::Tbaa, ll.tbaa_access(ty));
    }

    /// Marks an access to one variable of one function.
    pub fn variable(&self, ll: &Llvm, access: Value, func: usize, slot: usize) {
        let ty = ll.tbaa_type(&format!("variable {func}.{slot}"), self.root);
        ll.attach(access, MetaKind::Tbaa, ll.tbaa_access(ty));
    }

    /// Marks an access to a region's captures.
    pub fn captures(&self, ll: &Llvm, access: Value) {
        let ty = ll.tbaa_type("captures", self.root);
        ll.attach(access, MetaKind::Tbaa, ll.tbaa_access(ty));
    }
}
