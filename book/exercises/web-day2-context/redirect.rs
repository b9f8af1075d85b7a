//! Exercise 1 of day 2: send a client somewhere else.
//!
//! Copy this file to `web/day2-context/tests/` and add, in a module of its own and named in `lib.rs`:
//!
//! ```text
//! /// Sends the client to another place.
//! pub struct Redirect { .. }
//!
//! impl Redirect {
//!     /// Look there, with GET: 303. What to answer after a form.
//!     pub fn to(location: impl Into<String>) -> Self
//!
//!     /// It has moved for good: 308. The client repeats its request there, method and body included.
//!     pub fn permanent(location: impl Into<String>) -> Self
//! }
//!
//! impl IntoResponse for Redirect { .. }
//! ```
//!
//! A location that no header can carry is a 500, and stays one.

use web_day2_context as gee;

use gee::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use gee::http::{Request, StatusCode};
use gee::{Body, Context, Cookie, Engine, IntoResponse, Redirect, Response};

#[test]
fn after_a_form_the_client_looks_elsewhere_with_get() {
    let response = Redirect::to("/done?id=7").into_response();
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[LOCATION], "/done?id=7");
}

#[test]
fn what_has_moved_for_good_keeps_its_method() {
    let response = Redirect::permanent(String::from("https://gee.test/")).into_response();
    assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(response.headers()[LOCATION], "https://gee.test/");
}

#[test]
fn it_is_a_response_like_any_other() {
    let response = Redirect::to("/").with_cookie(Cookie::new("user", "tom"));
    assert_eq!(response.headers()[SET_COOKIE], "user=tom");
    assert_eq!(response.headers()[LOCATION], "/");
    let found = (StatusCode::FOUND, Redirect::to("/")).into_response();
    assert_eq!(found.status(), StatusCode::FOUND);
}

#[test]
fn a_line_break_in_the_location_is_a_500_whatever_status_stands_around_it() {
    let evil = || Redirect::to("/hello?name=\r\nx-evil: 1");
    let answers = [
        evil().into_response(),
        evil().with_status(StatusCode::FOUND),
        Redirect::permanent("/\0").into_response(),
    ];
    for response in answers {
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!response.headers().contains_key(LOCATION));
        assert!(!response.headers().contains_key("x-evil"));
    }
}

#[tokio::test]
async fn a_handler_may_leave_by_it_with_a_question_mark() {
    let user = |c: &Context| c.cookie("user").ok_or_else(|| Redirect::to("/login"));
    let handler = move |c: Context| async move { Ok::<_, Redirect>(user(&c)?) };
    let mut engine = Engine::new();
    engine.get("/", handler).unwrap();
    let ask = async |cookie: &str| -> Response {
        let request = Request::get("/").header("cookie", cookie);
        engine.handle(request.body(Body::empty()).unwrap()).await
    };
    let stranger = ask("").await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
    assert_eq!(stranger.headers()[LOCATION], "/login");
    let known = ask("user=tom").await;
    assert_eq!(known.status(), StatusCode::OK);
    assert_eq!(known.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
}
