//! HIR and facts as plain Python objects, for the rewriter (`omply/_rewrite/facts.py` names and explains the fields).
//! Places are (line, column, end line, end column) as CPython's `ast` counts them: lines from 1, columns in bytes of
//! UTF-8 from 0.

use crate::function::Analysis;
use omply_analysis::facts::*;
use omply_diagnostics::{SourceFile, Span};
use omply_directive::{ClauseArgs, Directive, ExprText, LeafArgument, ListItem, SplitCount};
use omply_syntax::hir::{
    self, DeclaredKind, DeclaredOperator, DirectiveForm, DirectiveStmt, Expr, ExprId, Function,
    NameRef, OwnExpr, Stmt, StmtId, StmtKind, Target, VarKind,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::collections::HashMap;

type Object<'py> = Bound<'py, PyAny>;

/// What has to be looked up while facts are converted.
pub(super) struct Context<'a, 'py> {
    pub(super) py: Python<'py>,
    func: &'a Function,
    file: &'a SourceFile,
    stmts: HashMap<StmtId, Span>,
    directives: HashMap<u32, (&'a DirectiveStmt, Span)>,
    /// The text of clause expressions.
    texts: HashMap<ExprId, &'a ExprText>,
}

/// The facts of a function as a dict.
#[pyfunction]
fn facts<'py>(py: Python<'py>, analysis: &Analysis) -> PyResult<Bound<'py, PyDict>> {
    analysis.check_python_mode(py)?;
    let func = &*analysis.func;
    let mut context = Context {
        py,
        func,
        file: &analysis.file,
        stmts: HashMap::new(),
        directives: HashMap::new(),
        texts: HashMap::new(),
    };
    context.index(&func.body);
    let directives = PyList::empty(py);
    for facts in &analysis.facts.directives {
        directives.append(context.directive(facts)?)?;
    }
    let threadprivate = func
        .globals
        .iter()
        .filter(|g| g.threadprivate)
        .map(|g| g.name.as_str());
    let dict = PyDict::new(py);
    dict.set_item("name", &func.name)?;
    dict.set_item("place", context.place(func.span))?;
    dict.set_item(
        "text",
        &context.file.text[func.span.start as usize..func.span.end as usize],
    )?;
    dict.set_item("threadprivate", threadprivate.collect::<Vec<_>>())?;
    let declared = analysis.facts.simd.iter();
    let declared: Vec<_> = declared
        .map(|simd| {
            (
                context.line_and_column(simd.span.start).0,
                context.inert(&simd.inert),
            )
        })
        .collect();
    dict.set_item("simd", declared)?;
    let groupprivate = func.globals.iter().filter(|g| g.groupprivate);
    let groupprivate: Vec<_> = groupprivate.map(|g| g.name.as_str()).collect();
    dict.set_item("groupprivate", groupprivate)?;
    let declared = PyList::empty(py);
    for operator in &func.declared {
        declared.append(context.declared(operator)?)?;
    }
    dict.set_item("declared", declared)?;
    dict.set_item("directives", directives)?;
    Ok(dict)
}

