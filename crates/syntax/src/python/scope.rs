//! Name resolution across scopes: the scopes around a function, and what a scope nested in it uses of the outside.

use super::bindings::{Binding, Bindings, captured};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, ExprContext, ExprLambda, Parameters, Pattern, Stmt,
    StmtClassDef, StmtFunctionDef,
};
use ruff_text_size::{Ranged, TextRange};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A function, lambda, comprehension or list of type parameters: visible to the scopes inside.
    Function,
    /// A class body, whose names only its own statements see.
    Class,
}

struct Frame<'a> {
    kind: Kind,
    bindings: Bindings<'a>,
}

/// Nested scopes, outermost first.
#[derive(Default)]
pub(super) struct Scopes<'a> {
    frames: Vec<Frame<'a>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Resolved {
    /// Bound by one of the scopes.
    Inside,
    /// Declared `global` on the way out.
    Module,
    /// Not bound by any of them.
    Outside,
}

impl<'a> Scopes<'a> {
    pub fn push_function(&mut self, bindings: Bindings<'a>) {
        self.frames.push(Frame {
            kind: Kind::Function,
            bindings,
        });
    }

    pub fn push_class(&mut self, bindings: Bindings<'a>) {
        self.frames.push(Frame {
            kind: Kind::Class,
            bindings,
        });
    }

    /// What a name mentioned in the innermost scope means.
    pub fn resolve(&self, name: &str) -> Resolved {
        let innermost = self.frames.len().wrapping_sub(1);
        self.resolve_if(name, |depth, frame| {
            depth == innermost || frame.kind == Kind::Function
        })
    }

    /// What a name means to a scope inside of all of them.
    pub fn resolve_from_inside(&self, name: &str) -> Resolved {
        // A method's `__class__` is a cell that CPython makes for it.
        if name == "__class__" && self.frames.iter().any(|frame| frame.kind == Kind::Class) {
            return Resolved::Inside;
        }
        self.resolve_if(name, |_, frame| frame.kind == Kind::Function)
    }

    fn resolve_if(&self, name: &str, visible: impl Fn(usize, &Frame) -> bool) -> Resolved {
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            if visible(depth, frame) {
                match frame.bindings.get(name) {
                    Some(Binding::Local) => return Resolved::Inside,
                    Some(Binding::Global) => return Resolved::Module,
                    Some(Binding::Nonlocal) | None => {}
                }
            }
        }
        Resolved::Outside
    }
}

