// Elements, requests and numbers.

export const $ = (id) => document.getElementById(id);

/** An element: el("p", {class: "note", onclick}, "text", child, null). */
export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Sends a request to the server; throws an Error with the reason if it is refused. */
export async function ask(path, body) {
  const request = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, request);
  } catch {
    throw new Error("the server does not answer; is `filas serve` still running?");
  }
  const kind = answer.headers.get("content-type") ?? "";
  const said = kind.startsWith("application/json") ? await answer.json() : { error: await answer.text() };
  if (!answer.ok) throw new Error(said.error || answer.statusText);
  return said;
}

/** A text, with parts between backticks as code. */
export const worded = (text) => text.split("`").map((part, at) => (at % 2 ? el("code", {}, part) : part));

/** Announces a text to screen readers. */
export function say(text) {
  $("said").textContent = text;
}

/** Shows one panel of a row of tabs; the arrow keys move along the row. */
export function tabs(names, shown = () => {}) {
  const all = names.map((name) => [name, $(`tab-${name}`), $(name)]);
  const show = (wanted) => {
    for (const [name, tab, panel] of all) {
      tab.setAttribute("aria-selected", String(name === wanted));
      tab.tabIndex = name === wanted ? 0 : -1;
      panel.hidden = name !== wanted;
    }
    shown(wanted);
  };
  all.forEach(([name, tab], at) => {
    tab.addEventListener("click", () => show(name));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const [next, other] = all[(at + by + all.length) % all.length];
      show(next);
      other.focus();
    });
  });
  return show;
}

const grouped = (text) => text.replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** A number for people: rounded, with its thousands grouped. */
export function number(value, places) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number" || !Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && places === undefined) return grouped(String(value));
  const size = Math.abs(value);
  const digits = places ?? (size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.001 || size === 0 ? 4 : null);
  if (digits === null) return value.toExponential(2);
  const [whole, part] = value.toFixed(digits).split(".");
  return part ? `${grouped(whole)}.${part}` : grouped(whole);
}

export const percent = (share) => (share === null || share === undefined ? "–" : `${(100 * share).toFixed(1)} %`);

/** The colour theme of the browser: "dark" or "light". */
export const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/** A number with its noun, in the singular or the plural. */
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;
