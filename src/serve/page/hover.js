// The values of a chart under the pointer: a line across all charts of the same axis, and a note.

import { el } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const mark = (tag, given) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
  return node;
};

/** The place along the axis nearest to `x`. */
function nearest(along, x) {
  let low = 0, high = along.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (along[middle][0] < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - along[low - 1][0] < along[low][0] - x ? low - 1 : low;
}

/** The point of a series that holds at `x`: the last one before it, or the nearest. */
function point(series, x) {
  const at = nearest(series.points, x);
  return series.points[series.stepped && series.points[at][0] > x + 0.01 && at > 0 ? at - 1 : at];
}

/** Makes the values of a figure readable: `reading` has the places and texts of the drawing shown. */
export function readable(figure) {
  const drawing = () => [...figure.querySelectorAll(":scope > [data-drawing]")].find((one) => one.offsetParent !== null);
  const move = (event) => {
    const shown = drawing(), svg = shown?.querySelector("svg"), reading = shown?.reading;
    if (!reading?.along.length) return;
    const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale;
    if (x < reading.ends[0] - 12 || x > reading.ends[1] + 12) return clear(figure.parentElement);
    const at = nearest(reading.along, x);
    show(figure, at);
    const text = reading.along[at][1];
    for (const other of figure.parentElement.children) {
      if (other === figure || !other.read) continue;
      const place = other.read.drawing()?.reading?.along.findIndex((one) => one[1] === text) ?? -1;
      if (place >= 0) show(other, place);
      else other.read.clear();
    }
  };
  figure.addEventListener("pointermove", move);
  figure.addEventListener("pointerdown", move);
  figure.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") clear(figure.parentElement); });
  figure.read = { drawing, clear: () => hide(figure) };
}

function clear(all) {
  for (const one of all?.children ?? []) one.read?.clear();
}

function hide(figure) {
  figure.querySelectorAll(".cross, .tip").forEach((one) => one.remove());
}

function show(figure, at) {
  hide(figure);
  const shown = figure.read.drawing(), { along, ends, top, bottom, series } = shown.reading;
  const svg = shown.querySelector("svg"), [x, text] = along[at];
  const cross = mark("g", { class: "cross" });
  cross.append(mark("line", { x1: x, x2: x, y1: top, y2: bottom, stroke: "currentColor", "stroke-width": 1, "stroke-dasharray": "2 2" }));
  const rows = [];
  for (const one of series) {
    if (!one.points.length) continue;
    const [px, py, value] = point(one, x);
    if (!one.stepped && Math.abs(px - x) > 0.6 && one.points.length > 1 && Math.abs(px - x) > (ends[1] - ends[0]) / one.points.length) continue;
    cross.append(mark("circle", { cx: x, cy: py, r: 3.5, fill: one.colour, stroke: "var(--paper)", "stroke-width": 1 }));
    const dot = el("i");
    dot.style.background = one.colour;
    rows.push(el("span", {}, dot, `${one.name} `, el("b", {}, value)));
  }
  svg.append(cross);
  const tip = el("div", { class: "tip" }, el("strong", {}, text), rows);
  figure.append(tip);
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const left = x * scale, wide = tip.offsetWidth, all = figure.clientWidth;
  tip.style.left = `${Math.max(0, left + 12 + wide > all ? left - 12 - wide : left + 12)}px`;
  tip.style.top = `${shown.offsetTop + top * scale}px`;
}
