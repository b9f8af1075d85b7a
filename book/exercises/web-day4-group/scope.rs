//! Exercise 1 of day 4: a group as a block.
//!
//! Copy this file to `web/day4-group/tests/` and add to `Engine` and to `RouterGroup`:
//!
//! ```text
//! /// Registers routes under a prefix.
//! ///
//! /// # Errors
//! ///
//! /// That of `register`. What it had registered before stays.
//! pub fn scope(
//!     &mut self,
//!     prefix: &str,
//!     register: impl FnOnce(&mut RouterGroup<'_>) -> Result<(), RouteError>,
//! ) -> Result<&mut Self, RouteError>
//! ```

use web_day4_group as gee;

use gee::{Context, Engine, RouteError, RouterGroup};

fn paths(engine: &Engine) -> Vec<String> {
    let routes = engine.routes();
    routes
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

async fn answer(_: Context) -> &'static str {
    "answer"
}

#[test]
fn a_scope_is_a_group_and_goes_on_with_what_is_around_it() {
    let mut engine = Engine::new();
    engine
        .scope("/v1", |v1| {
            v1.get("/a", answer)?.post("/a", answer)?;
            Ok(())
        })
        .and_then(|engine| engine.get("/b", answer))
        .unwrap();
    assert_eq!(paths(&engine), ["GET /v1/a", "POST /v1/a", "GET /b"]);
}

#[test]
fn scopes_nest_in_each_other_and_in_groups() {
    let mut engine = Engine::new();
    let mut api = engine.group("/api");
    api.scope("/users", |users| {
        users.get("", answer)?.scope("/:id", |user| {
            user.get("/posts", answer)?;
            Ok(())
        })?;
        users.post("", answer)?;
        Ok(())
    })
    .unwrap();
    let expected = [
        "GET /api/users",
        "GET /api/users/:id/posts",
        "POST /api/users",
    ];
    assert_eq!(paths(&engine), expected);
}

#[test]
fn a_function_will_do_and_so_will_a_closure_that_borrows() {
    fn module(group: &mut RouterGroup<'_>) -> Result<(), RouteError> {
        group.get("/list", answer)?;
        Ok(())
    }
    let mut engine = Engine::new();
    let names = ["/x".to_owned(), "/y".to_owned()];
    let mut count = 0;
    engine
        .scope("/a", module)
        .and_then(|engine| {
            engine.scope("/b", |b| {
                for name in &names {
                    b.get(name, answer)?;
                    count += 1;
                }
                Ok(())
            })
        })
        .unwrap();
    assert_eq!(paths(&engine), ["GET /a/list", "GET /b/x", "GET /b/y"]);
    assert_eq!(count, names.len());
}

#[test]
fn an_error_within_comes_out_and_ends_the_block() {
    let mut engine = Engine::new();
    let refused = engine.scope("/v1", |v1| {
        v1.get("/:id", answer)?;
        v1.get("/:name", answer)?;
        v1.get("/never", answer)?;
        Ok(())
    });
    assert_eq!(refused.err().unwrap().path(), "/v1/:name");
    assert_eq!(paths(&engine), ["GET /v1/:id"]);
}
