//! Groups: what their routes are called, and how they nest.

use hyper::Method;

use crate::gee::{Context, Engine, Handler, RouteError, RouterGroup};
use crate::support::{Server, text};

fn show(name: &'static str) -> impl Handler {
    move |c: Context| async move { format!("{name} {:?}", c.param("id")) }
}

#[tokio::test]
async fn three_levels_make_one_path() {
    let mut engine = Engine::new();
    let mut v1 = engine.group("/v1");
    let mut v2 = v1.group("/v2");
    let mut v3 = v2.group("/v3");
    v3.get("/leaf", show("leaf")).unwrap();
    v2.get("/leaf", show("middle")).unwrap();
    v1.get("/leaf", show("top")).unwrap();
    let server = Server::start(engine).await;
    let table = [
        ("/v1/v2/v3/leaf", "leaf None"),
        ("/v1/v2/leaf", "middle None"),
        ("/v1/leaf", "top None"),
    ];
    for (path, expected) in table {
        assert_eq!(text(&server.get(path).await), expected, "{path}");
    }
    for path in ["/leaf", "/v2/leaf", "/v3/leaf", "/v1/v3/leaf", "/v1/v2/v3"] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_prefix_may_have_parameters() {
    let mut engine = Engine::new();
    let mut user = engine.group("/users/:id");
    user.get("/posts", show("posts")).unwrap();
    user.get("", show("user")).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(
        text(&server.get("/users/7/posts").await),
        r#"posts Some("7")"#
    );
    assert_eq!(text(&server.get("/users/7").await), r#"user Some("7")"#);
}

fn paths(register: impl FnOnce(&mut Engine) -> Result<(), RouteError>) -> Vec<String> {
    let mut engine = Engine::new();
    register(&mut engine).unwrap();
    engine
        .routes()
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

#[test]
fn a_slash_at_the_end_of_a_prefix_counts_for_nothing() {
    let registered = paths(|engine| {
        engine.group("/").get("/a", show("a"))?;
        engine.group("").get("/b", show("b"))?;
        engine
            .group("/v1/")
            .post("/c", show("c"))?
            .get("/", show("d"))?;
        engine.group("/v1").group("/").get("", show("e"))?;
        Ok(())
    });
    assert_eq!(
        registered,
        ["GET /a", "GET /b", "POST /v1/c", "GET /v1/", "GET /v1"]
    );
}

#[test]
fn two_groups_may_have_one_prefix() {
    let registered = paths(|engine| {
        engine.group("/api").get("/a", show("a"))?;
        engine.group("/api").get("/b", show("b"))?;
        Ok(())
    });
    assert_eq!(registered, ["GET /api/a", "GET /api/b"]);
}

#[test]
fn a_module_registers_its_routes_in_any_group() {
    fn module(mut group: RouterGroup<'_>) -> Result<(), RouteError> {
        group
            .get("/list", show("list"))?
            .route(Method::TRACE, "", show("trace"))?;
        Ok(())
    }
    let registered = paths(|engine| {
        module(engine.group("/a"))?;
        module(engine.group("/b/:id"))
    });
    let expected = ["GET /a/list", "TRACE /a", "GET /b/:id/list", "TRACE /b/:id"];
    assert_eq!(registered, expected);
}

#[test]
fn a_path_or_a_prefix_without_its_slash_is_refused() {
    let table = [
        ("/v1", "users"),
        ("v1", "/users"),
        ("v1", ""),
        ("", ""),
        ("/v1//", "/users"),
    ];
    for (prefix, path) in table {
        let mut engine = Engine::new();
        let refused = engine.group(prefix).get(path, show("none")).err();
        let error = refused
            .unwrap_or_else(|| panic!("{prefix:?} {path:?}"))
            .to_string();
        assert!(error.contains(path) && error.starts_with("GET "), "{error}");
        assert_eq!(engine.routes().count(), 0);
    }
}

#[test]
fn a_prefix_within_another_needs_its_slash_too() {
    for path in ["/7", ""] {
        let mut engine = Engine::new();
        let mut v1 = engine.group("/v1");
        let mut users = v1.group("users");
        let refused = users.group("/all").get(path, show("none")).err().unwrap();
        assert_eq!(refused.path(), format!("users/all{path}"));
        assert!(refused.to_string().contains("begin with a slash"));
        assert_eq!(engine.routes().count(), 0);
    }
}

#[test]
fn a_conflict_between_groups_names_both_whole_paths() {
    let mut engine = Engine::new();
    engine.group("/users").get("/:id", show("id")).unwrap();
    let error = engine
        .group("/users")
        .get("/:name", show("name"))
        .err()
        .unwrap();
    let error = error.to_string();
    assert!(
        error.contains("/users/:id") && error.contains("/users/:name"),
        "{error}"
    );
}
