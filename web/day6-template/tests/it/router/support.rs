use crate::gee::router::{InsertError, Router};

/// A router whose values are the patterns themselves.
pub(crate) fn router<'a>(patterns: &[&'a str]) -> Result<Router<&'a str>, InsertError> {
    let mut router = Router::new();
    for pattern in patterns {
        router.insert(pattern, *pattern)?;
    }
    Ok(router)
}

/// What a path leads to, written down: `/a/:b b=c`, or `-` for nothing.
pub(crate) fn found(router: &Router<&str>, path: &str) -> String {
    let Some(found) = router.at(path) else {
        return "-".into();
    };
    assert_eq!(found.params.len(), found.params.iter().count());
    assert_eq!(
        found.params.is_empty(),
        found.params.iter().next().is_none()
    );
    let mut line = found.value.to_string();
    for (name, value) in found.params.iter() {
        assert_eq!(found.params.get(name), Some(value));
        line += &format!(" {name}={value}");
    }
    line
}

/// Checks a table of paths and what each of them leads to.
pub(crate) fn check(patterns: &[&str], table: &[(&str, &str)]) {
    let router = router(patterns).unwrap();
    for (path, expected) in table {
        assert_eq!(found(&router, path), *expected, "{path}");
    }
}
