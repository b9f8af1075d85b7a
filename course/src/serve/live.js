// Follows the book while it is served: reloads the page when there is a newer edition, and shows why there is none.
"use strict";

(() => {
    const own = Number(document.currentScript.dataset.edition);
    let source = null;

    function listen() {
        source = new EventSource("/-/news");
        source.addEventListener("book", event => {
            const news = JSON.parse(event.data);
            if (news.edition !== own) {
                location.reload();
            } else {
                show(news.problem);
            }
        });
    }

    function show(problem) {
        let banner = document.getElementById("rendering-problem");
        if (!problem) {
            banner?.remove();
            return;
        }
        banner ??= document.body.appendChild(document.createElement("pre"));
        banner.id = "rendering-problem";
        banner.setAttribute("role", "alert");
        banner.style.cssText = "position:fixed;inset:auto 0 0 0;z-index:1000;margin:0;padding:12px 16px;" +
            "max-height:45vh;overflow:auto;background:#7a1b14;color:#fff;font:13px/1.5 monospace;white-space:pre-wrap";
        banner.textContent = "The book is not rendered; this is the last good one.\n\n" + problem;
    }

    // A browser opens six connections to one server at most, and each open page would hold one for ever.
    document.addEventListener("visibilitychange", () => {
        if (document.hidden) {
            source?.close();
            source = null;
        } else if (!source) {
            listen();
        }
    });

    if (!document.hidden) {
        listen();
    }
})();
