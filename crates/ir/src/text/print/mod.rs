//! Prints the text form: declarations, ids and lists here, operations in `ops`.

mod ops;

use std::fmt::{self, Display, Write};

use omply_diagnostics::Span;

use crate::ir::*;

impl Display for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_module(f, self, false)
    }
}

/// One function; its calls name functions by index alone.
impl Display for Func {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printer {
            out: f,
            func: self,
            spans: false,
            indent: 0,
        }
        .func(None)
    }
}

/// The text form with the span of every site, function, slot and instruction.
pub fn with_spans(module: &Module) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write_module(&mut out, module, true);
    out
}

fn write_module(out: &mut dyn Write, module: &Module, spans: bool) -> fmt::Result {
    writeln!(out, "module {:?}", module.name)?;
    for (index, site) in module.sites.iter().enumerate() {
        write!(out, "site !{index} {}", site.error.name())?;
        if site.error == ErrorKind::User {
            write!(out, "({})", site.class)?;
        }
        write!(out, " @{:?}", site.function)?;
        if let Some(message) = &site.message {
            write!(out, " {message:?}")?;
        }
        if spans {
            write!(out, " {}", SpanText(site.span))?;
        }
        writeln!(out)?;
    }
    for (index, func) in module.funcs.iter().enumerate() {
        writeln!(out)?;
        Printer {
            out,
            func,
            spans,
            indent: 0,
        }
        .func(Some(index))?;
    }
    if let Some(entry) = module.entry {
        writeln!(out, "\nentry {entry}")?;
    }
    Ok(())
}

struct SpanText(Span);

impl Display for SpanText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}:{}", self.0.start, self.0.end)
    }
}

impl Display for FuncId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

impl Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

impl Display for ValueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

impl Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "!{}", self.0)
    }
}

impl Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unit => f.write_str("unit"),
            Type::Scalar(scalar) => f.write_str(scalar.name()),
            Type::Array(ArrayType { elem, ndim, layout }) => {
                write!(f, "array<{}, {ndim}, {}>", elem.name(), layout.name())
            }
            Type::Tuple(items) => write!(f, "({})", List(items)),
        }
    }
}

impl Display for Const {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.scalar().name())?;
        match self {
            Const::Bool(value) => write!(f, "{value}"),
            Const::Int(_, value) => write!(f, "{value}"),
            Const::Float(_, value) => write!(f, "{value:?}"),
            Const::Complex(_, re, im) => write!(f, "{re:?} {im:?}"),
        }
    }
}

impl Display for IndexCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IndexCheck::Python(site) => write!(f, " check {site}"),
            IndexCheck::None => Ok(()),
            IndexCheck::Wrap => f.write_str(" wrap"),
        }
    }
}

impl Display for DeclareSimd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("declare_simd")?;
        if let Some(simdlen) = self.simdlen {
            write!(f, " simdlen({simdlen})")?;
        }
        match self.inbranch {
            Some(true) => f.write_str(" inbranch")?,
            Some(false) => f.write_str(" notinbranch")?,
            None => {}
        }
        write!(f, "({})", List(&self.params))
    }
}

impl Display for SimdParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SimdParam::Any => f.write_str("any"),
            SimdParam::Uniform => f.write_str("uniform"),
            SimdParam::Linear(step) => write!(f, "linear {step}"),
        }
    }
}

impl Display for LoopInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.simd {
            f.write_str(" simd")?;
        }
        if let Some(simdlen) = self.simdlen {
            write!(f, " simdlen({simdlen})")?;
        }
        if let Some(safelen) = self.safelen {
            write!(f, " safelen({safelen})")?;
        }
        if self.independent {
            f.write_str(" independent")?;
        }
        match self.version {
            LoopVersion::Only => {}
            LoopVersion::Fast => f.write_str(" fast")?,
            LoopVersion::Checked => f.write_str(" checked")?,
        }
        match self.unroll {
            None => Ok(()),
            Some(Unroll::Full) => f.write_str(" unroll full"),
            Some(Unroll::By(factor)) => write!(f, " unroll partial({factor})"),
            Some(Unroll::Compiler) => f.write_str(" unroll"),
        }
    }
}

/// Items with commas between.
struct List<'a, T>(&'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{item}")?;
        }
        Ok(())
    }
}

