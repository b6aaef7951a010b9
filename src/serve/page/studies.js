// Many runs: replications with intervals, grids, the best order of a line's stages.

import { $, ask, el, number, say } from "./dom.js";
import { draft } from "./scenario.js";
import { answered, sections } from "./results.js";

const KINDS = { replicate: "Replicate", sweep: "Try values of a key", order: "Best order" };
const OBJECTIVES = { "waiting.mean": "mean wait", "queues_joined.mean": "mean number of queues joined", "idle_time.mean": "mean idle time", "idle_time.max": "idle time of the idlest stage", "sojourn.mean": "mean time in the line" };
const OTHER = "?";
const state = { study: null, timer: 0, valid: false, model: "", name: "" };

export function begin() {
  const kind = el("select", { id: "study-kind", onchange: () => chosen() }, Object.entries(KINDS).map(([value, label]) => el("option", { value }, label)));
  const field = (label, control, kinds, help) => el("label", { class: "field wide", "data-kinds": kinds, title: help }, el("span", {}, label), control);
  const input = (id, value, more = {}) => el("input", { id, type: "text", value, ...more });
  $("study").append(
    el("div", { class: "sheet" }, el("form", { id: "study-form", onsubmit: (event) => { event.preventDefault(); start(); } },
      field("Study", kind, "replicate sweep order"),
      field("Replications", input("study-n", "20", { inputmode: "numeric" }), "replicate sweep"),
      field("Measure", el("select", { id: "study-measure", onchange: () => chosen() }), "replicate sweep"),
      field("Key of the measure", input("study-other", "", { placeholder: "stages.0.blocked.mean" }), "other", "A dotted key of the summary"),
      field("Key to vary", input("study-key", "", { placeholder: "stages.0.servers", list: "study-keys" }), "sweep"),
      field("Values", input("study-values", "", { placeholder: "1..5 or 0.5,0.7,0.9" }), "sweep"),
      field("Minimise", el("select", { id: "study-objective" }, Object.entries(OBJECTIVES).map(([value, label]) => el("option", { value }, label))), "order"),
      el("div", { class: "actions" }, el("button", { id: "study-start", class: "primary", type: "submit" }, "Start"), el("button", { id: "study-cancel", type: "button", disabled: true, onclick: cancel }, "Cancel"), el("progress", { id: "study-progress", max: "1", value: "0", "aria-label": "Progress of the study" }), el("span", { id: "study-state", class: "note", role: "status" }, "")))),
    el("datalist", { id: "study-keys" }),
    el("p", { id: "study-wrong", class: "wrong", role: "alert", hidden: true }),
    el("div", { id: "study-found", class: "sheet results", hidden: true }));
  chosen();
}

function chosen() {
  const kind = $("study-kind").value;
  const shown = (kinds) => kinds.includes(kind) || (kinds.includes("other") && kind !== "order" && $("study-measure").value === OTHER);
  for (const field of $("study-form").querySelectorAll("[data-kinds]")) field.hidden = !shown(field.dataset.kinds.split(" "));
  ready();
}

function ready() {
  const order = $("study-kind").value === "order" && state.model !== "tandem";
  $("study-start").disabled = !state.valid || Boolean(state.timer) || order;
  if (!state.timer) $("study-state").textContent = order ? "Only the stages of a line have an order." : "";
}

