// Results of a run: the report's document in its order, with charts drawn by the server; then the files.

import { $, ask, el, number, worded } from "./dom.js";
import { readable } from "./hover.js";

/** Shows charts drawn by the server; charts that are already there are replaced without moving the page. */
export function figures(place, charts) {
  charts.forEach((chart, at) => {
    const drawings = chart.drawings.map(({ class: kind, svg, reading }) => {
      const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
      const drawing = el("div", { class: kind, "data-drawing": kind }, document.importNode(drawn, true));
      drawing.reading = reading;
      return drawing;
    });
    let figure = place.children[at];
    if (figure?.tagName !== "FIGURE") {
      figure = el("figure", { class: chart.broad ? "whole" : null });
      readable(figure);
      place.append(figure);
    }
    figure.replaceChildren(el("figcaption", {}, chart.title), ...drawings);
  });
  while (place.children.length > charts.length) place.lastChild.remove();
}

/** A table whose first columns hold words. */
export function table(head, rows, caption, words = 1) {
  const word = (at) => (at < words ? "word" : null);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, el("table", {},
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, head.map((one, at) => (one ? el("th", { scope: "col", class: word(at) }, one) : el("td"))))),
    el("tbody", {}, rows.map((row) => el("tr", { class: row.class }, [...row].map((one, at) => el(at ? "td" : "th", { scope: at ? null : "row", class: word(at) }, one)))))));
}

const SHOWN = 200;

function shownTable(one) {
  const rows = table(one.head, one.rows.slice(0, SHOWN), one.caption, one.words);
  const rest = one.rows.length > SHOWN ? el("p", { class: "note" }, `${SHOWN} of ${number(one.rows.length)} rows; the files hold all of them.`) : null;
  if (one.folded) return el("details", {}, el("summary", {}, `${one.caption} (${number(one.rows.length)} rows)`), rows, rest);
  return el("div", {}, el("p", { class: "note" }, one.caption), rows, rest);
}

function section(part) {
  const pictures = el("div", { class: "pictures" });
  figures(pictures, part.charts);
  return el("section", {}, el("h2", {}, part.title), part.text.map((text) => el("p", {}, worded(text))), part.charts.length ? pictures : null, part.tables.map(shownTable), part.commands.length ? el("code", { class: "command", tabindex: "0" }, part.commands.join("\n")) : null);
}

const link = (href, text, target) => el("a", { class: "button", href, target, rel: target ? "noopener" : null }, text);

const cards = (all) => (all.length ? el("dl", { class: "cards" }, all.map((card) => el("div", { class: card.about }, el("dt", {}, card.name), el("dd", { class: "value" }, card.value), el("dd", {}, card.note)))) : null);

/** The answer of a report, with its cards, and links below them. */
export const answered = (shown, name = null, links = null) => [
  name, el("p", { class: "answer" }, worded(shown.answer)), cards(shown.cards), el("p", { class: "note" }, shown.facts.join(" · ")), shown.notices.map((text) => el("p", { class: "wrong" }, worded(text))), links];

/** The sections of a report. */
export const sections = (shown) => shown.sections.filter((part) => part.text.length + part.charts.length + part.tables.length + part.commands.length).map(section);

/** The name of a run: its scenario, and the changes to its file. */
export const called = (run) => [`Run ${run.run} of ${run.name}`, `seed ${run.seed}`, ...run.changed.filter((one) => !one.startsWith("seed ")), run.by_hand ? "changed by hand while it ran" : null].filter(Boolean).join(", ");

/** Shows the results of a run: the answer above the room, the rest below it. */
export async function show(run, more) {
  const answer = await ask(`/api/runs/${run}/results`);
  const links = el("div", { class: "links" },
    el("button", { type: "button", id: "more-runs", onclick: more }, "20 more runs"),
    link(`/api/runs/${run}/report`, "Open the report", "_blank"), link("#files", "Files"));
  $("answer").replaceChildren(...answered(answer.report, el("p", { class: "note" }, called(answer.run)), links).flat().filter(Boolean));
  $("results").replaceChildren(...sections(answer.report), files(run, answer));
  $("answer").hidden = $("results").hidden = false;
}

function files(run, answer) {
  const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);
  return el("section", { id: "files", tabindex: "-1" }, el("h2", {}, "Files"),
    el("div", { class: "links" }, answer.files.map((file) => el("a", { class: "button", href: `/api/runs/${run}/files/${file.name}`, download: file.name }, file.name, el("span", { class: "note" }, `\u00a0${size(file.bytes)}`))),
      answer.run.by_hand ? el("a", { class: "button", href: `/api/runs/${run}/patch.toml`, download: "by-hand.toml" }, "by-hand.toml") : null),
    answer.tabled ? null : el("p", { class: "note" }, "The run was too long to write its tables here; filas run FILE --out DIR writes them."),
    answer.run.by_hand ? el("p", { class: "note" }, "The changes made by hand are in scenario.toml already; by-hand.toml holds them alone, for filas run FILE --patch by-hand.toml.") : null);
}