impl<'a, 'py> Context<'a, 'py> {
    /// Notes where statements and directives stand, nested ones included.
    fn index(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            self.stmts.insert(stmt.id, stmt.span);
            match &stmt.kind {
                StmtKind::If { body, orelse, .. }
                | StmtKind::While { body, orelse, .. }
                | StmtKind::For { body, orelse, .. } => {
                    self.index(body);
                    self.index(orelse);
                }
                StmtKind::Directive(directive) => {
                    self.directives
                        .insert(directive.id.0, (directive, stmt.span));
                    self.index_texts(directive);
                    self.index(&directive.body);
                }
                StmtKind::Other { bodies, .. } => {
                    for body in bodies {
                        self.index(body);
                    }
                }
                _ => {}
            }
        }
    }

    fn index_texts(&mut self, stmt: &'a DirectiveStmt) {
        for text in texts(&stmt.directive) {
            if let Some(expr) = stmt.exprs.get(&text.span.start) {
                self.texts.insert(expr.id, text);
            }
        }
    }

    /// An operator that the program declares: its name, where it stands, and its expressions.
    fn declared(&self, operator: &DeclaredOperator) -> PyResult<Bound<'py, PyDict>> {
        let text = |own: &OwnExpr| {
            let (line, column) = self.line_and_column(own.text.span.start);
            (own.text.text.clone(), line, column)
        };
        let (kind, first, second) = match &operator.kind {
            DeclaredKind::Reduction {
                combiner,
                initializer,
            } => ("reduction", text(combiner), initializer.as_ref().map(text)),
            DeclaredKind::Induction {
                inductor,
                collector,
            } => ("induction", text(inductor), Some(text(collector))),
        };
        let dict = PyDict::new(self.py);
        dict.set_item("kind", kind)?;
        dict.set_item("name", &operator.name)?;
        dict.set_item("in_module", operator.in_module)?;
        dict.set_item("types", operator.types.iter().map(text).collect::<Vec<_>>())?;
        dict.set_item("first", first)?;
        dict.set_item("second", second)?;
        Ok(dict)
    }

    /// Clauses without effect: text, line, column, reason.
    fn inert<'s>(&'s self, clauses: &'s [(Span, String)]) -> Vec<(&'s str, u32, u32, &'s str)> {
        let one = |(span, reason): &'s (Span, String)| {
            let range = span.start as usize..span.end as usize;
            let (line, column) = self.line_and_column(span.start);
            (&self.file.text[range], line, column, reason.as_str())
        };
        clauses.iter().map(one).collect()
    }

    fn line_and_column(&self, offset: u32) -> (u32, u32) {
        let before = &self.file.text.as_bytes()[..offset as usize];
        let start = before
            .iter()
            .rposition(|&b| b == b'\n')
            .map_or(0, |i| i + 1);
        (self.file.position(offset).line, offset - start as u32)
    }

    fn place(&self, span: Span) -> (u32, u32, u32, u32) {
        let (line, column) = self.line_and_column(span.start);
        let (end_line, end_column) = self.line_and_column(span.end);
        (line, column, end_line, end_column)
    }

    fn name(&self, name: NameRef) -> &'a str {
        self.func.name_of(name)
    }

    /// A clause's expression: its text, and where it stands.
    pub(super) fn expr(&self, expr: &Expr) -> PyResult<Object<'py>> {
        let (text, span) = match self.texts.get(&expr.id) {
            Some(text) => return self.text(text),
            None => {
                let range = expr.span.start as usize..expr.span.end as usize;
                (&self.file.text[range], expr.span)
            }
        };
        let (line, column) = self.line_and_column(span.start);
        Ok((text, line, column).into_pyobject(self.py)?.into_any())
    }

    fn text(&self, text: &ExprText) -> PyResult<Object<'py>> {
        let (line, column) = self.line_and_column(text.span.start);
        Ok((text.text.as_str(), line, column)
            .into_pyobject(self.py)?
            .into_any())
    }

    fn optional(&self, expr: &Option<Expr>) -> PyResult<Option<Object<'py>>> {
        expr.as_ref().map(|expr| self.expr(expr)).transpose()
    }

    fn directive(&self, facts: &DirectiveFacts) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        dict.set_item("id", facts.id.0)?;
        dict.set_item("parent", facts.parent.map(|p| p.0))?;
        if let Some((stmt, span)) = self.directives.get(&facts.id.0) {
            dict.set_item("name", &stmt.directive.name)?;
            dict.set_item("place", self.place(*span))?;
            dict.set_item("head", self.place(stmt.head_span))?;
            dict.set_item("block", stmt.form == DirectiveForm::Block)?;
            let binds: Vec<_> = stmt.binds.iter().map(|name| self.name(*name)).collect();
            dict.set_item("binds", binds)?;
            let when: PyResult<Vec<_>> = stmt.when.iter().map(|text| self.text(text)).collect();
            dict.set_item("when", when?)?;
        }
        dict.set_item(
            "locals",
            facts
                .locals
                .iter()
                .map(|n| self.name(*n))
                .collect::<Vec<_>>(),
        )?;
        let regions = PyList::empty(self.py);
        for region in &facts.regions {
            regions.append(self.region(region)?)?;
        }
        dict.set_item("regions", regions)?;
        let nest = match &facts.nest {
            Some(nest) => {
                let loops: PyResult<Vec<_>> = nest.loops.iter().map(|l| self.loop_(l)).collect();
                Some(loops?)
            }
            None => None,
        };
        dict.set_item("nest", nest)?;
        let generated = facts.nest.as_ref().and_then(|nest| nest.generated.as_ref());
        let generated = generated
            .map(|generated| self.generated(generated))
            .transpose()?;
        dict.set_item("generated", generated)?;
        Ok(dict)
    }

    fn loop_(&self, canonical: &CanonicalLoop) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        let span = self
            .stmts
            .get(&canonical.stmt)
            .copied()
            .unwrap_or(canonical.span);
        dict.set_item("place", self.place(span))?;
        dict.set_item("space", self.space(&canonical.iter)?)?;
        Ok(dict)
    }

    pub(super) fn stmt_place(&self, stmt: StmtId) -> Option<(u32, u32, u32, u32)> {
        self.stmts.get(&stmt).map(|span| self.place(*span))
    }

    fn space(&self, space: &IterSpace) -> PyResult<Bound<'py, PyTuple>> {
        let items: Vec<Object<'py>> = match space {
            IterSpace::Range { .. } => vec![self.word("range")?],
            IterSpace::Sequence(_) => vec![self.word("sequence")?],
            IterSpace::Iterable(_) => vec![self.word("iterable")?],
            IterSpace::Reversed(inner) => {
                vec![self.word("reversed")?, self.space(inner)?.into_any()]
            }
            IterSpace::Enumerate { iter, .. } => {
                vec![self.word("enumerate")?, self.space(iter)?.into_any()]
            }
            IterSpace::Zip(parts) => {
                let mut items = vec![self.word("zip")?];
                for part in parts {
                    items.push(self.space(part)?.into_any());
                }
                items
            }
        };
        PyTuple::new(self.py, items)
    }

    pub(super) fn word(&self, word: &str) -> PyResult<Object<'py>> {
        Ok(word.into_pyobject(self.py)?.into_any())
    }

    fn names(&self, list: &[(NameRef, Span)]) -> Vec<&'a str> {
        list.iter().map(|(name, _)| self.name(*name)).collect()
    }

    fn region(&self, region: &Region) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        dict.set_item("leaf", region.leaf.name())?;
        let vars = PyList::empty(self.py);
        for var in &region.vars {
            vars.append(self.var(var)?)?;
        }
        dict.set_item("vars", vars)?;
        dict.set_item("if_", self.optional(&region.if_)?)?;
        let threads: PyResult<Vec<_>> = region.num_threads.iter().map(|e| self.expr(e)).collect();
        dict.set_item("num_threads", threads?)?;
        dict.set_item("strict", region.num_threads_strict)?;
        dict.set_item(
            "proc_bind",
            region.proc_bind.map(|bind| match bind {
                ProcBind::Primary => "primary",
                ProcBind::Close => "close",
                ProcBind::Spread => "spread",
            }),
        )?;
        dict.set_item(
            "schedule",
            region.schedule.as_ref().map(|s| schedule_name(s.kind)),
        )?;
        let chunk = region.schedule.as_ref().and_then(|s| s.chunk.as_ref());
        dict.set_item("chunk", chunk.map(|e| self.expr(e)).transpose()?)?;
        dict.set_item("collapse", region.collapse)?;
        dict.set_item("ordered", region.ordered)?;
        dict.set_item("nowait", self.switch(&region.nowait)?)?;
        dict.set_item("copyin", self.names(&region.copyin))?;
        dict.set_item("copyprivate", self.names(&region.copyprivate))?;
        dict.set_item("filter", self.optional(&region.filter)?)?;
        let num_teams = match &region.num_teams {
            Some((lower, upper)) => Some((self.optional(lower)?, self.expr(upper)?)),
            None => None,
        };
        dict.set_item("num_teams", num_teams)?;
        dict.set_item("thread_limit", self.optional(&region.thread_limit)?)?;
        dict.set_item("dist_chunk", self.optional(&region.dist_chunk)?)?;
        dict.set_item("doacross", self.doacross(region)?)?;
        dict.set_item("cancel", region.cancel.map(|kind| kind.name()))?;
        dict.set_item("bind", region.bind.map(|bind| bind.name()))?;
        dict.set_item("name", &region.name)?;
        dict.set_item("final", self.optional(&region.final_)?)?;
        let detach = region.detach.map(|(name, _)| self.name(name));
        dict.set_item("detach", detach)?;
        dict.set_item(
            "transparent",
            match &region.transparent {
                Transparent::No => self.switch(&Nowait::No)?,
                Transparent::Both => self.switch(&Nowait::Yes)?,
                Transparent::As(expr) => self.expr(expr)?,
            },
        )?;
        dict.set_item("priority", self.optional(&region.priority)?)?;
        let count = |count: &Option<TaskCount>| -> PyResult<_> {
            let Some(TaskCount { expr, strict }) = count else {
                return Ok(None);
            };
            Ok(Some((self.expr(expr)?, *strict)))
        };
        dict.set_item("grainsize", count(&region.grainsize)?)?;
        dict.set_item("num_tasks", count(&region.num_tasks)?)?;
        dict.set_item("nogroup", self.switch(&region.nogroup)?)?;
        let depends: PyResult<Vec<_>> = region.depends.iter().map(|d| self.depend(d)).collect();
        dict.set_item("depends", depends?)?;
        dict.set_item("depobj", self.depobj(region)?)?;
        dict.set_item("graph_id", self.optional(&region.graph_id)?)?;
        dict.set_item("graph_reset", self.optional(&region.graph_reset)?)?;
        dict.set_item("task_reductions", self.names(&region.task_reductions))?;
        dict.set_item("saved", self.names(&region.saved))?;
        dict.set_item("device", self.optional(&region.device)?)?;
        let maps: Vec<_> = region.maps.iter().map(map_words).collect();
        dict.set_item("maps", maps)?;
        let atomic = region.atomic.as_ref().map(|a| self.atomic(a)).transpose()?;
        dict.set_item("atomic", atomic)?;
        let allocate = match &region.allocate {
            Some((items, allocate)) => Some((self.names(items), self.allocate(allocate)?)),
            None => None,
        };
        dict.set_item("allocate", allocate)?;
        dict.set_item("inert", self.inert(&region.inert))?;
        let switches = PyDict::new(self.py);
        switches.set_item("novariants", self.optional(&region.novariants)?)?;
        switches.set_item("nocontext", self.optional(&region.nocontext)?)?;
        dict.set_item("switches", switches)?;
        dict.set_item("interop", self.names(&region.interop))?;
        dict.set_item("interop_actions", self.interop_actions(region))?;
        dict.set_item("message", self.optional(&region.message)?)?;
        dict.set_item("warns", region.warns)?;
        dict.set_item("at_execution", region.at_execution)?;
        Ok(dict)
    }

    /// The verb, the object, and what an object is made for.
    fn interop_actions(&self, region: &Region) -> Vec<(&'static str, String, i64, i64)> {
        let actions = region.interop_actions.iter();
        actions
            .map(|action| {
                let name = self.func.name_of(action.object).to_owned();
                match action.what {
                    InteropWhat::Init { types, prefer } => ("init", name, types, prefer),
                    InteropWhat::Use => ("use", name, 0, 0),
                    InteropWhat::Destroy => ("destroy", name, 0, 0),
                }
            })
            .collect()
    }

    /// Allocator and alignment.
    fn allocate(&self, allocate: &Allocate) -> PyResult<[Option<Object<'py>>; 2]> {
        let Allocate { allocator, align } = allocate;
        Ok([self.optional(allocator)?, self.optional(align)?])
    }

    /// A clause that an expression may switch.
    fn switch(&self, switch: &Nowait) -> PyResult<Object<'py>> {
        Ok(match switch {
            Nowait::No => false.into_pyobject(self.py)?.to_owned().into_any(),
            Nowait::Yes => true.into_pyobject(self.py)?.to_owned().into_any(),
            Nowait::If(expr) => self.expr(expr)?,
        })
    }

    /// The type of a `depend` clause, what it lists, and its iterators: name, start, stop and step.
    fn depend(&self, depend: &Depend) -> PyResult<Bound<'py, PyTuple>> {
        let items = depend.items.iter().map(|item| self.depend_item(item));
        let iterators = depend.iterators.iter().map(|one| {
            let name = &self.func.vars[one.var.index()].name;
            let bounds = (self.expr(&one.start)?, self.expr(&one.stop)?);
            Ok((name, bounds.0, bounds.1, self.optional(&one.step)?))
        });
        let items = items.collect::<PyResult<Vec<_>>>()?;
        let iterators = iterators.collect::<PyResult<Vec<_>>>()?;
        (depend.kind.name(), items, iterators).into_pyobject(self.py)
    }

    fn depend_item(&self, item: &DependItem) -> PyResult<Bound<'py, PyTuple>> {
        let parts = match item {
            DependItem::Name(name, _) => vec![
                self.word("name")?,
                self.word(self.name(*name))?,
                self.word(self.scope(*name))?,
            ],
            DependItem::Part(expr) => vec![self.word("part")?, self.expr(expr)?],
            DependItem::AllMemory(_) => vec![self.word("all")?],
        };
        PyTuple::new(self.py, parts)
    }

    /// The object of a `depobj`, what is done to it, and with what.
    fn depobj(&self, region: &Region) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(Depobj { object, action }) = &region.depobj else {
            return Ok(None);
        };
        let object = self.depend_item(object)?;
        let made = match action {
            DepobjAction::Init(depend) => {
                (object, "init", self.depend(depend)?).into_pyobject(self.py)
            }
            DepobjAction::Update(kind) => (object, "update", kind.name()).into_pyobject(self.py),
            DepobjAction::Destroy => (object, "destroy").into_pyobject(self.py),
        };
        made.map(Some)
    }

    /// ("source",), ("previous",) or ("sink", pairs of a loop variable and what is added to it).
    fn doacross(&self, region: &Region) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let Some(doacross) = &region.doacross else {
            return Ok(None);
        };
        Ok(Some(match doacross {
            Doacross::Source => ("source",).into_pyobject(self.py)?,
            Doacross::Previous => ("previous",).into_pyobject(self.py)?,
            Doacross::Sink(steps) => {
                let steps = steps
                    .iter()
                    .map(|(name, offset)| Ok((self.name(*name), self.optional(offset)?)))
                    .collect::<PyResult<Vec<_>>>()?;
                ("sink", steps).into_pyobject(self.py)?
            }
        }))
    }

    fn var(&self, var: &VarFact) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        let (mut op, mut modifier, mut conditional, mut first, mut step) =
            (None, None, false, false, None);
        let mut everyone = false;
        let sharing = match &var.sharing {
            Sharing::Shared => "shared",
            Sharing::Private => "private",
            Sharing::Firstprivate => "firstprivate",
            Sharing::Lastprivate {
                conditional: c,
                first: f,
            } => {
                (conditional, first) = (*c, *f);
                "lastprivate"
            }
            Sharing::Reduction {
                op: o,
                modifier: m,
                original_private,
            } => {
                everyone = *original_private;
                op = Some(o.name(self.func));
                modifier = match m {
                    ReductionModifier::Default => None,
                    ReductionModifier::Inscan => Some("inscan"),
                    ReductionModifier::Task => Some("task"),
                };
                "reduction"
            }
            Sharing::Linear { step: s } => {
                step = *s;
                "linear"
            }
            Sharing::Induction { op: o } => {
                op = Some(o.name(self.func));
                "induction"
            }
            Sharing::Threadprivate => "threadprivate",
        };
        dict.set_item("name", self.name(var.name))?;
        dict.set_item("scope", self.scope(var.name))?;
        dict.set_item("sharing", sharing)?;
        dict.set_item(
            "origin",
            match var.origin {
                Origin::Explicit => "explicit",
                Origin::Predetermined => "predetermined",
                Origin::Implicit => "implicit",
            },
        )?;
        dict.set_item("op", op)?;
        dict.set_item("section", self.optional(&var.section)?)?;
        dict.set_item("modifier", modifier)?;
        dict.set_item("conditional", conditional)?;
        dict.set_item("first", first)?;
        dict.set_item("everyone", everyone)?;
        dict.set_item("step", step)?;
        dict.set_item("step_expression", self.optional(&var.step)?)?;
        let of_kind = var.of_kind.as_ref().map(|kind| {
            let sharing = match kind.sharing {
                None => "none",
                Some(Sharing::Private) => "private",
                Some(Sharing::Firstprivate) => "firstprivate",
                Some(_) => "shared",
            };
            (kind.category.name(), sharing)
        });
        dict.set_item("of_kind", of_kind)?;
        let allocate = var.allocate.as_ref();
        dict.set_item("allocate", allocate.map(|a| self.allocate(a)).transpose()?)?;
        dict.set_item("read", var.read_inside)?;
        dict.set_item("written", var.written_inside)?;
        dict.set_item("read_after", var.read_after)?;
        Ok(dict)
    }

    /// Where a name lives: "param", "local", "nonlocal", "global" (bound here), "free" or "module" (only read).
    fn scope(&self, name: NameRef) -> &'static str {
        match name {
            NameRef::Var(var) => match self.func.vars[var.index()].kind {
                VarKind::Param => "param",
                VarKind::Local | VarKind::Operand | VarKind::Iterator => "local",
                VarKind::DeclaredNonlocal => "nonlocal",
                VarKind::DeclaredGlobal => "global",
            },
            NameRef::Global(global) => match self.func.globals[global.index()].kind {
                hir::GlobalKind::Free => "free",
                hir::GlobalKind::Module => "module",
            },
        }
    }

    /// The places of an atomic's location and of the expressions that are evaluated before it.
    fn atomic(&self, atomic: &Atomic) -> PyResult<Bound<'py, PyDict>> {
        let place = |target: &Target| self.place(target.span());
        let (kind, location, values) = match &atomic.kind {
            AtomicKind::Read { x, .. } => ("read", self.place(x.span), vec![]),
            AtomicKind::Write { x, e } => ("write", place(x), vec![e]),
            AtomicKind::Update(update) => ("update", place(&update.x), vec![&update.e]),
            AtomicKind::Capture { update, .. } => ("capture", place(&update.x), vec![&update.e]),
            AtomicKind::Exchange { x, e, .. } => ("exchange", place(x), vec![e]),
            AtomicKind::Compare {
                x,
                expected,
                desired,
                ..
            } => ("compare", place(x), vec![expected, desired]),
        };
        let dict = PyDict::new(self.py);
        dict.set_item("kind", kind)?;
        dict.set_item("location", location)?;
        dict.set_item(
            "values",
            values
                .iter()
                .map(|e| self.place(e.span))
                .collect::<Vec<_>>(),
        )?;
        Ok(dict)
    }
}

