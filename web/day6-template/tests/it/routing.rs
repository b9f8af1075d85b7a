//! The router behind a server: parameters, methods, slashes, and what is refused.

use hyper::header::{ALLOW, LOCATION};
use hyper::{Method, StatusCode};

use crate::gee::{Context, Engine, Handler, Rejection, TrailingSlash};
use crate::support::{Server, text};

/// A handler that says its name and what its path says.
fn show(name: &'static str) -> impl Handler {
    move |c: Context| async move {
        let params = ["id", "name", "rest"];
        let params = params.map(|p| c.param(p).map(|value| format!(" {p}={value}")));
        format!("{name}{}", params.into_iter().flatten().collect::<String>())
    }
}

fn engine(routes: &[(&'static str, &'static str)]) -> Engine {
    let mut engine = Engine::new();
    for &(method, path) in routes {
        engine
            .route(method.parse().unwrap(), path, show(path))
            .unwrap();
    }
    engine
}

async fn server(routes: &[(&'static str, &'static str)]) -> Server {
    Server::start(engine(routes)).await
}

#[tokio::test]
async fn parameters_are_what_stands_in_the_path() {
    let server = server(&[
        ("GET", "/users/:id"),
        ("GET", "/u/:id/:name"),
        ("GET", "/f/*rest"),
    ])
    .await;
    let table = [
        ("/users/7", "/users/:id id=7"),
        ("/users/7?id=8", "/users/:id id=7"),
        ("/u/1/2", "/u/:id/:name id=1 name=2"),
        ("/f/", "/f/*rest rest="),
        ("/f/a/b.css", "/f/*rest rest=a/b.css"),
        ("/users/:id", "/users/:id id=:id"),
    ];
    for (path, expected) in table {
        assert_eq!(text(&server.get(path).await), expected, "{path}");
    }
}

#[tokio::test]
async fn a_parameter_is_decoded_after_the_path_was_split() {
    let server = server(&[("GET", "/u/:name"), ("GET", "/f/*rest")]).await;
    let table = [
        ("/u/a%2Fb", "/u/:name name=a/b"),
        ("/u/na%C3%AFve", "/u/:name name=naïve"),
        ("/u/a+b%20c", "/u/:name name=a+b c"),
        ("/u/%2e%2e", "/u/:name name=.."),
        ("/f/a%2Fb/c", "/f/*rest rest=a/b/c"),
        ("/%75/x", "/u/:name name=x"),
    ];
    for (path, expected) in table {
        assert_eq!(text(&server.get(path).await), expected, "{path}");
    }
}

#[tokio::test]
async fn a_parameter_that_cannot_be_decoded_is_a_400() {
    let server = server(&[("GET", "/u/:name"), ("GET", "/f/*rest")]).await;
    for path in ["/u/%FF", "/u/%C3", "/u/%2", "/u/%zz", "/f/a/%C0%AF"] {
        assert_eq!(server.get(path).await.status(), 400, "{path}");
    }
}

#[tokio::test]
async fn a_typed_parameter_that_is_wrong_is_a_400_with_its_name() {
    let mut engine = Engine::new();
    let double = |c: Context| async move {
        let id: u32 = c.param_as("id")?;
        Ok::<_, Rejection>((2 * id).to_string())
    };
    engine.get("/double/:id", double).unwrap();
    engine.get("/other/:name", double).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(text(&server.get("/double/21").await), "42");
    for path in ["/double/x", "/double/-1", "/double/99999999999", "/other/1"] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 400, "{path}");
        assert!(text(&response).contains(r#""field":"id""#), "{path}");
    }
}

#[tokio::test]
async fn text_beats_a_parameter_and_a_parameter_beats_the_rest_in_every_order() {
    let routes = [
        ("GET", "/a/*rest"),
        ("GET", "/a/:name"),
        ("GET", "/a/b"),
        ("GET", "/a/b/c"),
    ];
    for turn in 0..routes.len() {
        let mut turned = routes;
        turned.rotate_left(turn);
        let server = server(&turned).await;
        let table = [
            ("/a/b", "/a/b"),
            ("/a/x", "/a/:name name=x"),
            ("/a/b/c", "/a/b/c"),
            ("/a/b/d", "/a/*rest rest=b/d"),
            ("/a/", "/a/*rest rest="),
        ];
        for (path, expected) in table {
            assert_eq!(
                text(&server.get(path).await),
                expected,
                "{path} in turn {turn}"
            );
        }
    }
}

