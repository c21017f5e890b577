//! Converts a function: its signature, its variables, and the directives around it. `Lowering` holds what the conversion of
//! statements, expressions and directives shares.

use super::bindings::{Binding, Bindings};
use super::declared;
use super::directive;
use super::find::Found;
use super::meta;
use super::scope::{Resolved, Scopes};
use super::span;
use crate::hir::*;
use crate::{ParsedFunction, Request};
use omply_diagnostics::{Code, Diagnostic, Span};
use omply_directive::SpanMap;
use omply_directive::context::Context;
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

pub(super) struct Lowering<'a> {
    pub source: &'a str,
    pub request: &'a Request,
    pub bindings: Bindings<'a>,
    /// The scopes around the function.
    pub scopes: Scopes<'a>,
    pub vars: Vec<Var>,
    pub globals: Vec<Global>,
    pub names: FxHashMap<String, NameRef>,
    /// While the expressions of a declaration at the module's top are read: none of the function's names is meant.
    pub in_module: bool,
    exprs: u32,
    stmts: u32,
    pub directives: u32,
    /// While the text of a clause is read: where its bytes stand in the file.
    pub map: Option<SpanMap>,
    /// What the expressions being read are for.
    pub used_in: UsedIn,
    /// Loops around the statement being read.
    pub loops: u32,
    /// The constructs around the statement being read, and what the file requires.
    pub context: Context,
    pub diagnostics: Vec<Diagnostic>,
}

pub(super) fn convert(
    source: &str,
    module: &[ast::Stmt],
    found: Found<'_>,
    request: &Request,
) -> (ParsedFunction, Vec<Diagnostic>) {
    let def = found.def;
    let mut lowering = Lowering {
        source,
        request,
        bindings: Bindings::of_function(&def.parameters, &def.body),
        scopes: found.scopes,
        vars: Vec::new(),
        globals: Vec::new(),
        names: FxHashMap::default(),
        in_module: false,
        exprs: 0,
        stmts: 0,
        directives: 0,
        map: None,
        used_in: UsedIn::Signature,
        loops: 0,
        context: Context::default(),
        diagnostics: Vec::new(),
    };
    lowering.declare(&def.parameters);
    let params = lowering.params(&def.parameters);
    let returns = def.returns.as_deref().map(|returns| lowering.expr(returns));
    lowering.used_in = UsedIn::Code;
    let declarations = directive::module_declarations(&mut lowering, module);
    let decorators = directive::decorators(&mut lowering, def);
    lowering.context = meta::context(&declarations, &decorators);
    let body = lowering.block(&def.body);
    directive::mark_threadprivate(&mut lowering, &declarations, &body);
    let declared = declared::operators(&mut lowering, &declarations, &body);

    let (mut errors, warnings): (Vec<_>, Vec<_>) = lowering
        .diagnostics
        .into_iter()
        .partition(Diagnostic::is_error);
    errors.sort_by_key(|diagnostic| diagnostic.primary.span);
    let function = Function {
        name: def.name.to_string(),
        span: Span::new(def_start(source, def), def.end().into()),
        name_span: span(def.name.range()),
        params,
        vars: lowering.vars,
        globals: lowering.globals,
        declared,
        body,
        returns,
        is_async: def.is_async,
        is_generator: lowering.bindings.has_yield,
        exprs: lowering.exprs,
        stmts: lowering.stmts,
        directives: lowering.directives,
        requirements: lowering.context.requirements,
    };
    (
        ParsedFunction {
            function,
            decorators,
            declarations,
            warnings,
        },
        errors,
    )
}

/// Where `def`, or `async def`, starts: after the decorators and the comments and blank lines that follow them.
fn def_start(source: &str, def: &ast::StmtFunctionDef) -> u32 {
    let Some(last) = def.decorator_list.last() else {
        return def.start().into();
    };
    let bytes = source.as_bytes();
    let mut at = last.end().to_usize();
    while at < def.name.start().to_usize() {
        match bytes[at] {
            b'#' => {
                while bytes[at] != b'\n' && bytes[at] != b'\r' {
                    at += 1;
                }
            }
            b' ' | b'\t' | b'\x0c' | b'\r' | b'\n' => at += 1,
            _ => break,
        }
    }
    at as u32
}

impl<'a> Lowering<'a> {
    /// Makes the function's variables: parameters first, then the names its statements bind.
    fn declare(&mut self, parameters: &'a ast::Parameters) {
        let mut seen: FxHashMap<&str, TextRange> = FxHashMap::default();
        for parameter in parameters.iter() {
            let name = parameter.name();
            if let Some(first) = seen.insert(name.as_str(), name.range()) {
                let message = format!("invalid Python: two parameters are named `{name}`");
                self.diagnostics.push(
                    Diagnostic::error(Code::PythonSyntax, span(name.range()), message)
                        .secondary(span(first), "the first one"),
                );
            }
        }
        for (name, range) in self.bindings.bound() {
            let kind = match self.bindings.get(name) {
                Some(Binding::Global) => VarKind::DeclaredGlobal,
                Some(Binding::Nonlocal) => VarKind::DeclaredNonlocal,
                _ if seen.contains_key(name) => VarKind::Param,
                _ => VarKind::Local,
            };
            self.names
                .insert(name.to_owned(), NameRef::Var(VarId(self.vars.len() as u32)));
            self.vars.push(Var {
                name: name.to_owned(),
                kind,
                span: span(range),
                in_inner_scope: false,
                threadprivate: false,
                groupprivate: false,
            });
        }
    }

