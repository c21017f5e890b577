//! Prints the text form.

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
            LoopVersion::Only => Ok(()),
            LoopVersion::Fast => f.write_str(" fast"),
            LoopVersion::Checked => f.write_str(" checked"),
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
            Flag("outlined", func.kind == FuncKind::Outlined)
        )?;
        self.span(func.span)?;
        self.out.write_str(" {\n")?;
        for (index, slot) in func.slots.iter().enumerate() {
            write!(self.out, "  slot ${index} {:?}: {}", slot.name, slot.ty)?;
            match &slot.storage {
                Storage::Local => {}
                Storage::Reference => self.out.write_str(" reference")?,
                Storage::Threadprivate { key, init } => {
                    write!(self.out, " threadprivate({key:?}, {init})")?
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

    fn op(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::Const(value) => write!(self.out, "const {value}"),
            Op::Unary { op, a } => write!(self.out, "{} {a}", op.name()),
            Op::Binary { op, a, b, reassoc } => {
                write!(
                    self.out,
                    "{} {a}, {b}{}",
                    op.name(),
                    Flag("reassoc", *reassoc)
                )
            }
            Op::Compare { op, a, b } => write!(self.out, "cmp {} {a}, {b}", op.name()),
            Op::Cast { a } => write!(self.out, "cast {a}"),
            Op::Select { cond, then, els } => write!(self.out, "select {cond}, {then}, {els}"),
            Op::Math {
                func,
                args,
                reassoc,
            } => {
                write!(
                    self.out,
                    "math {}({}){}",
                    func.name(),
                    List(args),
                    Flag("reassoc", *reassoc)
                )
            }
            Op::ComplexNew { re, im } => write!(self.out, "complex {re}, {im}"),
            Op::ComplexPart { a, imag } => {
                write!(self.out, "{} {a}", if *imag { "imag" } else { "real" })
            }
            Op::TupleNew { items } => write!(self.out, "tuple({})", List(items)),
            Op::TupleGet { tuple, index } => write!(self.out, "get {tuple}, {index}"),

            Op::SlotLoad { slot } => write!(self.out, "load {}", self.slot(*slot)),
            Op::SlotStore { slot, value } => {
                write!(self.out, "store {}, {value}", self.slot(*slot))
            }
            Op::Dim { array, axis } => write!(self.out, "dim {array}, {axis}"),
            Op::Load {
                array,
                indices,
                check,
            } => write!(self.out, "load {array}[{}]{check}", List(indices)),
            Op::Store {
                array,
                indices,
                value,
                check,
            } => {
                write!(self.out, "store {array}[{}]{check}, {value}", List(indices))
            }
            Op::View { array, spec, check } => {
                let spec: Vec<String> = spec.iter().map(view_index).collect();
                write!(self.out, "view {array}[{}]{check}", spec.join(", "))
            }
            Op::Alloc { shape, init, site } => {
                write!(self.out, "alloc({}) {} {site}", List(shape), init.name())
            }
            Op::ArrayCopy { dst, src, site } => write!(self.out, "copy {dst}, {src} {site}"),
            Op::ArrayFill { dst, value } => write!(self.out, "fill {dst}, {value}"),
            Op::ArrayCombine { op, dst, src } => {
                write!(self.out, "combine {} {dst}, {src}", op.name())
            }
            Op::ArrayCast { array } => write!(self.out, "arraycast {array}"),

            Op::Break => self.out.write_str("break"),
            Op::Continue => self.out.write_str("continue"),
            Op::Return { value: None } => self.out.write_str("return"),
            Op::Return { value: Some(value) } => write!(self.out, "return {value}"),
            Op::Check { cond, site, args } => {
                write!(self.out, "check {cond} {site}({})", List(args))
            }
            Op::Raise { site, args } => write!(self.out, "raise {site}({})", List(args)),
            Op::Call { func, args } => write!(self.out, "call {func}({})", List(args)),
            Op::Poll => self.out.write_str("poll"),
            Op::Routine { routine, args } => {
                write!(self.out, "routine {}({})", routine.name(), List(args))
            }
            Op::If { .. } | Op::While { .. } | Op::For { .. } => self.control(op),
            _ => self.openmp(op),
        }
    }

    fn control(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::If { cond, then, els } => {
                write!(self.out, "if {cond}")?;
                self.braces(then)?;
                if els.insts.is_empty() {
                    return Ok(());
                }
                self.out.write_str(" else")?;
                self.braces(els)
            }
            Op::While { cond, test, body } => {
                self.out.write_str("while")?;
                self.braces(cond)?;
                write!(self.out, " test {test}")?;
                self.braces(body)
            }
            Op::For {
                iv,
                start,
                stop,
                step,
                body,
                info,
            } => {
                write!(self.out, "for {iv} in {start}, {stop}, {step}{info}")?;
                self.braces(body)
            }
            _ => Err(fmt::Error),
        }
    }

    fn openmp(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::ThreadNum => self.out.write_str("thread_num"),
            Op::TeamSize => self.out.write_str("team_size"),
            Op::Barrier => self.out.write_str("barrier"),
            Op::Flush { order } => write!(self.out, "flush {}", order.name()),
            Op::Single { body } => {
                self.out.write_str("single")?;
                self.braces(body)
            }
            Op::CopyPrivate { executed, slots } => {
                write!(self.out, "copyprivate {executed} ({})", self.slots(slots))
            }
            Op::Critical { name, body } => {
                write!(self.out, "critical {name:?}")?;
                self.braces(body)
            }
            Op::Ordered { body } => {
                self.out.write_str("ordered")?;
                self.braces(body)
            }
            Op::Reduce { items } => {
                self.out.write_str("reduce")?;
                for (index, item) in items.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    let (shared, private) = (self.slot(item.shared), self.slot(item.private));
                    write!(
                        self.out,
                        "{separator} {} {shared} from {private}",
                        item.op.name()
                    )?;
                }
                Ok(())
            }
            Op::AtomicLoad { place, order } => {
                write!(
                    self.out,
                    "atomic_load {} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicStore {
                place,
                value,
                order,
            } => {
                write!(
                    self.out,
                    "atomic_store {}, {value} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicUpdate {
                place,
                op,
                value,
                reversed,
                order,
            } => {
                let reversed = Flag("reversed", *reversed);
                let place = self.place(place);
                write!(
                    self.out,
                    "atomic_update {} {place}, {value}{reversed} {}",
                    op.name(),
                    order.name()
                )
            }
            Op::AtomicExchange {
                place,
                value,
                order,
            } => {
                write!(
                    self.out,
                    "atomic_exchange {}, {value} {}",
                    self.place(place),
                    order.name()
                )
            }
            Op::AtomicCompareExchange {
                place,
                expected,
                desired,
                order,
                weak,
            } => {
                let (place, weak) = (self.place(place), Flag("weak", *weak));
                write!(
                    self.out,
                    "atomic_compare_exchange {place}, {expected}, {desired}{weak} {}",
                    order.name()
                )
            }
            Op::Parallel {
                num_threads,
                if_,
                proc_bind,
                locals,
                body,
            } => {
                self.out.write_str("parallel")?;
                self.fork_clauses(num_threads, if_, *proc_bind)?;
                write!(self.out, " locals({})", self.slots(locals))?;
                self.braces(body)
            }
            Op::Loop(ws) => {
                let Worksharing {
                    dims,
                    schedule,
                    chunk,
                    monotonic: modifier,
                    ordered,
                    info,
                    body,
                } = &**ws;
                self.out.write_str("loop")?;
                for (
                    index,
                    LoopDim {
                        iv,
                        start,
                        stop,
                        step,
                    },
                ) in dims.iter().enumerate()
                {
                    let separator = if index == 0 { "" } else { " *" };
                    write!(self.out, "{separator} {iv} in {start}, {stop}, {step}")?;
                }
                write!(
                    self.out,
                    " {}{}{}",
                    schedule.name(),
                    Clause("chunk", chunk),
                    monotonic(*modifier)
                )?;
                write!(self.out, "{}{info}", Flag("ordered", *ordered))?;
                self.braces(body)
            }
            Op::Fork {
                func,
                captures,
                num_threads,
                if_,
                proc_bind,
            } => {
                let captures: Vec<String> = captures
                    .iter()
                    .map(|c| format!("{} {}", c.by.name(), self.slot(c.slot)))
                    .collect();
                write!(self.out, "fork {func}({})", captures.join(", "))?;
                self.fork_clauses(num_threads, if_, *proc_bind)
            }
            Op::StaticInit { trip, chunk } => {
                write!(self.out, "static_init {trip}{}", Clause("chunk", chunk))
            }
            Op::DispatchInit {
                trip,
                schedule,
                chunk,
                monotonic: modifier,
                ordered,
            } => {
                write!(
                    self.out,
                    "dispatch_init {trip} {}{}",
                    schedule.name(),
                    Clause("chunk", chunk)
                )?;
                write!(
                    self.out,
                    "{}{}",
                    monotonic(*modifier),
                    Flag("ordered", *ordered)
                )
            }
            Op::DispatchNext { ordered } => {
                write!(self.out, "dispatch_next{}", Flag("ordered", *ordered))
            }
            Op::OrderedIterationEnd => self.out.write_str("ordered_iteration_end"),
            Op::DispatchEnd => self.out.write_str("dispatch_end"),
            _ => Err(fmt::Error),
        }
    }

    fn fork_clauses(
        &mut self,
        num_threads: &Option<ValueId>,
        if_: &Option<ValueId>,
        proc_bind: Option<ProcBind>,
    ) -> fmt::Result {
        let proc_bind = proc_bind.map(ProcBind::name);
        write!(
            self.out,
            "{}{}",
            Clause("num_threads", num_threads),
            Clause("if", if_)
        )?;
        write!(self.out, "{}", Clause("proc_bind", &proc_bind))
    }
}

fn view_index(index: &ViewIndex) -> String {
    match index {
        ViewIndex::Index(value) => value.to_string(),
        ViewIndex::Slice { start, stop, step } => {
            let bound =
                |value: &Option<ValueId>| value.map_or(String::new(), |value| value.to_string());
            let step = step.map_or(String::new(), |step| format!(":{step}"));
            format!("{}:{}{step}", bound(start), bound(stop))
        }
        ViewIndex::NewAxis => "newaxis".to_string(),
    }
}
