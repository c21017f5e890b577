//! What is stored beside an object in the cache: the result's type, the places that can raise, and the exception
//! classes they name. A small binary form of our own; anything unexpected in it makes the entry unusable, never an
//! error.

use omply_ir::{ArrayType, ErrorKind, Layout, Scalar};
use omply_types::Ty;

/// What a compiled function's caller needs beside its code.
#[derive(Clone, Debug, PartialEq)]
pub struct Artefact {
    pub ret: Ty,
    /// Holds nothing that can take long: no loop, no call, no wait, no operation on a whole array.
    pub brief: bool,
    pub sites: Vec<Place>,
    /// Exception classes by number: module and qualified name.
    pub classes: Vec<(String, String)>,
    /// The IR of the `target` regions, as text; empty without any. Its spans count from their function's `def`.
    pub regions: String,
    /// For each function of that IR: which of the functions compiled together it is from, as in `Place::function`, and where it
    /// begins.
    pub origins: Vec<(u32, u32)>,
}

/// A place in the source that can raise. It does not say where the function stands, so that the entry stays of use
/// when the file moves or grows above it.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub error: ErrorKind,
    pub class: u32,
    pub message: Option<String>,
    /// Which of the functions compiled together, in the order of the transcript.
    pub function: u32,
    /// Lines below the function's `def`.
    pub line: u32,
}

const ERRORS: [ErrorKind; 12] = [
    ErrorKind::Index,
    ErrorKind::ZeroDivision,
    ErrorKind::Value,
    ErrorKind::Overflow,
    ErrorKind::Type,
    ErrorKind::Assertion,
    ErrorKind::Memory,
    ErrorKind::Recursion,
    ErrorKind::UnboundLocal,
    ErrorKind::Runtime,
    ErrorKind::User,
    ErrorKind::Check,
];

impl Artefact {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_type(&mut out, &self.ret);
        out.push(self.brief as u8);
        put_number(&mut out, self.sites.len() as u32);
        for site in &self.sites {
            let error = ERRORS
                .iter()
                .position(|e| *e == site.error)
                .unwrap_or_default();
            out.push(error as u8);
            put_number(&mut out, site.class);
            out.push(site.message.is_some() as u8);
            put_text(&mut out, site.message.as_deref().unwrap_or_default());
            put_number(&mut out, site.function);
            put_number(&mut out, site.line);
        }
        put_number(&mut out, self.classes.len() as u32);
        for (module, name) in &self.classes {
            put_text(&mut out, module);
            put_text(&mut out, name);
        }
        put_text(&mut out, &self.regions);
        put_number(&mut out, self.origins.len() as u32);
        for &(function, start) in &self.origins {
            put_number(&mut out, function);
            put_number(&mut out, start);
        }
        out
    }

    pub fn decode(bytes: &[u8]) -> Option<Artefact> {
        let mut reader = Reader { rest: bytes };
        let ret = reader.ty()?;
        let brief = reader.byte()? == 1;
        let mut sites = Vec::new();
        for _ in 0..reader.number()? {
            let error = *ERRORS.get(reader.byte()? as usize)?;
            let class = reader.number()?;
            let has_message = reader.byte()? == 1;
            let message = reader.text()?;
            sites.push(Place {
                error,
                class,
                message: has_message.then_some(message),
                function: reader.number()?,
                line: reader.number()?,
            });
        }
        let mut classes = Vec::new();
        for _ in 0..reader.number()? {
            classes.push((reader.text()?, reader.text()?));
        }
        let regions = reader.text()?;
        let mut origins = Vec::new();
        for _ in 0..reader.number()? {
            origins.push((reader.number()?, reader.number()?));
        }
        reader.rest.is_empty().then_some(Artefact {
            ret,
            brief,
            sites,
            classes,
            regions,
            origins,
        })
    }
}

fn put_number(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_number(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

fn put_type(out: &mut Vec<u8>, ty: &Ty) {
    match ty {
        Ty::None | Ty::Never => out.push(0),
        Ty::Bool => out.push(1),
        Ty::Int => out.push(2),
        Ty::Float => out.push(3),
        Ty::Complex => out.push(4),
        Ty::Np(scalar) => out.extend([5, *scalar as u8]),
        // Functions return none of those in a device's memory.
        Ty::Array(array) | Ty::Device(array, _) => {
            out.extend([6, array.elem as u8, array.ndim, array.layout as u8])
        }
        Ty::Tuple(items) => {
            out.push(7);
            put_number(out, items.len() as u32);
            for item in items {
                put_type(out, item);
            }
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<String> {
        let len = self.number()? as usize;
        Some(std::str::from_utf8(self.take(len)?).ok()?.to_owned())
    }

    fn scalar(&mut self) -> Option<Scalar> {
        Scalar::ALL.get(self.byte()? as usize).copied()
    }

    fn ty(&mut self) -> Option<Ty> {
        Some(match self.byte()? {
            0 => Ty::None,
            1 => Ty::Bool,
            2 => Ty::Int,
            3 => Ty::Float,
            4 => Ty::Complex,
            5 => Ty::Np(self.scalar()?),
            6 => Ty::Array(ArrayType {
                elem: self.scalar()?,
                ndim: self.byte()?,
                layout: match self.byte()? {
                    0 => Layout::C,
                    1 => Layout::F,
                    _ => Layout::Strided,
                },
            }),
            7 => {
                let count = self.number()?;
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.ty()?);
                }
                Ty::Tuple(items)
            }
            _ => return None,
        })
    }
}