#[tokio::test]
async fn the_characters_of_patterns_are_text_in_a_path() {
    let server = server(&[("GET", "/hello/:name"), ("GET", "/hello/b/c")]).await;
    for path in [
        "/hello/*a/b/c",
        "/hello/zzz/c",
        "//hello///tom",
        "/hello/tom/",
        "/hello/",
        "/hello",
    ] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn each_method_has_a_router_of_its_own() {
    let server = server(&[
        ("GET", "/a/:name"),
        ("POST", "/a/c"),
        ("DELETE", "/a/*rest"),
    ])
    .await;
    assert_eq!(text(&server.get("/a/c").await), "/a/:name name=c");
    assert_eq!(text(&server.ask(Method::POST, "/a/c").await), "/a/c");
    assert_eq!(
        text(&server.ask(Method::DELETE, "/a/c").await),
        "/a/*rest rest=c"
    );
    assert_eq!(server.ask(Method::HEAD, "/a/c").await.status(), 200);
}

#[tokio::test]
async fn allow_is_gathered_from_all_methods() {
    let server = server(&[
        ("GET", "/a/:name"),
        ("POST", "/a/c"),
        ("DELETE", "/a/*rest"),
    ])
    .await;
    let table = [
        (Method::PUT, "/a/c", 405, "DELETE, GET, HEAD, OPTIONS, POST"),
        (Method::POST, "/a/x", 405, "DELETE, GET, HEAD, OPTIONS"),
        (Method::GET, "/a/x/y", 405, "DELETE, OPTIONS"),
        (Method::OPTIONS, "/a/x/y", 204, "DELETE, OPTIONS"),
        (
            Method::OPTIONS,
            "*",
            204,
            "DELETE, GET, HEAD, OPTIONS, POST",
        ),
    ];
    for (method, path, status, allow) in table {
        let response = server.ask(method.clone(), path).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(response.headers()[ALLOW], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn a_slash_too_many_or_too_few_is_redirected_where_that_is_the_policy() {
    let mut engine = engine(&[
        ("GET", "/a"),
        ("POST", "/b/"),
        ("GET", "/:id/:name"),
        ("GET", "/f/*rest"),
    ]);
    engine.trailing_slash(TrailingSlash::Redirect);
    let server = Server::start(engine).await;
    let table = [
        (Method::GET, "/a/", "/a"),
        (Method::GET, "/a/?x=%2F&y", "/a?x=%2F&y"),
        (Method::POST, "/b", "/b/"),
        (Method::GET, "/x/y%20z/", "/x/y%20z"),
        (Method::GET, "/f", "/f/"),
        (Method::POST, "/a/", "/a"),
    ];
    for (method, path, target) in table {
        let response = server.ask(method.clone(), path).await;
        assert_eq!(
            response.status(),
            StatusCode::PERMANENT_REDIRECT,
            "{method} {path}"
        );
        assert_eq!(response.headers()[LOCATION], target, "{method} {path}");
    }
    for path in ["/", "/nope/", "/x/y//", "//a/", "//a"] {
        assert_eq!(server.get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_slash_too_many_is_a_404_where_nobody_chose_another_policy() {
    let server = server(&[("GET", "/a")]).await;
    assert_eq!(server.get("/a/").await.status(), 404);
}

/// To a browser, `//evil.test` in a `Location` is another site, and so is `/\evil.test`.
#[tokio::test]
async fn no_redirect_leads_to_another_site() {
    let mut engine = engine(&[("GET", "/:id"), ("GET", "/:id/:name")]);
    engine.trailing_slash(TrailingSlash::Redirect);
    let server = Server::start(engine).await;
    for path in [
        "//evil.test/",
        "//evil.test",
        "///evil.test/",
        r"/\evil.test/",
        r"/\/evil.test/",
    ] {
        let response = server.get(path).await;
        assert_eq!(response.headers().get(LOCATION), None, "{path}");
        assert_eq!(response.status(), 404, "{path}");
    }
    for path in ["/evil.test", "/%2Fevil.test", r"/%5Cevil.test"] {
        let response = server.get(&format!("{path}/")).await;
        assert_eq!(response.headers()[LOCATION], path, "{path}");
    }
}

#[test]
fn routes_that_contradict_each_other_are_refused_with_both_names() {
    let mut engine = engine(&[("GET", "/users/:id"), ("GET", "/f/*rest")]);
    let table = [
        ("/users/:name", "/users/:id"),
        ("/users/:name/posts", "/users/:id"),
        ("/users/:id", "/users/:id"),
        ("/f/*path", "/f/*rest"),
    ];
    for (path, with) in table {
        let error = engine.get(path, show(path)).err().unwrap().to_string();
        assert!(error.starts_with(&format!("GET {path}: ")), "{error}");
        assert!(error.contains(&format!("`{with}`")), "{error}");
    }
    assert!(engine.post("/users/:name", show("other method")).is_ok());
}
