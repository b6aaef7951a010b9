// The scenario: its choice, its text, and the form beside it. The text is the only source: the form shows
// the values the server reads from it and changes it through the server, which keeps the comments.

import { $, ask, el, number, count, say, tabs, worded } from "./dom.js";
import { Form } from "./form.js";
import { back, keep, kept, note, undoable } from "./kept.js";
import { lineOf, written } from "./written.js";
import { quick } from "./quick.js";

const state = { id: null, text: "", original: "", judged: null, listed: [], asked: 0 };
let attempt = () => {};
let form;
const listeners = [];

/** The scenario to run: its original name and its present text. */
export const draft = () => ({ id: state.id, text: state.text });
export const judged = () => state.judged;
/** Functions called with the result of every check of the scenario. */
export const onChange = (listener) => listeners.push(listener);
/** The function called to try values of a key. */
export const onTry = (tried) => { attempt = tried; };

export async function begin() {
  const schema = await ask("/api/schema");
  form = new Form($("fields"), $("hint"), schema, change);
  const show = tabs(["form", "text"], (which) => { $("hint").hidden = which === "text"; });
  $("wrong").addEventListener("click", () => { show("text"); jump(); });
  const { scenarios, folder } = await ask("/api/scenarios");
  state.listed = scenarios;
  const group = (label, shipped) => {
    const those = scenarios.filter((one) => one.shipped === shipped);
    if (!those.length) return null;
    return el("optgroup", { label }, those.map((one) => el("option", { value: one.id }, `${one.file.replace(/\.toml$/, "")} · ${one.model}`)));
  };
  $("choice").append(...[group(folder ? `In ${folder}` : "", false), group("Come with filas", true)].filter(Boolean));
  $("choice").addEventListener("change", () => choose($("choice").value));
  $("toml").addEventListener("input", typed);
  $("save").addEventListener("click", save);
  $("undo").addEventListener("click", undo);
  $("reset").addEventListener("click", () => become(state.original));
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, input:not([type=checkbox])");
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !typing) { event.preventDefault(); undo(); }
  });
  await choose($("choice").value);
}

/** Chooses a scenario by its id, if it is listed. */
export async function pick(id) {
  if (id === state.id || !state.listed.some((one) => one.id === id)) return;
  $("choice").value = id;
  await choose(id);
}

function undo() {
  const text = back(state.id);
  if (text !== undefined) become(text, false);
}

/** Replaces the whole text. */
async function become(text, noted = true) {
  if (noted) note(state.id, state.text);
  const asked = ++state.asked;
  try {
    const answer = await ask("/api/scenario/check", { id: state.id, text });
    if (asked === state.asked) take(answer, true);
  } catch (error) {
    trouble(error);
  }
}

async function choose(id) {
  const asked = ++state.asked;
  const answer = await ask(`/api/scenario?id=${encodeURIComponent(id)}`);
  if (asked !== state.asked) return;
  state.id = id;
  state.original = answer.text;
  state.text = answer.text;
  form.forget();
  $("question").textContent = state.listed.find((one) => one.id === id)?.question ?? "";
  const edited = kept(id, answer.text);
  if (edited === null) take(answer, true);
  else await become(edited, false);
}

let waiting;
function typed() {
  note(state.id, state.text);
  state.text = $("toml").value;
  written(state.text);
  clearTimeout(waiting);
  waiting = setTimeout(check, 200);
}

async function check() {
  const asked = ++state.asked;
  try {
    const answer = await ask("/api/scenario/check", draft());
    if (asked === state.asked) take(answer, false);
  } catch (error) {
    trouble(error);
  }
}

// Changes are applied one after the other, each to the text that the previous one left.
let changes = Promise.resolve();
function change(wanted) {
  changes = changes.then(async () => {
    const asked = ++state.asked;
    try {
      const before = state.text;
      const answer = await ask("/api/scenario/edit", { ...draft(), change: wanted });
      if (asked !== state.asked) return;
      if (answer.text !== before) note(state.id, before);
      take(answer, true);
    } catch (error) {
      trouble(error);
    }
  });
  return changes;
}

function trouble(error) {
  $("wrong").textContent = error.message;
  $("wrong").hidden = false;
}

/** Shows the server's check of the text. */
function take(answer, write) {
  state.judged = answer;
  if (write) {
    state.text = answer.text;
    if ($("toml").value !== answer.text) $("toml").value = answer.text;
    written(answer.text);
  }
  const wrong = answer.error;
  keep(state.id, state.original, state.text);
  $("changed").hidden = $("reset").disabled = state.text === state.original;
  $("undo").disabled = !undoable(state.id);
  form.show(answer.outline, wrong);
  quick(answer.outline, change, (key, values) => attempt(key, values));
  const where = wrong?.line ? `Line ${wrong.line}, column ${wrong.column}: ` : "";
  $("wrong").textContent = wrong ? `${where}${wrong.message}${wrong.help ? `. ${capital(wrong.help)}` : ""}` : "";
  $("wrong").hidden = !wrong;
  mark();
  $("warnings").replaceChildren(...(answer.warnings ?? []).map((text) => el("li", {}, worded(text))));
  const cost = answer.estimate;
  const takes = cost && (cost.seconds < 0.1 ? "less than 0.1 s" : `about ${cost.seconds < 10 ? Number(cost.seconds.toPrecision(2)) : number(cost.seconds, 0)} s`);
  $("cost").textContent = cost
    ? `At full speed a run takes ${takes}, on ${count(cost.threads, "thread")}. ${answer.theory.applies ? `Theory: ${answer.theory.model}.` : ""}`
    : "";
  if (wrong) say(`The scenario is not valid: ${wrong.message}`);
  listeners.forEach((listener) => listener(answer));
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Marks the line with the error. */
function mark() {
  const wrong = state.judged?.error;
  for (const line of $("lines").querySelectorAll(".bad")) line.classList.remove("bad");
  lineOf(wrong?.line)?.classList.add("bad");
  $("toml").setAttribute("aria-invalid", String(Boolean(wrong)));
}

/** Puts the cursor at the error. */
function jump() {
  const wrong = state.judged?.error;
  if (!wrong?.line) return;
  const before = state.text.split("\n").slice(0, wrong.line - 1);
  const start = before.reduce((sum, line) => sum + line.length + 1, 0) + wrong.column - 1;
  const area = $("toml");
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, start + (wrong.width ?? 1));
  const line = lineOf(wrong.line);
  $("editor").scrollTop = line.offsetTop - 3 * line.offsetHeight;
  $("editor").scrollIntoView({ block: "nearest" });
}

function save() {
  const name = state.id.split("/").pop();
  const link = el("a", { href: URL.createObjectURL(new Blob([state.text], { type: "application/toml" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
