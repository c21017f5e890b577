//! What one scope binds: a walk over its own statements that stays out of nested scopes.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    ExceptHandler, Expr, ExprContext, Identifier, Parameters, Pattern, Stmt, StmtImportFrom,
    TypeParams,
};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashMap;

/// What a scope makes of a name that it mentions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Binding {
    Local,
    Global,
    Nonlocal,
}

/// The names of one scope, in the order of their first binding.
#[derive(Default)]
pub(super) struct Bindings<'a> {
    names: Vec<(&'a str, TextRange)>,
    count: FxHashMap<&'a str, u32>,
    globals: FxHashMap<&'a str, TextRange>,
    nonlocals: FxHashMap<&'a str, TextRange>,
    /// Names that `from omply import omp` binds.
    omp_imports: Vec<&'a str>,
    /// `yield` stands in the scope itself.
    pub has_yield: bool,
}

impl<'a> Bindings<'a> {
    pub fn of_function(parameters: &'a Parameters, body: &'a [Stmt]) -> Bindings<'a> {
        let mut collector = Collector::default();
        collector.parameters(parameters);
        collector.visit_body(body);
        collector.bindings
    }

    pub fn of_class(body: &'a [Stmt]) -> Bindings<'a> {
        let mut collector = Collector::default();
        collector.visit_body(body);
        collector.bindings
    }

    pub fn of_lambda(parameters: Option<&'a Parameters>, body: &'a Expr) -> Bindings<'a> {
        let mut collector = Collector::default();
        if let Some(parameters) = parameters {
            collector.parameters(parameters);
        }
        collector.visit_expr(body);
        collector.bindings
    }

    /// The loop variables of a comprehension; a walrus inside it binds in the scope around.
    pub fn of_targets(targets: impl Iterator<Item = &'a Expr>) -> Bindings<'a> {
        let mut collector = Collector::default();
        targets.for_each(|target| collector.visit_expr(target));
        collector.bindings
    }

    pub fn of_type_params(params: &'a TypeParams) -> Bindings<'a> {
        let mut bindings = Bindings::default();
        for param in params.iter() {
            bindings.bind(param.name().as_str(), param.name().range());
        }
        bindings
    }

    /// Every name bound, in the order of first binding; names declared `global` or `nonlocal` included.
    pub fn bound(&self) -> impl Iterator<Item = (&'a str, TextRange)> + '_ {
        self.names.iter().copied()
    }

    pub fn get(&self, name: &str) -> Option<Binding> {
        if self.globals.contains_key(name) {
            Some(Binding::Global)
        } else if self.nonlocals.contains_key(name) {
            Some(Binding::Nonlocal)
        } else if self.count.contains_key(name) {
            Some(Binding::Local)
        } else {
            None
        }
    }

    /// Whether the name is bound by one `from omply import omp` and by nothing else.
    pub fn is_omp_import(&self, name: &str) -> bool {
        self.omp_imports.contains(&name) && self.count.get(name) == Some(&1)
    }

    fn bind(&mut self, name: &'a str, range: TextRange) {
        let count = self.count.entry(name).or_insert(0);
        *count += 1;
        if *count == 1 {
            self.names.push((name, range));
        }
    }
}

#[derive(Default)]
struct Collector<'a> {
    bindings: Bindings<'a>,
}

impl<'a> Collector<'a> {
    fn identifier(&mut self, name: &'a Identifier) {
        self.bindings.bind(name.as_str(), name.range());
    }

    fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters {
            self.identifier(parameter.name());
        }
    }

    fn defaults(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    fn import_from(&mut self, import: &'a StmtImportFrom) {
        let from_omply = import.level == 0
            && import
                .module
                .as_ref()
                .is_some_and(|module| module == "omply");
        for alias in &import.names {
            if alias.name.as_str() == "*" {
                continue;
            }
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.identifier(bound);
            if from_omply && alias.name.as_str() == "omp" {
                self.bindings.omp_imports.push(bound.as_str());
            }
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                self.defaults(&def.parameters);
                self.identifier(&def.name);
            }
            Stmt::ClassDef(def) => {
                def.decorator_list
                    .iter()
                    .for_each(|decorator| self.visit_decorator(decorator));
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
                self.identifier(&def.name);
            }
            Stmt::TypeAlias(alias) => self.visit_expr(&alias.name),
            Stmt::Import(import) => {
                for alias in &import.names {
                    match &alias.asname {
                        Some(name) => self.identifier(name),
                        None => {
                            let first = alias.name.as_str().split('.').next().unwrap_or_default();
                            self.bindings.bind(first, alias.name.range());
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Global(global) => {
                let names = global
                    .names
                    .iter()
                    .map(|name| (name.as_str(), name.range()));
                self.bindings.globals.extend(names);
            }
            Stmt::Nonlocal(nonlocal) => {
                let names = nonlocal
                    .names
                    .iter()
                    .map(|name| (name.as_str(), name.range()));
                self.bindings.nonlocals.extend(names);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    // Annotations of a function's own variables are not evaluated, so nothing in them binds.
    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                if matches!(name.ctx, ExprContext::Store | ExprContext::Del) {
                    self.bindings.bind(name.id.as_str(), name.range);
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.bindings.has_yield = true;
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    // The targets of a comprehension are its own; a walrus anywhere in it is this scope's.
    fn visit_comprehension(&mut self, comprehension: &'a ruff_python_ast::Comprehension) {
        self.visit_expr(&comprehension.iter);
        comprehension
            .ifs
            .iter()
            .for_each(|test| self.visit_expr(test));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(types) = &handler.type_ {
            self.visit_expr(types);
        }
        if let Some(name) = &handler.name {
            self.identifier(name);
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        if let Some(name) = captured(pattern) {
            self.identifier(name);
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// The name that a pattern itself captures.
pub(super) fn captured(pattern: &Pattern) -> Option<&Identifier> {
    match pattern {
        Pattern::MatchStar(star) => star.name.as_ref(),
        Pattern::MatchAs(as_) => as_.name.as_ref(),
        Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
        _ => None,
    }
}
