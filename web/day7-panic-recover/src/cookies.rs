//! Cookies of the request. Those of the response are set with
//! [`with_cookie`](crate::IntoResponse::with_cookie).

use cookie::Cookie;
use hyper::header::COOKIE;

use crate::Context;

impl Context {
    /// The value of the first cookie of this name, percent-decoded.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let headers = self.headers().get_all(COOKIE).iter();
        let cookies = headers.filter_map(|header| header.to_str().ok());
        let mut cookies = cookies.flat_map(Cookie::split_parse_encoded).flatten();
        let cookie = cookies.find(|cookie| cookie.name() == name)?;
        Some(cookie.value().to_owned())
    }
}
