//! A short run of random texts and edits; `examples/fuzz.rs` runs as many as it is told.

mod fuzzing;

#[test]
fn random_texts_and_edits_are_parsed_and_rendered_without_a_panic() {
    let mut random = fuzzing::Random::new(7);
    let mut found = 0;
    for _ in 0..200_000 {
        let text = fuzzing::text(&mut random);
        found += fuzzing::check(&text);
    }
    assert!(
        found > 200_000,
        "edits that break nothing test little: {found} diagnostics"
    );
}
