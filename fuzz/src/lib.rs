//! What must hold for every input, whoever sends it. The fuzzer looks for one where it does not; the test
//! below tries those in `corpus`, which are kept because they are, or were, hard.

pub mod percent;
pub mod router;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    fn each_of(corpus: &str, check: fn(&str)) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(corpus);
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if let Ok(input) = fs::read_to_string(&path) {
                println!("{}", path.display());
                check(&input);
            }
        }
    }

    #[test]
    fn paths_of_the_corpus_are_decoded_as_they_should_be() {
        each_of("percent", crate::percent::check);
    }

    #[test]
    fn routes_of_the_corpus_match_as_they_should() {
        each_of("router", crate::router::check);
    }
}
