//! Declarations: sites, functions, slots, types.

use super::{Parser, Result};
use crate::ir::*;
use crate::text::lex::Token;

impl Parser {
    pub(super) fn module(&mut self) -> Result<Module> {
        let mut module = Module::default();
        while self.peek().is_some() {
            match self.word()?.as_str() {
                "module" => module.name = self.text()?,
                "site" => {
                    let id = self.site()?;
                    if id.index() != module.sites.len() {
                        return self.error("sites are numbered in order");
                    }
                    let site = self.site_body()?;
                    module.sites.push(site);
                }
                "func" => {
                    let id = self.func_id()?;
                    if id.index() != module.funcs.len() {
                        return self.error("functions are numbered in order");
                    }
                    let func = self.func()?;
                    module.funcs.push(func);
                }
                "entry" => module.entry = Some(self.func_id()?),
                _ => return self.error("expected `module`, `site`, `func` or `entry`"),
            }
        }
        Ok(module)
    }

    pub(super) fn site_body(&mut self) -> Result<Site> {
        let error = self.named(ErrorKind::from_name, "an error kind")?;
        let mut class = 0;
        if self.accept('(') {
            class = self.number()?;
            self.expect(')')?;
        }
        self.expect('@')?;
        let function = self.text()?;
        let message = match self.peek() {
            Some(Token::Text(_)) => Some(self.text()?),
            _ => None,
        };
        Ok(Site {
            error,
            class,
            message,
            span: self.span(),
            function,
        })
    }

    pub(super) fn func(&mut self) -> Result<Func> {
        self.values.clear();
        let name = self.text()?;
        self.expect('(')?;
        let params = self.list(')', Parser::slot)?;
        if self.peek() != Some(&Token::Arrow) {
            return self.expected("`->`");
        }
        self.next += 1;
        let ret = self.ty()?;
        let kind = if self.accept_word("outlined") {
            FuncKind::Outlined
        } else if self.accept_word("task") {
            FuncKind::Task
        } else if self.accept_word("target") {
            FuncKind::Target
        } else {
            FuncKind::Normal
        };
        let mut simd = Vec::new();
        while self.accept_word("declare_simd") {
            let simdlen = self.clause("simdlen", Parser::number)?;
            let inbranch = if self.accept_word("inbranch") {
                Some(true)
            } else if self.accept_word("notinbranch") {
                Some(false)
            } else {
                None
            };
            self.expect('(')?;
            simd.push(DeclareSimd {
                simdlen,
                inbranch,
                params: self.list(')', Parser::simd_param)?,
            });
        }
        let span = self.span();
        self.expect('{')?;
        let mut slots = Vec::new();
        while self.accept_word("slot") {
            if self.slot()?.index() != slots.len() {
                return self.error("slots are numbered in order");
            }
            let name = self.text()?;
            self.expect(':')?;
            let ty = self.ty()?;
            let storage = self.storage()?;
            slots.push(Slot {
                name,
                ty,
                storage,
                span: self.span(),
            });
        }
        let body = self.insts()?;
        Ok(Func {
            name,
            params,
            ret,
            slots,
            values: std::mem::take(&mut self.values),
            body,
            kind,
            simd,
            span,
        })
    }

    fn simd_param(&mut self) -> Result<SimdParam> {
        if self.accept_word("any") {
            Ok(SimdParam::Any)
        } else if self.accept_word("uniform") {
            Ok(SimdParam::Uniform)
        } else {
            self.expect_word("linear")?;
            Ok(SimdParam::Linear(self.number()?))
        }
    }

    pub(super) fn storage(&mut self) -> Result<Storage> {
        if self.accept_word("reference") {
            return Ok(Storage::Reference);
        }
        if self.accept_word("team") {
            return Ok(Storage::Team);
        }
        let per_group = self.accept_word("groupprivate");
        if !per_group && !self.accept_word("threadprivate") {
            return Ok(Storage::Local);
        }
        self.expect('(')?;
        let key = self.text()?;
        self.expect(',')?;
        let init = self.constant()?;
        self.expect(')')?;
        Ok(if per_group {
            Storage::Groupprivate { key, init }
        } else {
            Storage::Threadprivate { key, init }
        })
    }

    pub(super) fn ty(&mut self) -> Result<Type> {
        if self.accept('(') {
            return Ok(Type::Tuple(self.list(')', Parser::ty)?));
        }
        if self.accept_word("unit") {
            return Ok(Type::Unit);
        }
        if !self.accept_word("array") {
            return Ok(Type::Scalar(self.named(Scalar::from_name, "a type")?));
        }
        self.expect('<')?;
        let elem = self.named(Scalar::from_name, "an element type")?;
        self.expect(',')?;
        let ndim = self.number()?;
        self.expect(',')?;
        let layout = self.named(Layout::from_name, "a layout")?;
        self.expect('>')?;
        Ok(Type::Array(ArrayType { elem, ndim, layout }))
    }

    pub(super) fn constant(&mut self) -> Result<Const> {
        let scalar = self.named(Scalar::from_name, "a scalar type")?;
        Ok(match scalar {
            Scalar::Bool => Const::Bool(self.number()?),
            scalar if scalar.is_int() => Const::Int(scalar, self.number()?),
            scalar if scalar.is_float() => Const::Float(scalar, self.number()?),
            scalar => Const::Complex(scalar, self.number()?, self.number()?),
        })
    }
}
