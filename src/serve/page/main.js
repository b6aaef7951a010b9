// Puts the page together.

import { $, tabs } from "./dom.js";
import * as scenario from "./scenario.js";

scenario.onChange((judged) => {
  $("title").textContent = judged.name ? `${judged.name} · ${judged.model}` : "";
  $("run").disabled = Boolean(judged.error);
});
tabs(["watch", "study", "compare"]);
await scenario.begin();
