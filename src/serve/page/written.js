// The text of a scenario for reading: its lines with their numbers and colours, below the field that is typed into.

import { $, el } from "./dom.js";

// Strings, comments, keys, and the heads of tables; the rest is not distinguished.
const PARTS = /("(?:\\.|[^"\\])*"|'[^']*')|(#.*$)|([\w-]+(?=[\w.\- ]*=))|(^\s*\[[^\]]*\]+)/g;
const KINDS = ["string", "comment", "key", "table"];

let shown = [];

/** The line of this number, from 1. */
export const lineOf = (number) => (number ? $("lines").children[number - 1] : undefined);

/** Shows a text; only the lines that differ are made anew. */
export function written(text) {
  const lines = text.split("\n");
  let same = 0, end = 0;
  const most = Math.min(lines.length, shown.length);
  while (same < most && lines[same] === shown[same]) same += 1;
  while (end < most - same && lines[lines.length - 1 - end] === shown[shown.length - 1 - end]) end += 1;
  const root = $("lines"), after = root.children[shown.length - end] ?? null;
  for (let gone = shown.length - end - same; gone > 0; gone -= 1) root.children[same].remove();
  const fresh = document.createDocumentFragment();
  fresh.append(...lines.slice(same, lines.length - end).map(line));
  root.insertBefore(fresh, after);
  shown = lines;
}

function line(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(PARTS)) {
    parts.push(text.slice(at, found.index), el("span", { class: KINDS[found.slice(1).findIndex((one) => one !== undefined)] }, found[0]));
    at = found.index + found[0].length;
  }
  return el("div", {}, parts, text.slice(at));
}
