//! What loop transformations generate, as Python mode's rewriter takes it: nested tuples.

use super::facts::Context;
use omply_analysis::facts::{Generated, Header, Index, Node};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

type Object<'py> = Bound<'py, PyAny>;

impl<'py> Context<'_, 'py> {
    pub(super) fn generated(&self, generated: &Generated) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        dict.set_item("within", generated.within.clone())?;
        let values = generated.values.iter().map(|value| {
            let expr = self.expr(&value.expr)?;
            Ok((expr, value.clause.name(), value.least))
        });
        dict.set_item("values", values.collect::<PyResult<Vec<_>>>()?)?;
        dict.set_item("affected", self.headers(&generated.affected)?)?;
        dict.set_item("body", self.nodes(&generated.body)?)?;
        Ok(dict)
    }

    fn nodes(&self, nodes: &[Node]) -> PyResult<Vec<Object<'py>>> {
        nodes.iter().map(|node| self.node(node)).collect()
    }

    fn node(&self, node: &Node) -> PyResult<Object<'py>> {
        let made = match node {
            Node::Loop { headers, body } => {
                ("loop", self.headers(headers)?, self.nodes(body)?).into_pyobject(self.py)?
            }
            Node::Let {
                var,
                value,
                source,
                body,
            } => {
                let value = self.number(value)?;
                ("let", var.0, value, *source, self.nodes(body)?).into_pyobject(self.py)?
            }
            Node::If { less, body } => {
                let [a, b] = less;
                let less = (self.number(a)?, self.number(b)?);
                ("if", less, self.nodes(body)?).into_pyobject(self.py)?
            }
            Node::Once { body } => ("once", self.nodes(body)?).into_pyobject(self.py)?,
            Node::Body(stmt) => ("body", self.stmt_place(*stmt)).into_pyobject(self.py)?,
        };
        Ok(made.into_any())
    }

    fn headers(&self, headers: &[Header]) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let made = headers.iter().map(|header| {
            let start = self.number(&header.start)?;
            let stop = self.number(&header.stop)?;
            let step = self.number(&header.step)?;
            (header.var.0, start, stop, step, header.source).into_pyobject(self.py)
        });
        made.collect()
    }

    fn number(&self, index: &Index) -> PyResult<Object<'py>> {
        Ok(match index {
            Index::Const(value) => value.into_pyobject(self.py)?.into_any(),
            Index::Count(source) => ("count", *source).into_pyobject(self.py)?.into_any(),
            Index::Value(value) => ("value", *value).into_pyobject(self.py)?.into_any(),
            Index::Var(var) => ("var", var.0).into_pyobject(self.py)?.into_any(),
            Index::Op(op, operands) => {
                let [a, b] = &**operands;
                let (a, b) = (self.number(a)?, self.number(b)?);
                (op.name(), a, b).into_pyobject(self.py)?.into_any()
            }
        })
    }
}
