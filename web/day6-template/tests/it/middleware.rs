//! Layers: their order, what they are bound to, and what they can do.

use std::sync::{Arc, Mutex};

use hyper::{Method, StatusCode};

use crate::gee::http::HeaderValue;
use crate::gee::{Context, Engine, Handler, IntoResponse, Middleware, Next, Response};
use crate::support::{Server, text};

/// A layer that leaves its letter before and after.
fn letter(letter: char, trace: &Arc<Mutex<String>>) -> impl Middleware {
    let trace = Arc::clone(trace);
    move |c: Context, next: Next| {
        let trace = Arc::clone(&trace);
        async move {
            trace.lock().unwrap().push(letter);
            let response = next.run(c).await;
            trace.lock().unwrap().push(letter);
            response
        }
    }
}

/// A layer that adds a header `x-layer` to the answer.
fn mark(name: &'static str) -> impl Middleware {
    move |c: Context, next: Next| async move {
        let mut response = next.run(c).await;
        let value = HeaderValue::from_static(name);
        response.headers_mut().append("x-layer", value);
        response
    }
}

fn marks<B>(response: &hyper::Response<B>) -> Vec<&str> {
    let values = response.headers().get_all("x-layer").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

async fn guard(_: Context, _: Next) -> StatusCode {
    StatusCode::UNAUTHORIZED
}

fn fine() -> impl Handler {
    |_: Context| async { "fine" }
}

#[tokio::test]
async fn a_request_goes_in_and_its_response_comes_out() {
    let trace = Arc::default();
    let mut engine = Engine::new();
    engine.layer(letter('a', &trace));
    let mut group = engine.group("/group");
    group.layer(letter('b', &trace)).layer(letter('c', &trace));
    let mut inner = group.group("/inner");
    inner.layer(letter('d', &trace));
    let handler = fine().with(letter('f', &trace)).with(letter('e', &trace));
    inner.get("/", handler).unwrap();
    Server::start(engine).await.get("/group/inner/").await;
    assert_eq!(*trace.lock().unwrap(), "abcdeffedcba");
}

#[tokio::test]
async fn a_layer_that_does_not_go_on_answers_in_place_of_all_further_in() {
    let trace = Arc::default();
    let mut engine = Engine::new();
    engine
        .layer(letter('a', &trace))
        .layer(guard)
        .layer(letter('b', &trace));
    engine.get("/", fine().with(letter('c', &trace))).unwrap();
    let response = Server::start(engine).await.get("/").await;
    assert_eq!(response.status(), 401);
    assert_eq!(response.body(), "");
    assert_eq!(*trace.lock().unwrap(), "aa");
}

#[tokio::test]
async fn a_layer_holds_for_routes_that_are_registered_after_it() {
    let mut engine = Engine::new();
    engine.get("/early", fine()).unwrap();
    engine.layer(mark("late"));
    engine.get("/late", fine()).unwrap();
    let mut group = engine.group("/group");
    group.get("/early", fine()).unwrap();
    group.layer(mark("group")).get("/late", fine()).unwrap();
    let server = Server::start(engine).await;
    let table: [(&str, &[&str]); 4] = [
        ("/early", &[]),
        ("/late", &["late"]),
        ("/group/early", &["late"]),
        ("/group/late", &["group", "late"]),
    ];
    for (path, expected) in table {
        assert_eq!(marks(&server.get(path).await), expected, "{path}");
    }
}

/// gee compares prefixes of strings, and `/v10` begins with `/v1`.
#[tokio::test]
async fn a_group_is_no_prefix_of_strings() {
    let mut engine = Engine::new();
    engine
        .group("/v1")
        .layer(mark("v1"))
        .get("/a", fine())
        .unwrap();
    engine.group("/v10").get("/a", fine()).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(marks(&server.get("/v1/a").await), ["v1"]);
    assert!(marks(&server.get("/v10/a").await).is_empty());
}

#[tokio::test]
async fn two_groups_with_one_prefix_keep_their_layers_apart() {
    let mut engine = Engine::new();
    engine
        .group("/api")
        .layer(guard)
        .get("/private", fine())
        .unwrap();
    engine.group("/api").get("/public", fine()).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(server.get("/api/private").await.status(), 401);
    assert_eq!(server.get("/api/public").await.status(), 200);
}

/// In gee, `//admin/secret` finds the handler and misses the guard.
#[tokio::test]
async fn no_spelling_of_a_path_goes_past_the_guard() {
    let mut engine = Engine::new();
    engine
        .group("/admin")
        .layer(guard)
        .get("/secret", fine())
        .unwrap();
    let server = Server::start(engine).await;
    assert_eq!(server.get("/admin/secret").await.status(), 401);
    let spellings = [
        "//admin/secret",
        "/admin//secret",
        "/admin/secret/",
        "/./admin/secret",
        "/x/../admin/secret",
        "/%61dmin/secret",
        "/%2Fadmin/secret",
        "/admin%2Fsecret",
        "/ADMIN/secret",
        "/admin/secret?",
        "/admin/%73ecret",
    ];
    for path in spellings {
        let status = server.get(path).await.status();
        assert!([401, 404].contains(&status.as_u16()), "{path}: {status}");
    }
}

/// In gee, no request begins with `/users/:id`, so the guard never runs.
#[tokio::test]
async fn a_prefix_with_a_parameter_has_its_layers() {
    let mut engine = Engine::new();
    let mut user = engine.group("/users/:id");
    user.layer(guard).get("/profile", fine()).unwrap();
    let server = Server::start(engine).await;
    assert_eq!(server.get("/users/7/profile").await.status(), 401);
}

#[tokio::test]
async fn what_has_no_route_passes_the_layers_of_the_engine_only() {
    let mut engine = Engine::new();
    engine.layer(mark("engine"));
    let mut group = engine.group("/guarded");
    group
        .layer(mark("group"))
        .layer(guard)
        .get("/a", fine())
        .unwrap();
    let server = Server::start(engine).await;
    let table = [
        (Method::GET, "/guarded/a", 401, vec!["group", "engine"]),
        (Method::GET, "/guarded/nope", 404, vec!["engine"]),
        (Method::GET, "/nope", 404, vec!["engine"]),
        (Method::POST, "/guarded/a", 405, vec!["engine"]),
        (Method::OPTIONS, "/guarded/a", 204, vec!["engine"]),
    ];
    for (method, path, status, expected) in table {
        let response = server.ask(method.clone(), path).await;
        assert_eq!(response.status(), status, "{method} {path}");
        assert_eq!(marks(&response), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_value_goes_further_in_and_a_type_has_one() {
    #[derive(Clone)]
    struct User(&'static str);
    fn login(name: &'static str) -> impl Middleware {
        move |mut c: Context, next: Next| async move {
            c.set(User(name));
            next.run(c).await
        }
    }
    let whoami = |c: Context| async move { c.get::<User>().map_or("nobody", |user| user.0) };
    let mut engine = Engine::new();
    engine.get("/anybody", whoami).unwrap();
    engine.layer(login("Tom")).get("/tom", whoami).unwrap();
    engine.get("/jerry", whoami.with(login("Jerry"))).unwrap();
    let server = Server::start(engine).await;
    for (path, name) in [("/anybody", "nobody"), ("/tom", "Tom"), ("/jerry", "Jerry")] {
        assert_eq!(text(&server.get(path).await), name, "{path}");
    }
}

#[tokio::test]
async fn a_layer_may_change_the_request_and_replace_the_response() {
    async fn rewrite(mut c: Context, next: Next) -> Response {
        c.headers_mut()
            .insert("x-name", HeaderValue::from_static("layer"));
        let response = next.run(c).await;
        (StatusCode::ACCEPTED, response).into_response()
    }
    let show = |c: Context| async move { c.header("x-name").unwrap_or("none").to_owned() };
    let mut engine = Engine::new();
    engine.layer(rewrite).get("/", show).unwrap();
    let response = Server::start(engine).await.get("/").await;
    assert_eq!(
        (response.status(), text(&response)),
        (StatusCode::ACCEPTED, "layer")
    );
}

#[tokio::test]
async fn a_layer_may_answer_with_anything_that_becomes_a_response() {
    let refuse = |_: Context, _: Next| async { Err::<(), _>((StatusCode::GONE, "gone")) };
    let mut engine = Engine::new();
    engine.layer(refuse).get("/", fine()).unwrap();
    assert_eq!(Server::start(engine).await.get("/").await.status(), 410);
}

#[tokio::test]
async fn a_handler_of_ones_own_answers_where_there_is_no_route() {
    let mut engine = Engine::new();
    engine
        .layer(mark("engine"))
        .no_route(|c: Context| async move { (StatusCode::NOT_FOUND, format!("no {}", c.path())) });
    engine
        .get("/users/:id", |c: Context| c.not_found())
        .unwrap();
    let server = Server::start(engine).await;
    for path in ["/nope", "/users/7"] {
        let response = server.get(path).await;
        assert_eq!(response.status(), 404);
        assert_eq!(text(&response), format!("no {path}"));
        assert_eq!(marks(&response), ["engine"]);
    }
    assert_eq!(server.ask(Method::POST, "/users/7").await.status(), 405);
}

#[tokio::test]
async fn a_handler_for_no_route_that_finds_nothing_ends_with_a_bare_404() {
    let mut engine = Engine::new();
    engine.no_route(|c: Context| c.not_found());
    assert_eq!(Server::start(engine).await.get("/").await.status(), 404);
}
