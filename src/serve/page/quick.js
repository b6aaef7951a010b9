// The numbers that are most often changed, above the form: servers, attendants, arrivals, the seed.

import { $, el, number } from "./dom.js";

const MOST = 8;

/** The quick numbers of a scenario: name, path, value, step, and the least value. */
function offered(outline) {
  const all = [];
  const numeric = (value) => typeof value === "number" && Number.isFinite(value);
  const list = outline.stations ? "stations" : "stages";
  for (const [at, stage] of (outline[list] ?? []).entries()) {
    if (stage.servers === undefined || Number.isInteger(stage.servers)) all.push({ name: stage.name ?? `${list.slice(0, -1)} ${at + 1}`, what: "servers", path: [list, at, "servers"], value: stage.servers ?? 1, least: 1, key: `${list}.${stage.name ?? at}.servers` });
  }
  for (const [at, server] of (outline.servers ?? []).entries()) {
    const groups = Array.isArray(server.attendants) ? server.attendants : [];
    groups.forEach((group, place) => {
      const skills = [group.skills ?? []].flat().join(" + ");
      all.push({ name: `${server.name ?? at + 1}: ${skills || "attendants"}`, what: "attendants", path: ["servers", at, "attendants", place, "count"], value: group.count ?? 1, least: 1, key: `servers.${server.name ?? at}.attendants.${place}.count` });
    });
  }
  const walk = (value, path) => {
    for (const [key, inner] of Object.entries(value ?? {})) {
      const here = [...path, key];
      if (numeric(inner) && /^(mean|rate|value|low|high|lambda)$/.test(key)) all.push({ name: "arrivals", what: here.length > 2 ? here.at(-1) : "", path: here, value: inner, step: step(inner), least: 0, key: here.join(".") });
      else if (inner && typeof inner === "object" && !Array.isArray(inner)) walk(inner, here);
    }
  };
  const arrivals = [];
  const before = all.length;
  walk(outline.arrivals, ["arrivals"]);
  arrivals.push(...all.splice(before, 2));
  const capacity = outline.buffer?.capacity;
  const buffer = numeric(capacity) ? [{ name: "buffer", what: "places", path: ["buffer", "capacity"], value: capacity, step: capacity >= 20 ? 5 : 1, least: 0, key: "buffer.capacity" }] : [];
  const seed = Number.isSafeInteger(outline.seed) ? [{ name: "seed", what: "chance", path: ["seed"], value: outline.seed, least: 0 }] : [];
  return [...arrivals, ...all.slice(0, MOST), ...buffer, ...seed];
}

/** A number as text, with its thousands separated. */
const plain = (value) => (Number.isInteger(value) ? number(value) : String(value));

/** A tenth of the value, rounded to one figure. */
function step(value) {
  if (!value) return 1;
  const tenth = Math.abs(value) / 10, power = 10 ** Math.floor(Math.log10(tenth));
  return Number((Math.round(tenth / power) * power).toPrecision(1));
}

/** Shows the quick numbers; `change` is the same as for the form, `attempt` opens a study of a key's values. */
export function quick(outline, change, attempt) {
  const root = $("quick");
  root.toggleAttribute("inert", !outline);
  if (!outline) return;
  const focus = document.activeElement?.closest?.("#quick [data-quick]")?.dataset.quick;
  const item = (one) => {
    const by = one.step ?? 1, places = Math.max(0, -Math.floor(Math.log10(by)));
    const set = (value) => change({ do: "set", path: one.path, value: Number(Math.max(one.least, value).toFixed(places)) });
    const id = one.path.join("."), label = `${one.name}, ${one.what}`;
    const around = [1, 2, 3, 4, 5].map((n) => Number((Math.max(one.least, one.value - 2 * by) + (n - 1) * by).toFixed(places)));
    return el("li", {},
      el("span", { class: "name", title: one.path.join(" ") }, el("strong", {}, one.name), ` ${one.what}`),
      el("span", { class: "stepper", role: "group", "aria-label": label },
        el("button", { type: "button", "data-quick": `${id}-`, "aria-label": `${label}: less`, disabled: one.value <= one.least, onclick: () => set(one.value - by) }, "−"),
        el("output", {}, plain(one.value)),
        el("button", { type: "button", "data-quick": `${id}+`, "aria-label": `${label}: more`, onclick: () => set(one.value + by) }, "+")),
      one.key ? el("button", { type: "button", class: "try", "data-quick": `${id}?`, title: "Runs each of these values many times and compares them", onclick: () => attempt(one.key, around.join(",")) }, `try ${plain(around[0])} to ${plain(around.at(-1))}`) : el("span"));
  };
  root.replaceChildren(...offered(outline).map(item));
  if (focus) [...root.querySelectorAll("[data-quick]")].find((one) => one.dataset.quick === focus)?.focus();
}