/** Offers the keys that can be varied: those of the scenario with a numeric value. */
export function fits(judged) {
  state.valid = !judged.error;
  state.model = judged.model ?? state.model;
  state.name = judged.name ?? state.name;
  if (judged.error) return ready();
  const keys = [];
  const walk = (value, path) => {
    if (typeof value === "number") keys.push(path.join("."));
    else if (value && typeof value === "object") for (const [key, inner] of Object.entries(value)) walk(inner, [...path, Array.isArray(value) && /^[\w-]+$/.test(inner?.name ?? "") ? inner.name : key]);
  };
  walk(judged.outline, []);
  $("study-keys").replaceChildren(...keys.map((key) => el("option", { value: key })));
  const before = $("study-measure").value;
  $("study-measure").replaceChildren(...judged.measures.map(({ key, name }) => el("option", { value: key }, name)), el("option", { value: OTHER }, "another, by its key …"));
  if ([...$("study-measure").options].some((one) => one.value === before)) $("study-measure").value = before;
  else $("study-measure").selectedIndex = 0;
  chosen();
  if (!keys.includes($("study-key").value)) $("study-key").value = keys.find((key) => /servers|capacity|buffer|rate|mean/.test(key)) ?? "";
  ready();
}

/** Runs the scenario twenty times more, for an interval. */
export function replicate() {
  $("study-kind").value = "replicate";
  $("study-n").value = "20";
  chosen();
  if (!$("study-start").disabled) start();
}

/** Prepares a sweep over these values of a key. */
export function vary(key, values) {
  $("study-kind").value = "sweep";
  $("study-key").value = key;
  $("study-values").value = values;
  chosen();
  $("study-start").focus();
}

async function start() {
  const kind = $("study-kind").value;
  const measure = $("study-measure").value === OTHER ? $("study-other").value.trim() : $("study-measure").value;
  const n = Number($("study-n").value);
  if (kind !== "order" && !(Number.isInteger(n) && n > 0)) return wrong(`Replications are a whole number, such as 20, not ${$("study-n").value || "nothing"}.`);
  if (kind === "sweep" && !/^[^\s]+$/.test($("study-values").value.trim())) return wrong("Values are a range, 1..5, or a list, 0.5,0.7,0.9, without spaces.");
  const asked = { replicate: { replications: n, measure }, sweep: { replications: n, measure, key: $("study-key").value.trim(), values: $("study-values").value.trim() }, order: { objective: $("study-objective").value } }[kind];
  wrong("");
  $("study-found").hidden = true;
  try {
    const answer = await ask("/api/studies", { ...draft(), question: { kind, ...asked } });
    state.study = answer.study;
    state.asked = `${KINDS[kind]}: ${state.name}`;
    $("study-found").hidden = true;
    $("study-cancel").disabled = false;
    state.timer = setInterval(look, 300);
    ready();
    look();
  } catch (error) {
    wrong(error.message);
  }
}

const cancel = () => ask(`/api/studies/${state.study}/cancel`, {}).catch((error) => wrong(error.message));

function wrong(text) {
  if (text) {
    $("study-found").hidden = true;
    $("study-state").textContent = "";
    $("study-progress").value = 0;
  }
  $("study-wrong").textContent = text;
  $("study-wrong").hidden = !text;
}

async function look() {
  let told;
  try {
    told = await ask(`/api/studies/${state.study}`);
  } catch (error) {
    ended();
    return wrong(error.message);
  }
  const { done, wanted } = told.progress;
  if (wanted) $("study-progress").value = done / wanted;
  else $("study-progress").removeAttribute("value");
  if (state.timer) $("study-state").textContent = told.state === "queued" ? "queued" : `${number(done)}${wanted ? ` of ${number(wanted)}` : ""} ${told.progress.what}`;
  if (told.state === "queued" || told.state === "running") return;
  ended();
  if (told.state === "failed") return wrong(told.error);
  $("study-progress").value = told.state === "cancelled" ? $("study-progress").value : 1;
  $("study-state").textContent = told.state === "cancelled" ? "cancelled" : "done";
  say(`The study is ${told.state}.`);
  if (told.found) found(told.found);
}

function ended() {
  clearInterval(state.timer);
  state.timer = 0;
  $("study-cancel").disabled = true;
  ready();
}

function found(found) {
  $("study-found").replaceChildren(el("section", {}, answered(found, el("p", { class: "note" }, state.asked)).flat()), ...sections(found));
  $("study-found").hidden = false;
}
