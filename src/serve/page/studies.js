// Many runs: replications with intervals, grids, the best order of a line's stages.

import { $, ask, el, number, say } from "./dom.js";
import { draft } from "./scenario.js";
import { report } from "./results.js";

const KINDS = { replicate: "Replicate", sweep: "Vary a key", order: "Best order" };
const state = { study: null, timer: 0, valid: false, model: "" };

export function begin() {
  const kind = el("select", { id: "study-kind", onchange: () => chosen() }, Object.entries(KINDS).map(([value, label]) => el("option", { value }, label)));
  const field = (label, control, kinds, help) => el("label", { class: "field wide", "data-kinds": kinds, title: help }, el("span", {}, label), control);
  const input = (id, value, more = {}) => el("input", { id, type: "text", value, ...more });
  $("study").append(
    el("div", { class: "sheet" }, el("form", { id: "study-form", onsubmit: (event) => { event.preventDefault(); start(); } },
      field("Study", kind, "replicate sweep order"),
      field("Replications", input("study-n", "20", { inputmode: "numeric" }), "replicate sweep"),
      field("Measure", input("study-measure", "waiting.mean", { list: "study-measures" }), "replicate sweep", "A dotted key of the summary"),
      field("Key to vary", input("study-key", "", { placeholder: "stages.0.servers", list: "study-keys" }), "sweep"),
      field("Values", input("study-values", "", { placeholder: "1..5 or 0.5,0.7,0.9" }), "sweep"),
      field("Minimise", el("select", { id: "study-objective" }, ["waiting.mean", "queues_joined.mean", "idle_time.mean", "idle_time.max", "sojourn.mean"].map((one) => el("option", { value: one }, one))), "order"),
      el("div", { class: "actions" }, el("button", { id: "study-start", class: "primary", type: "submit" }, "Start"), el("button", { id: "study-cancel", type: "button", disabled: true, onclick: cancel }, "Cancel"), el("progress", { id: "study-progress", max: "1", value: "0", "aria-label": "Progress of the study" }), el("span", { id: "study-state", class: "note", role: "status" }, "")))),
    el("datalist", { id: "study-keys" }), el("datalist", { id: "study-measures" }),
    el("p", { id: "study-wrong", class: "wrong", role: "alert", hidden: true }),
    el("div", { id: "study-found", class: "sheet results", hidden: true }));
  chosen();
}

function chosen() {
  const kind = $("study-kind").value;
  for (const field of $("study-form").querySelectorAll("[data-kinds]")) field.hidden = !field.dataset.kinds.split(" ").includes(kind);
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
  if (judged.error) return ready();
  const keys = [];
  const walk = (value, path) => {
    if (typeof value === "number") keys.push(path.join("."));
    else if (value && typeof value === "object") for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
  };
  walk(judged.outline, []);
  $("study-keys").replaceChildren(...keys.map((key) => el("option", { value: key })));
  const measures = judged.model === "desk" ? ["waiting.mean", "waiting.p95", "sojourn.mean", "requests.completed", "requests.rejected", "requests.failed", "buffer.mean", "faults.availability"] : ["waiting.mean", "waiting.p95", "sojourn.mean", "throughput", "queues_joined.mean", "idle_time.mean", "blocked.mean"];
  $("study-measures").replaceChildren(...measures.map((key) => el("option", { value: key })));
  if (!keys.includes($("study-key").value)) $("study-key").value = keys.find((key) => /servers|capacity|buffer|rate|mean/.test(key)) ?? "";
  ready();
}

async function start() {
  const kind = $("study-kind").value;
  const measure = $("study-measure").value.trim() || "waiting.mean";
  const asked = { replicate: { replications: Number($("study-n").value), measure }, sweep: { replications: Number($("study-n").value), measure, key: $("study-key").value.trim(), values: $("study-values").value.trim() }, order: { objective: $("study-objective").value } }[kind];
  wrong("");
  try {
    const answer = await ask("/api/studies", { ...draft(), question: { kind, ...asked } });
    state.study = answer.study;
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
  $("study-progress").value = wanted ? done / wanted : 0;
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
  $("study-found").replaceChildren(...report(found));
  $("study-found").hidden = false;
}
