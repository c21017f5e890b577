//! `declare_variant` for the package: a directive's text becomes an object that knows the variant, when it agrees with a context,
//! and what happens to the arguments.

use crate::errors;
use omply_diagnostics::{Code, Diagnostic, SourceFile, Span};
use omply_directive::context::{Agreement, Context};
use omply_directive::{ClauseArgs, ContextSelector, ExprText, LeafArgument, SpanMap};
use omply_spec::{ClauseKind, LeafKind};
use pyo3::prelude::*;

/// One `declare_variant` directive; immutable.
#[pyclass(frozen, module = "omply._core")]
struct Variant {
    /// The directive.
    #[pyo3(get)]
    text: String,
    /// The function that stands in for the base, as an expression; none after `begin`, where functions follow.
    #[pyo3(get)]
    variant: Option<String>,
    /// The name of the base, where the directive gives it.
    #[pyo3(get)]
    base: Option<String>,
    /// Parameters whose arguments are adjusted: (operation, parameters).
    #[pyo3(get)]
    adjusted: Vec<(String, Vec<String>)>,
    /// How many interoperability objects are appended.
    #[pyo3(get)]
    appended: usize,
    selector: ContextSelector,
}

#[pymethods]
impl Variant {
    /// How it agrees with the constructs around a call: None, or its score and the conditions that the program decides.
    fn agreement(&self, constructs: Vec<String>) -> Option<(i64, Vec<String>)> {
        let mut context = Context::default();
        context.enter(
            constructs
                .iter()
                .filter_map(|name| LeafKind::from_name(name)),
        );
        let constant = |text: &ExprText| text.as_bool();
        match context.agreement(&self.selector, &constant) {
            Agreement::No => None,
            Agreement::Yes { score, conditions } => {
                let conditions = conditions.iter().map(|text| text.text.clone());
                Some((score, conditions.collect()))
            }
        }
    }
}

/// Reads the directive's text, which stands in this line of the file. Raises OmplySyntaxError with every error.
#[pyfunction]
fn variant(py: Python<'_>, text: String, filename: String, line: u32) -> PyResult<Variant> {
    let file = SourceFile::excerpt(filename, text, line);
    let (directive, mut diagnostics) = omply_directive::parse(&file.text, &SpanMap::at(0));
    let leaf = directive.as_ref().map(|directive| &directive.leaves[0]);
    if diagnostics.is_empty()
        && let Some(leaf) = leaf
        && let Some((base, variant)) = match &leaf.argument {
            LeafArgument::DeclareVariant { base, variant } => Some((base.as_ref(), Some(variant))),
            _ if leaf.kind == LeafKind::BeginDeclareVariant => Some((None, None)),
            _ => None,
        }
    {
        let selector = match leaf.clause(ClauseKind::Match).map(|clause| &clause.args) {
            Some(ClauseArgs::Match(selector)) => Some(selector.clone()),
            _ => None,
        };
        if let Some(selector) = selector {
            let (mut adjusted, mut appended) = (Vec::new(), 0);
            for clause in &leaf.clauses {
                match &clause.args {
                    ClauseArgs::AdjustArgs { op, params } => {
                        let params = params.iter().map(|text| text.text.clone()).collect();
                        adjusted.push((op.value.name().to_owned(), params));
                    }
                    ClauseArgs::AppendArgs(operations) => appended += operations.len(),
                    _ => {}
                }
            }
            return Ok(Variant {
                text: file.text.clone(),
                variant: variant.map(|variant| variant.text.clone()),
                base: base.map(|base| base.name.clone()),
                adjusted,
                appended,
                selector,
            });
        }
    }
    if diagnostics.is_empty() {
        let whole = Span::new(0, file.text.len() as u32);
        let message = "a function is decorated with something else than `declare_variant`";
        diagnostics.push(Diagnostic::error(Code::DirectivePlacement, whole, message));
    }
    Err(errors::raise(
        py,
        errors::Class::Syntax,
        &diagnostics,
        &file,
    ))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Variant>()?;
    m.add_function(wrap_pyfunction!(variant, m)?)
}
