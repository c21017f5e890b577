//! A readable text of the HIR, for tests and for looking at what was understood: Python-like statements in which a module name
//! is `@name`, a variable of an enclosing function `^name`, and a nested scope lists what it uses of the outside.

mod exprs;

use crate::hir::*;
pub use exprs::expr as dump_expr;
use exprs::{expr, exprs, names, target};
use std::fmt::Write;

/// The text of a function.
pub fn dump(function: &Function) -> String {
    let mut printer = Printer {
        function,
        out: String::new(),
        depth: 0,
    };
    printer.function();
    printer.out
}

struct Printer<'f> {
    function: &'f Function,
    out: String,
    depth: usize,
}

impl Printer<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        let text = text.as_ref();
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:indent$}{text}", "", indent = self.depth * 2);
    }

    fn function(&mut self) {
        let f = self.function;
        let mut head = String::new();
        if f.is_async {
            head.push_str("async ");
        }
        let params: Vec<String> = f.params.iter().map(|param| self.param(param)).collect();
        let _ = write!(head, "def {}({})", f.name, params.join(", "));
        if let Some(returns) = &f.returns {
            let _ = write!(head, " -> {}", expr(f, returns));
        }
        if f.is_generator {
            head.push_str("  # generator");
        }
        self.line(head);
        self.depth += 1;
        let vars: Vec<String> = f.vars.iter().map(var).collect();
        self.line(format!("vars {}", vars.join(", ")));
        if !f.globals.is_empty() {
            let globals: Vec<String> = f.globals.iter().map(global).collect();
            self.line(format!("globals {}", globals.join(", ")));
        }
        self.block(&f.body);
    }

    fn param(&self, param: &Param) -> String {
        let prefix = match param.kind {
            ParamKind::VarArgs => "*",
            ParamKind::VarKeywords => "**",
            _ => "",
        };
        let mut text = format!("{prefix}{}", self.function.vars[param.var.index()].name);
        if let Some(annotation) = &param.annotation {
            let _ = write!(text, ": {}", expr(self.function, annotation));
        }
        if let Some(default) = &param.default {
            let _ = write!(text, " = {}", expr(self.function, default));
        }
        match param.kind {
            ParamKind::PositionalOnly => text.push_str(" [positional]"),
            ParamKind::KeywordOnly => text.push_str(" [keyword]"),
            _ => {}
        }
        text
    }

    fn block(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }

    fn nested(&mut self, stmts: &[Stmt]) {
        self.depth += 1;
        self.block(stmts);
        self.depth -= 1;
    }

    fn orelse(&mut self, stmts: &[Stmt]) {
        if !stmts.is_empty() {
            self.line("else:");
            self.nested(stmts);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let f = self.function;
        match &stmt.kind {
            StmtKind::Assign { targets, value } => {
                let targets: Vec<String> = targets.iter().map(|one| target(f, one)).collect();
                self.line(format!("{} = {}", targets.join(" = "), expr(f, value)));
            }
            StmtKind::AugAssign {
                target: to,
                op,
                value,
            } => {
                self.line(format!(
                    "{} {}= {}",
                    target(f, to),
                    exprs::binary(*op),
                    expr(f, value)
                ));
            }
            StmtKind::AnnAssign {
                target: to,
                annotation,
                value,
            } => {
                let value = value
                    .as_ref()
                    .map_or(String::new(), |value| format!(" = {}", expr(f, value)));
                self.line(format!("{}: {}{value}", target(f, to), expr(f, annotation)));
            }
            StmtKind::Expr(value) => self.line(expr(f, value)),
            StmtKind::If { test, body, orelse } => {
                self.line(format!("if {}:", expr(f, test)));
                self.nested(body);
                self.orelse(orelse);
            }
            StmtKind::While { test, body, orelse } => {
                self.line(format!("while {}:", expr(f, test)));
                self.nested(body);
                self.orelse(orelse);
            }
            StmtKind::For {
                target: to,
                iter,
                body,
                orelse,
                is_async,
            } => {
                let async_ = if *is_async { "async " } else { "" };
                self.line(format!(
                    "{async_}for {} in {}:",
                    target(f, to),
                    expr(f, iter)
                ));
                self.nested(body);
                self.orelse(orelse);
            }
            StmtKind::Return(value) => self.line(keyword("return", f, value.as_ref())),
            StmtKind::Break => self.line("break"),
            StmtKind::Continue => self.line("continue"),
            StmtKind::Pass => self.line("pass"),
            StmtKind::Raise { exc, cause } => {
                let cause = cause
                    .as_ref()
                    .map_or(String::new(), |cause| format!(" from {}", expr(f, cause)));
                self.line(keyword("raise", f, exc.as_ref()) + &cause);
            }
            StmtKind::Assert { test, message } => {
                let message = message
                    .as_ref()
                    .map_or(String::new(), |message| format!(", {}", expr(f, message)));
                self.line(format!("assert {}{message}", expr(f, test)));
            }
            StmtKind::Delete(targets) => {
                let targets: Vec<String> = targets.iter().map(|one| target(f, one)).collect();
                self.line(format!("del {}", targets.join(", ")));
            }
            StmtKind::Directive(directive) => self.directive(directive),
            StmtKind::Definition { target, scope } => {
                self.line(format!(
                    "{} = {}",
                    exprs::name(f, *target),
                    exprs::scope(f, scope)
                ));
            }
            StmtKind::Import { binds } => self.line(format!("import {}", names(f, binds))),
            StmtKind::Other {
                what,
                exprs: values,
                targets,
                bodies,
            } => {
                let targets: Vec<String> = targets.iter().map(|one| target(f, one)).collect();
                self.line(format!(
                    "<{what} ({}) binds ({})>",
                    exprs(f, values),
                    targets.join(", ")
                ));
                for body in bodies {
                    self.line("block:");
                    self.nested(body);
                }
            }
        }
    }

    fn directive(&mut self, stmt: &DirectiveStmt) {
        let form = match stmt.form {
            DirectiveForm::Block => "block",
            DirectiveForm::Statement => "statement",
        };
        self.line(format!("#{} {} [{form}]", stmt.id.0, stmt.directive.name));
        self.depth += 2;
        for leaf in &stmt.directive.leaves {
            for clause in &leaf.clauses {
                let items: Vec<String> = clause
                    .items()
                    .iter()
                    .map(|item| item.base().unwrap_or("omp_all_memory").to_owned())
                    .collect();
                let implied = if clause.implied { " (implied)" } else { "" };
                self.line(format!(
                    "{}: {}({}){implied}",
                    leaf.kind.name(),
                    clause.kind.name(),
                    items.join(", ")
                ));
            }
        }
        for value in stmt.exprs.values() {
            self.line(format!("expression {}", expr(self.function, value)));
        }
        self.depth -= 2;
        self.nested(&stmt.body);
    }
}

fn keyword(word: &str, f: &Function, value: Option<&Expr>) -> String {
    value.map_or(word.to_owned(), |value| {
        format!("{word} {}", expr(f, value))
    })
}

fn var(var: &Var) -> String {
    let kind = match var.kind {
        VarKind::Param => " param",
        VarKind::Local => "",
        VarKind::DeclaredGlobal => " global",
        VarKind::DeclaredNonlocal => " nonlocal",
        VarKind::Operand => " operand",
        VarKind::Iterator => " iterator",
    };
    let cell = if var.in_inner_scope { " cell" } else { "" };
    let threadprivate = if var.threadprivate {
        " threadprivate"
    } else {
        ""
    };
    format!("{}{kind}{cell}{threadprivate}", var.name)
}

fn global(global: &Global) -> String {
    let mark = if global.kind == GlobalKind::Free {
        '^'
    } else {
        '@'
    };
    let used = match global.used_in {
        UsedIn::Signature => " signature",
        UsedIn::Clause => " clause",
        UsedIn::Code => "",
    };
    let threadprivate = if global.threadprivate {
        " threadprivate"
    } else {
        ""
    };
    format!("{mark}{}{used}{threadprivate}", global.name)
}