/// ` word(value)` when there is a value.
struct Clause<'a, T>(&'a str, &'a Option<T>);

impl<T: Display> Display for Clause<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, " {}({value})", self.0),
            None => Ok(()),
        }
    }
}

/// ` word` when the flag is set.
struct Flag(&'static str, bool);

impl Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 {
            write!(f, " {}", self.0)
        } else {
            Ok(())
        }
    }
}

fn monotonic(modifier: Option<bool>) -> Flag {
    let word = if modifier == Some(true) {
        "monotonic"
    } else {
        "nonmonotonic"
    };
    Flag(word, modifier.is_some())
}

struct Printer<'a, 'w> {
    out: &'w mut dyn Write,
    func: &'a Func,
    spans: bool,
    indent: usize,
}

impl Printer<'_, '_> {
    fn func(&mut self, index: Option<usize>) -> fmt::Result {
        let func = self.func;
        self.out.write_str("func ")?;
        if let Some(index) = index {
            write!(self.out, "@{index} ")?;
        }
        write!(
            self.out,
            "{:?}({}) -> {}",
            func.name,
            List(&func.params),
            func.ret
        )?;
        write!(
            self.out,
            "{}",
            match func.kind {
                FuncKind::Normal => "",
                FuncKind::Outlined => " outlined",
                FuncKind::Task => " task",
                FuncKind::Target => " target",
            }
        )?;
        for simd in &func.simd {
            write!(self.out, " {simd}")?;
        }
        self.span(func.span)?;
        self.out.write_str(" {\n")?;
        for (index, slot) in func.slots.iter().enumerate() {
            write!(self.out, "  slot ${index} {:?}: {}", slot.name, slot.ty)?;
            match &slot.storage {
                Storage::Local => {}
                Storage::Reference => self.out.write_str(" reference")?,
                Storage::Team => self.out.write_str(" team")?,
                Storage::Threadprivate { key, init } => {
                    write!(self.out, " threadprivate({key:?}, {init})")?
                }
                Storage::Groupprivate { key, init } => {
                    write!(self.out, " groupprivate({key:?}, {init})")?
                }
            }
            self.span(slot.span)?;
            self.out.write_char('\n')?;
        }
        self.lines(&func.body)?;
        self.out.write_str("}\n")
    }

    fn span(&mut self, span: Span) -> fmt::Result {
        if self.spans {
            write!(self.out, " {}", SpanText(span))
        } else {
            Ok(())
        }
    }

    fn lines(&mut self, block: &Block) -> fmt::Result {
        self.indent += 1;
        for inst in &block.insts {
            write!(self.out, "{:1$}", "", self.indent * 2)?;
            for (index, &result) in inst.results.iter().enumerate() {
                let separator = if index == 0 { "" } else { ", " };
                let ty = self.func.values.get(result.index()).unwrap_or(&Type::Unit);
                write!(self.out, "{separator}{result}: {ty}")?;
            }
            if !inst.results.is_empty() {
                self.out.write_str(" = ")?;
            }
            self.op(&inst.op)?;
            self.span(inst.span)?;
            self.out.write_char('\n')?;
        }
        self.indent -= 1;
        Ok(())
    }

    /// ` { ... }` with the closing brace at the instruction's own indentation.
    fn braces(&mut self, block: &Block) -> fmt::Result {
        self.out.write_str(" {\n")?;
        self.lines(block)?;
        write!(self.out, "{:1$}}}", "", self.indent * 2)
    }

    /// A slot with its name, when that reads as an identifier.
    fn slot(&self, slot: SlotId) -> String {
        let name = self
            .func
            .slots
            .get(slot.index())
            .map_or("", |slot| slot.name.as_str());
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain && !name.is_empty() {
            format!("{slot}.{name}")
        } else {
            slot.to_string()
        }
    }

    fn slots(&self, slots: &[SlotId]) -> String {
        let slots: Vec<String> = slots.iter().map(|&slot| self.slot(slot)).collect();
        slots.join(", ")
    }

    fn place(&self, place: &Place) -> String {
        match place {
            Place::Slot(slot) => self.slot(*slot),
            Place::Element {
                array,
                indices,
                check,
            } => format!("{array}[{}]{check}", List(indices)),
        }
    }
}
