// Results of a run: the report's document in its order, with charts drawn by the server; then the files.

import { $, ask, el, number } from "./dom.js";

/** Shows charts drawn by the server; charts that are already there are replaced without moving the page. */
export function figures(place, charts) {
  charts.forEach((chart, at) => {
    const drawn = new DOMParser().parseFromString(chart.svg, "image/svg+xml").documentElement;
    const svg = document.importNode(drawn, true);
    const figure = place.children[at];
    if (figure?.tagName === "FIGURE") figure.replaceChildren(svg);
    else place.append(el("figure", {}, svg));
  });
  while (place.children.length > charts.length) place.lastChild.remove();
}

/** A table whose first columns hold words. */
export function table(head, rows, caption, words = 1) {
  const word = (at) => (at < words ? "word" : null);
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, el("table", {},
    el("caption", { class: "unseen" }, caption),
    el("thead", {}, el("tr", {}, head.map((one, at) => el("th", { scope: "col", class: word(at) }, one)))),
    el("tbody", {}, rows.map((row) => el("tr", { class: row.class }, [...row].map((one, at) => el(at ? "td" : "th", { scope: at ? null : "row", class: word(at) }, one)))))));
}

const SHOWN = 60;

function section(part) {
  const pictures = el("div", { class: "pictures" });
  figures(pictures, part.charts);
  const tables = part.tables.map((one) => [el("p", { class: "note" }, one.caption), table(one.head, one.rows.slice(0, SHOWN), one.caption, one.words), one.rows.length > SHOWN ? el("details", {}, el("summary", {}, `${number(one.rows.length - SHOWN)} more rows`), table(one.head, one.rows.slice(SHOWN), one.caption, one.words)) : null]);
  return el("section", {}, el("h2", {}, part.title), part.text.map((text) => el("p", {}, text)), part.charts.length ? pictures : null, tables.flat(), part.commands.length ? el("code", { class: "command" }, part.commands.join("\n")) : null);
}

const link = (href, text, target) => el("a", { class: "button", href, target, rel: target ? "noopener" : null }, text);

/** A report: the answer first, with the links below it. */
export const report = (shown, links = null) => [
  el("section", {}, el("p", { class: "answer" }, shown.answer), el("p", { class: "note" }, shown.facts.join(" · ")), shown.notices.map((text) => el("p", { class: "wrong" }, text)), links),
  ...shown.sections.filter((part) => part.text.length + part.charts.length + part.tables.length + part.commands.length).map(section)];

export async function show(run) {
  const answer = await ask(`/api/runs/${run}/results`);
  const links = el("div", { class: "links" }, link(`/api/runs/${run}/report`, "Open the report", "_blank"), link("#files", "Files"));
  $("results").replaceChildren(...report(answer.report, links), files(run, answer));
  $("results").hidden = false;
}

function files(run, answer) {
  const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`);
  return el("section", { id: "files", tabindex: "-1" }, el("h2", {}, "Files"),
    el("div", { class: "links" }, answer.files.map((file) => el("a", { class: "button", href: `/api/runs/${run}/files/${file.name}`, download: file.name }, file.name, el("span", { class: "note" }, `\u00a0${size(file.bytes)}`))),
      answer.run.by_hand ? el("a", { class: "button", href: `/api/runs/${run}/patch.toml`, download: "by-hand.toml" }, "by-hand.toml") : null),
    answer.tabled ? null : el("p", { class: "note" }, "The run was too long to write its tables here; filas run FILE --out DIR writes them."),
    answer.run.by_hand ? el("p", { class: "note" }, "The changes made by hand are in scenario.toml already; by-hand.toml holds them alone, for filas run FILE --patch by-hand.toml.") : null);
}