/// A list item of a clause about devices' memory: clause, item, map type with modifiers, whether it is implied.
fn map_words(map: &Map) -> (&'static str, &str, String, bool) {
    let modifiers = map.modifiers.iter().map(|modifier| modifier.name());
    let kind = map.kind.map(|kind| kind.name());
    let words: Vec<&str> = modifiers.chain(kind).collect();
    (map.clause.name(), &map.text, words.join(" "), map.implied)
}

fn schedule_name(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Static => "static",
        ScheduleKind::Dynamic => "dynamic",
        ScheduleKind::Guided => "guided",
        ScheduleKind::Auto => "auto",
        ScheduleKind::Runtime => "runtime",
    }
}

/// The expressions in the clauses that python mode evaluates.
fn texts(directive: &Directive) -> Vec<&ExprText> {
    let clauses = directive.leaves.iter().flat_map(|leaf| &leaf.clauses);
    let texts = clauses.flat_map(|clause| match &clause.args {
        ClauseArgs::Expr(text) | ClauseArgs::Flag(Some(text)) => vec![text],
        ClauseArgs::OptionalExpr(Some(text)) => vec![text],
        ClauseArgs::Strict { value, .. } => vec![value],
        ClauseArgs::NumThreads { counts, .. } => counts.iter().collect(),
        ClauseArgs::NumTeams { lower, upper } => lower.iter().chain([upper]).collect(),
        ClauseArgs::Doacross(omply_directive::Doacross::Sink(steps)) => steps
            .iter()
            .filter_map(|step| step.offset.as_ref())
            .collect(),
        ClauseArgs::DistSchedule { chunk } => chunk.iter().collect(),
        ClauseArgs::Sizes { sizes, .. } => sizes.iter().collect(),
        ClauseArgs::Counts(counts) => counts
            .iter()
            .filter_map(|count| match count {
                SplitCount::Count(text) => Some(text),
                SplitCount::Fill(_) => None,
            })
            .collect(),
        ClauseArgs::Apply { directives, .. } => directives.iter().flat_map(texts).collect(),
        ClauseArgs::Linear { step, .. } => step.iter().collect(),
        ClauseArgs::Allocate {
            allocator, align, ..
        } => allocator.iter().chain(align).collect(),
        ClauseArgs::Induction(induction) => vec![&induction.step],
        ClauseArgs::Schedule {
            chunk: Some(text), ..
        } => vec![text],
        ClauseArgs::Depend {
            items, iterators, ..
        } => {
            let bounds = iterators.iter().flat_map(|one| {
                let step = one.step.iter();
                [&one.start, &one.stop].into_iter().chain(step)
            });
            items.iter().filter_map(locator).chain(bounds).collect()
        }
        ClauseArgs::Init(init) => {
            let what = init.depend.iter().map(|(_, item)| item);
            what.chain([&init.object]).filter_map(locator).collect()
        }
        ClauseArgs::DepobjUpdate { object, .. } => object.iter().filter_map(locator).collect(),
        ClauseArgs::Items(items) if clause.kind == ClauseKind::Destroy => {
            items.iter().filter_map(locator).collect()
        }
        ClauseArgs::Item(item) if clause.kind == ClauseKind::Destroy => {
            locator(item).into_iter().collect()
        }
        _ => vec![],
    });
    let objects = directive
        .leaves
        .iter()
        .filter_map(|leaf| match &leaf.argument {
            LeafArgument::Locator(item) => locator(item),
            _ => None,
        });
    texts.chain(objects).collect()
}

fn locator(item: &ListItem) -> Option<&ExprText> {
    match item {
        ListItem::Locator(locator) => Some(&locator.expr),
        _ => None,
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(facts, m)?)
}
