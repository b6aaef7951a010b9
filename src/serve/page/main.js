// Assembles the page.

import { $, tabs } from "./dom.js";
import * as scenario from "./scenario.js";
import * as room from "./room.js";
import * as studies from "./studies.js";
import * as compare from "./compare.js";

const show = tabs(["watch", "study", "compare"], (which) => { if (which === "compare") compare.open(); });
scenario.onChange((judged) => {
  room.fits(judged);
  studies.fits(judged);
});
// Links within the page scroll without changing the address, which names the run.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  const target = document.querySelector(link.getAttribute("href"));
  if (target?.closest("#watch")) show("watch");
  target?.scrollIntoView();
  target?.focus({ preventScroll: true });
});
room.begin(() => show("watch"));
room.onMore(() => { show("study"); studies.replicate(); });
scenario.onTry((key, values) => { show("study"); studies.vary(key, values); });
studies.begin();
compare.begin();
await scenario.begin();
await room.resume();
