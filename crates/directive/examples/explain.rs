//! Shows what directive texts given as arguments mean: their leaves with clauses, and every mistake.

use omply_diagnostics::{SourceFile, Style, render};
use omply_directive::{SpanMap, parse, unsupported};
use omply_spec::Mode;

fn main() {
    for text in std::env::args().skip(1) {
        let (directive, mut diagnostics) = parse(&text, &SpanMap::at(0));
        if let Some(directive) = &directive {
            println!("{}", directive.name);
            for leaf in &directive.leaves {
                println!("  {}", leaf.kind);
                for clause in &leaf.clauses {
                    let implied = if clause.implied { " (implied)" } else { "" };
                    println!("    {}{implied}: {:?}", clause.kind, clause.args);
                }
            }
            diagnostics.extend(unsupported(directive, Mode::Native));
        }
        println!(
            "{}",
            render(
                &diagnostics,
                &SourceFile::new("directive", text.as_str()),
                Style::Plain
            )
        );
    }
}