/// What a nested scope uses of the scopes around it.
#[derive(Default)]
pub(super) struct Uses<'a> {
    /// Names read, and whether the scope means the module's name whatever the enclosing function binds.
    pub reads: Vec<(&'a str, TextRange, Resolved)>,
    /// Names of the enclosing function that it binds.
    pub binds: Vec<(&'a str, TextRange)>,
}

impl<'a> Uses<'a> {
    pub fn of_lambda(lambda: &'a ExprLambda) -> Uses<'a> {
        let mut walker = Walker::default();
        walker.lambda_body(lambda);
        walker.uses
    }

    /// A comprehension, its first iterable excluded.
    pub fn of_comprehension(generators: &'a [Comprehension], elements: &[&'a Expr]) -> Uses<'a> {
        let mut walker = Walker::default();
        walker.comprehension_body(generators, elements);
        walker.uses
    }

    pub fn of_function(def: &'a StmtFunctionDef) -> Uses<'a> {
        let mut walker = Walker::default();
        walker.function_body(def);
        walker.uses
    }

    pub fn of_class(def: &'a StmtClassDef) -> Uses<'a> {
        let mut walker = Walker::default();
        walker.class_body(def);
        walker.uses
    }

    /// An expression that is evaluated in a scope of its own, such as the value of a type alias.
    pub fn of_lazy(expr: &'a Expr) -> Uses<'a> {
        let mut walker = Walker::default();
        walker.visit_expr(expr);
        walker.uses
    }
}

#[derive(Default)]
struct Walker<'a> {
    scopes: Scopes<'a>,
    uses: Uses<'a>,
}

impl<'a> Walker<'a> {
    fn read(&mut self, name: &'a str, range: TextRange) {
        match self.scopes.resolve(name) {
            Resolved::Inside => {}
            resolved => self.uses.reads.push((name, range, resolved)),
        }
    }

    fn bind(&mut self, name: &'a str, range: TextRange) {
        if self.scopes.resolve(name) == Resolved::Outside {
            self.uses.binds.push((name, range));
        }
    }

    fn inside(&mut self, bindings: Bindings<'a>, visit: impl FnOnce(&mut Self)) {
        self.scopes.push_function(bindings);
        visit(self);
        self.scopes.frames.pop();
    }

    fn defaults(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    fn lambda_body(&mut self, lambda: &'a ExprLambda) {
        let bindings = Bindings::of_lambda(lambda.parameters.as_deref(), &lambda.body);
        self.inside(bindings, |walker| walker.visit_expr(&lambda.body));
    }

    fn comprehension_body(&mut self, generators: &'a [Comprehension], elements: &[&'a Expr]) {
        let bindings = Bindings::of_targets(generators.iter().map(|generator| &generator.target));
        self.inside(bindings, |walker| {
            for (index, generator) in generators.iter().enumerate() {
                if index > 0 {
                    walker.visit_expr(&generator.iter);
                }
                walker.visit_expr(&generator.target);
                generator
                    .ifs
                    .iter()
                    .for_each(|test| walker.visit_expr(test));
            }
            elements
                .iter()
                .for_each(|element| walker.visit_expr(element));
        });
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], elements: &[&'a Expr]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.comprehension_body(generators, elements);
    }

    fn function_body(&mut self, def: &'a StmtFunctionDef) {
        let type_params = def
            .type_params
            .as_deref()
            .map(Bindings::of_type_params)
            .unwrap_or_default();
        self.inside(type_params, |walker| {
            let bindings = Bindings::of_function(&def.parameters, &def.body);
            walker.inside(bindings, |walker| walker.visit_body(&def.body));
        });
    }

    fn class_body(&mut self, def: &'a StmtClassDef) {
        let type_params = def
            .type_params
            .as_deref()
            .map(Bindings::of_type_params)
            .unwrap_or_default();
        self.inside(type_params, |walker| {
            walker.scopes.push_class(Bindings::of_class(&def.body));
            walker.visit_body(&def.body);
            walker.scopes.frames.pop();
        });
    }

    fn signature(&mut self, parameters: &'a Parameters, returns: Option<&'a Expr>) {
        self.defaults(parameters);
        for parameter in parameters {
            if let Some(annotation) = parameter.annotation() {
                self.visit_expr(annotation);
            }
        }
        if let Some(returns) = returns {
            self.visit_expr(returns);
        }
    }
}

impl<'a> Visitor<'a> for Walker<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                self.signature(&def.parameters, def.returns.as_deref());
                self.bind(def.name.as_str(), def.name.range());
                self.function_body(def);
            }
            Stmt::ClassDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
                self.bind(def.name.as_str(), def.name.range());
                self.class_body(def);
            }
            Stmt::TypeAlias(alias) => {
                self.visit_expr(&alias.name);
                let type_params = alias.type_params.as_deref().map(Bindings::of_type_params);
                self.inside(type_params.unwrap_or_default(), |walker| {
                    walker.visit_expr(&alias.value)
                });
            }
            Stmt::AugAssign(assign) => {
                if let Expr::Name(name) = &*assign.target {
                    self.read(name.id.as_str(), name.range);
                }
                visitor::walk_stmt(self, stmt);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(
                        bound.as_str().split('.').next().unwrap_or_default(),
                        bound.range(),
                    );
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in import
                    .names
                    .iter()
                    .filter(|alias| alias.name.as_str() != "*")
                {
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(bound.as_str(), bound.range());
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load | ExprContext::Invalid => self.read(name.id.as_str(), name.range),
                ExprContext::Store | ExprContext::Del => self.bind(name.id.as_str(), name.range),
            },
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.lambda_body(lambda);
            }
            Expr::ListComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(&comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => self.comprehension(&comp.generators, &[key, &comp.value]),
                None => self.comprehension(&comp.generators, &[&comp.value]),
            },
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name.as_str(), name.range());
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = captured(pattern) {
            self.bind(name.as_str(), name.range());
        }
        visitor::walk_pattern(self, pattern);
    }
}
