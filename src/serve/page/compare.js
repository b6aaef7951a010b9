// Two runs side by side, with the differences of their measures.

import { $, ask, el, number, percent } from "./dom.js";
import { called, figures, table } from "./results.js";

const chosen = { a: "", b: "", newest: 0 };

export function begin() {
  $("compare").append(
    el("div", { class: "sheet" }, el("form", { onsubmit: (event) => event.preventDefault() }, pick("a", "First run"), pick("b", "Second run")), el("p", { class: "note", id: "compare-note" })),
    el("div", { class: "sheet", id: "compared", hidden: true, "aria-live": "polite" }));
}

const pick = (which, label) => el("label", { class: "field" }, el("span", {}, label), el("select", { id: `compare-${which}`, onchange: (event) => { chosen[which] = event.target.value; compare(); } }));

export async function open() {
  const { runs } = await ask("/api/runs");
  const done = runs.filter((run) => run.state === "done");
  const option = (run) => el("option", { value: run.run }, called(run));
  // A run that is new since the last look is compared with the one before it.
  if (done.length && done[0].run !== chosen.newest) Object.assign(chosen, { a: "", b: "", newest: done[0].run });
  chosen.a = done.some((run) => String(run.run) === chosen.a) ? chosen.a : String(done[1]?.run ?? done[0]?.run ?? "");
  chosen.b = done.some((run) => String(run.run) === chosen.b) ? chosen.b : String(done[0]?.run ?? "");
  for (const which of ["a", "b"]) {
    $(`compare-${which}`).replaceChildren(...done.map(option));
    $(`compare-${which}`).value = chosen[which];
    $(`compare-${which}`).disabled = done.length < 2;
  }
  $("compare-note").textContent = done.length < 2 ? "Two finished runs can be compared here: run a scenario, change it, run it again." : "";
  $("compared").hidden = true;
  if (done.length > 1) compare();
}

async function compare() {
  if (!chosen.a || !chosen.b) return;
  try {
    const answer = await ask(`/api/compare?a=${chosen.a}&b=${chosen.b}`);
    const pictures = el("div", { class: "pictures" });
    figures(pictures, answer.charts);
    const rows = answer.rows.map(({ name, a, b }) => {
      const by = a === null || b === null ? null : b - a;
      const signed = (value, text) => `${value > 0 ? "+" : ""}${text}`;
      return [name, number(a), number(b), by === null ? "–" : signed(by, number(by)), !by || !a ? "–" : signed(by, percent(by / Math.abs(a)))];
    });
    const main = rows.filter((_, at) => answer.rows[at].main), rest = rows.filter((_, at) => !answer.rows[at].main);
    const head = ["measure", `run ${answer.a}`, `run ${answer.b}`, "difference", "share"];
    $("compared").replaceChildren(
      el("p", { class: "answer" }, answer.sentence),
      el("p", {}, answer.changed.length ? `What was changed: ${answer.changed.join("; ")}.` : "The two scenarios are the same."),
      pictures,
      table(head, main, "Main measures, compared"),
      el("details", {}, el("summary", {}, `All ${rows.length} measures`), table(head, rest, "All other measures, compared")));
    $("compared").hidden = false;
  } catch (error) {
    $("compare-note").textContent = error.message;
  }
}