    fn params(&mut self, parameters: &'a ast::Parameters) -> Vec<Param> {
        let mut params = Vec::new();
        let groups = [
            (&parameters.posonlyargs, ParamKind::PositionalOnly),
            (&parameters.args, ParamKind::PositionalOrKeyword),
        ];
        for (group, kind) in groups {
            for parameter in group {
                params.extend(self.param(&parameter.parameter, kind, parameter.default()));
            }
        }
        if let Some(parameter) = &parameters.vararg {
            params.extend(self.param(parameter, ParamKind::VarArgs, None));
        }
        for parameter in &parameters.kwonlyargs {
            params.extend(self.param(
                &parameter.parameter,
                ParamKind::KeywordOnly,
                parameter.default(),
            ));
        }
        if let Some(parameter) = &parameters.kwarg {
            params.extend(self.param(parameter, ParamKind::VarKeywords, None));
        }
        params
    }

    fn param(
        &mut self,
        parameter: &ast::Parameter,
        kind: ParamKind,
        default: Option<&ast::Expr>,
    ) -> Option<Param> {
        let NameRef::Var(var) = self.names.get(parameter.name.as_str()).copied()? else {
            return None;
        };
        Some(Param {
            var,
            kind,
            default: default.map(|default| self.expr(default)),
            annotation: parameter
                .annotation()
                .map(|annotation| self.expr(annotation)),
            span: span(parameter.range()),
        })
    }

    /// The file's range for a range of the text being read.
    pub fn span(&self, range: TextRange) -> Span {
        match &self.map {
            Some(map) => map.span(range.start().into(), range.end().into()),
            None => span(range),
        }
    }

    pub fn new_expr(&mut self, span: Span, kind: ExprKind) -> Expr {
        let id = ExprId(self.exprs);
        self.exprs += 1;
        Expr { id, span, kind }
    }

    pub fn new_stmt(&mut self, span: Span, kind: StmtKind) -> Stmt {
        let id = StmtId(self.stmts);
        self.stmts += 1;
        Stmt { id, span, kind }
    }

    /// What a name means in the function's own scope.
    pub fn name(&mut self, name: &str, span: Span) -> NameRef {
        match self.names.get(name) {
            // The signature is evaluated outside, where the function's variables do not exist.
            Some(&NameRef::Var(_)) if self.used_in == UsedIn::Signature => self.global(name, span),
            Some(&NameRef::Global(id)) => self.mention(id),
            Some(&name) => name,
            None if self.in_module => self.module_name(name, span),
            None => {
                let global = self.global(name, span);
                self.names.insert(name.to_owned(), global);
                global
            }
        }
    }

    /// What a name used by a nested scope means.
    pub fn inner_name(&mut self, name: &str, span: Span, resolved: Resolved) -> NameRef {
        if resolved == Resolved::Module {
            return self.module_name(name, span);
        }
        let name = self.name(name, span);
        if let NameRef::Var(var) = name {
            self.vars[var.index()].in_inner_scope = true;
        }
        name
    }

    /// A name that the function does not bind.
    fn global(&mut self, name: &str, span: Span) -> NameRef {
        // `global x` without an assignment says that `x` is the module's, whatever the scopes around bind.
        let declared = self.bindings.get(name) == Some(Binding::Global);
        match self.scopes.resolve_from_inside(name) {
            Resolved::Inside if !declared => self.add_global(name, span, GlobalKind::Free),
            _ => self.module_name(name, span),
        }
    }

    fn module_name(&mut self, name: &str, span: Span) -> NameRef {
        self.add_global(name, span, GlobalKind::Module)
    }

    fn add_global(&mut self, name: &str, span: Span, kind: GlobalKind) -> NameRef {
        let known = self
            .globals
            .iter()
            .position(|global| global.kind == kind && global.name == name);
        if let Some(index) = known {
            return self.mention(GlobalId(index as u32));
        }
        let id = GlobalId(self.globals.len() as u32);
        self.globals.push(Global {
            name: name.to_owned(),
            kind,
            span,
            threadprivate: false,
            groupprivate: false,
            used_in: self.used_in,
        });
        NameRef::Global(id)
    }

    fn mention(&mut self, id: GlobalId) -> NameRef {
        let global = &mut self.globals[id.index()];
        global.used_in = global.used_in.max(self.used_in);
        NameRef::Global(id)
    }
}
