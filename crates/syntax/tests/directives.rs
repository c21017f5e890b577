//! How directives are recognised, and what users see when they are written in a way that cannot be read.

mod common;

use common::{hir, request};
use omply_syntax::hir::StmtKind;
use omply_syntax::{Module, Request};

#[test]
fn every_way_to_write_the_text() {
    insta::assert_snapshot!(hir(r#"
@omp
def f(a, n):
    with omp("parallel "
             'num_threads(' "n"
             r") private(x)"):
        x = 1
    with omp("""
        for
        schedule(
            static, n
        )"""):
        for i in range(n): a[i] = 0
    omp('bar\
rier')
    with omp("\x62arrier"): pass
"#));
}

#[test]
fn the_object_is_resolved_not_matched() {
    let source = "
import omply
import omply as o
from omply import omp as openmp

def f(omp, a):
    with omp('not a directive'):
        pass
    from omply import omp as local
    with local('parallel'):
        with openmp('single'):
            with omply.omp('critical'):
                o.omp('flush')
    g = omp('nor this')
";
    let request = Request {
        omp: ["openmp", "omply.omp", "o.omp"].map(str::to_owned).to_vec(),
        ..request(source, "f")
    };
    let parsed = Module::parse(source).unwrap().function(&request).unwrap();
    insta::assert_snapshot!(omply_syntax::dump(&parsed.function));
}

#[test]
fn texts_that_are_not_literals() {
    insta::assert_snapshot!(hir("
@omp
def f(a, n):
    with omp(f'parallel num_threads({n})'):
        pass
    omp(a)
    omp()
    omp('barrier', 'flush')
    omp(text='barrier')
"));
}

#[test]
fn directives_where_none_can_stand() {
    insta::assert_snapshot!(hir("
@omp
async def f(a, n):
    with omp('parallel'), omp('single'):
        pass
    with omp('parallel') as team:
        pass
    async with omp('parallel'):
        pass
    x = omp('barrier')
"));
}

#[test]
fn expressions_in_clauses_are_underlined_in_the_file() {
    insta::assert_snapshot!(hir(r#"
@omp
def f(a, n):
    with omp("parallel if(n >\
 ) num_threads(1 +* 2)"):
        pass
    with omp("\x70arallel \
num_threads(n n)"):
        pass
"#));
}

#[test]
fn decorators_and_declarations_of_the_module() {
    let source = "
state = 0
omp('threadprivate(state)')
omp('parallel')

@omp('declare_simd uniform(n)')
@omp(mode='python')
def f(n):
    global state
    state = n
";
    let parsed = Module::parse(source)
        .unwrap()
        .function(&request(source, "f"))
        .unwrap();
    let names = |list: &[omply_directive::Directive]| {
        list.iter().map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&parsed.decorators), ["declare_simd"]);
    assert_eq!(names(&parsed.declarations), ["threadprivate"]);
    assert!(
        parsed
            .function
            .vars
            .iter()
            .any(|var| var.name == "state" && var.threadprivate)
    );
}

#[test]
fn functions_are_found_by_their_line() {
    let source = "
class C:
    @property
    @omp
    # a comment
    def f(self):
        return 1

    @omp
    def f(self):
        def f(): return 3
        return 2

def g():
    if True:
        try:
            pass
        finally:
            async def f(): pass
";
    let module = Module::parse(source).unwrap();
    let at = |line| {
        let request = Request {
            line,
            name: "f".to_owned(),
            omp: Vec::new(),
        };
        module.function(&request).map(|parsed| parsed.function.span)
    };
    let text = |line| {
        let span = at(line).unwrap();
        &source[span.start as usize..span.end as usize]
    };
    assert_eq!(text(3), "def f(self):\n        return 1");
    assert!(text(9).ends_with("return 2"));
    assert_eq!(text(11), "def f(): return 3");
    assert_eq!(text(19), "async def f(): pass");
    assert!(at(4).is_err());
    assert!(at(100).is_err());
}

#[test]
fn a_function_that_is_not_where_it_was() {
    let source = "x = 1\ny = 2\n";
    let request = Request {
        line: 2,
        name: "f".to_owned(),
        omp: Vec::new(),
    };
    let errors = Module::parse(source)
        .unwrap()
        .function(&request)
        .unwrap_err();
    insta::assert_snapshot!(common::shown(source, &errors));
}

#[test]
fn what_python_refuses() {
    insta::assert_snapshot!(hir("def f(a, b, a):\n    break\n"));
    insta::assert_snapshot!(hir("def f(a, b:\n    return (1\n"));
}

#[test]
fn heads_and_texts_keep_their_places() {
    let source = "def f():\n    with omp( 'parallel'  ' if(1)' ):\n        omp('barrier')\n";
    let parsed = Module::parse(source)
        .unwrap()
        .function(&request(source, "f"))
        .unwrap();
    let StmtKind::Directive(outer) = &parsed.function.body[0].kind else {
        panic!("no directive")
    };
    let StmtKind::Directive(inner) = &outer.body[0].kind else {
        panic!("no directive")
    };
    let text = |span: omply_diagnostics::Span| &source[span.start as usize..span.end as usize];
    assert_eq!(text(outer.head_span), "with omp( 'parallel'  ' if(1)' )");
    assert_eq!(text(outer.text_span), "'parallel'  ' if(1)'");
    assert_eq!(text(inner.head_span), "omp('barrier')");
    let expr = outer.exprs.values().next().unwrap();
    assert_eq!(text(expr.span), "1");
}
