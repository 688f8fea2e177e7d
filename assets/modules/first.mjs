/** Entry of the front page, loaded from its head: a moving picture while Dash is still building the page. */

import { showEarly } from "./panels/first_picture.mjs";

if (location.pathname === "/") {
  if (document.body) showEarly();
  else new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    showEarly();
  }).observe(document.documentElement, { childList: true });
}
