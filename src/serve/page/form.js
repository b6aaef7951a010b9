// A form made from the JSON Schema of scenario files, the one that `filas schema` prints.

import { el } from "./dom.js";

const words = (key) => String(key).replaceAll("_", " ").replaceAll("-", " ");
const FORMS = { tandem: "TandemFile", network: "NetworkFile" };
const HINT = "Choose a field to see what it means.";
const dotted = (path) => path.join(".");

// The order of the fields in the form; the schema's own order is alphabetical.
const ORDER = ["name", "seed", "time_unit", "steps", "arrivals", "busy_day", "horizon", "customers", "until", "stop", "warm_up", "line", "report", "classes", "stages", "stations", "enter", "share", "servers", "plan", "repeat", "leaving", "speeds", "capacity", "buffer", "service", "setup", "discipline", "preemption", "join", "patience", "scrap", "priority", "supervisor", "faults", "low", "mode", "high", "mean", "sd", "cv", "step", "server", "attendant", "event"];
const rank = (key) => (ORDER.indexOf(key) + 1 || ORDER.length + 1);
const ordered = (properties) => Object.entries(properties ?? {}).sort(([a], [b]) => rank(a) - rank(b));

export class Form {
  /** `change` is called with each change: {do, path, value}. */
  constructor(root, hint, schema, change) {
    Object.assign(this, { root, hint, schema, change, open: new Map(), outline: null, wrong: null });
    hint.textContent = HINT;
    root.addEventListener("submit", (event) => event.preventDefault());
    root.addEventListener("focusin", (event) => {
      hint.textContent = event.target.closest("[data-help]")?.dataset.help || HINT;
    });
  }

  /** Shows the values. If the text cannot be parsed, shows the last ones and disables their fields. */
  show(outline, wrong) {
    this.root.toggleAttribute("inert", !outline);
    if (!outline) {
      // The fields show an older text, so the messages about them are removed.
      this.root.querySelectorAll(".error").forEach((one) => one.remove());
      this.root.querySelectorAll(".bad").forEach((one) => one.classList.remove("bad"));
      this.root.querySelectorAll("[aria-invalid]").forEach((one) => { one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby"); });
      return;
    }
    this.outline = outline;
    this.wrong = wrong;
    this.placed = false;
    const form = this.schema.$defs[FORMS[outline.model] ?? "DeskFile"];
    const focus = document.activeElement?.closest?.("#form [data-path]")?.dataset.path;
    this.root.replaceChildren(...this.members(form, outline, []));
    if (focus) [...this.root.querySelectorAll("[data-path]")].find((one) => one.dataset.path === focus)?.focus();
    this.place();
  }

  /** Forgets which groups were open, for another scenario. */
  forget() {
    this.open.clear();
    this.hint.textContent = HINT;
  }

  resolve(schema) {
    if (!schema.$ref) return schema;
    const found = this.schema.$defs[schema.$ref.replace("#/$defs/", "")];
    return { ...found, ...Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "$ref")) };
  }

  /** The alternatives of a schema, including nested ones. */
  options(schema) {
    const all = this.resolve(schema);
    const inner = all.oneOf ?? all.anyOf;
    return inner ? inner.flatMap((option) => this.options(option)) : [all];
  }

  /** The keys of a table: those that are set, fields for absent plain ones, and buttons to add the others. */
  members(schema, value, path) {
    if (typeof schema.additionalProperties === "object") return this.named(schema.additionalProperties, value, path);
    const shown = [], more = [];
    const one = schema["x-exactly-one"] ?? [];
    if (one.length) shown.push(this.choice(schema, one, value, path));
    for (const [key, given] of ordered(schema.properties)) {
      const member = this.resolve(given), here = [...path, key], has = value?.[key] !== undefined;
      if (key === "model" && !path.length) continue;
      if (one.includes(key) && !has) continue;
      const needed = schema.required?.includes(key);
      if (has || needed || this.plain(member) || counted(this.options(member)[0])) shown.push(this.field(key, member, value?.[key], here, !needed && !one.includes(key)));
      else more.push(el("button", { type: "button", class: "add", "data-help": member.description ?? "", "data-path": dotted([...here, "+"]), onclick: () => this.change({ do: "set", path: here, value: this.sample(member, here) }) }, `+ ${words(key)}`));
    }
    if (more.length) shown.push(el("div", { class: "more" }, more));
    return shown;
  }

  /** Values by class: a field for each class that has one, and buttons to add one for the others. */
  named(schema, value, path) {
    const classes = [...(this.outline.classes ?? []).map((one) => one.name), ...(path.at(-1) === "by_class" ? ["other"] : [])].filter((name) => value?.[name] === undefined);
    const add = (name) => el("button", { type: "button", class: "add", "data-path": dotted([...path, name, "+"]), onclick: () => this.change({ do: "set", path: [...path, name], value: this.sample(schema, [...path, name]) }) }, `+ ${name}`);
    return [...Object.keys(value ?? {}).map((name) => this.field(name, schema, value[name], [...path, name], true)), el("div", { class: "more" }, classes.map(add))];
  }

  /** Whether a value fits into one small field. */
  plain(schema) {
    const [only, ...others] = this.options(schema);
    return Boolean(only.enum || !others.length && ["string", "integer", "number", "boolean"].includes([only.type].flat()[0]));
  }

  field(key, schema, value, path, optional) {
    const options = this.options(schema);
    if (options.length > 1) return this.either(key, schema, options, value, path, optional);
    const [only] = options;
    if (this.plain(schema)) return this.input(key, { ...only, description: schema.description }, value, path, optional);
    if (only.type === "array") {
      const item = this.options(only.items);
      return item.length === 1 && this.plain(only.items) ? this.list(key, schema, only, value, path) : this.rows(key, schema, only, value, path, optional);
    }
    return this.group(key, schema, path, optional, this.members(only, value, path));
  }

  label(key) {
    return typeof key === "number" ? `${key + 1}` : words(key);
  }

  group(key, schema, path, optional, inside) {
    const name = dotted(path);
    const details = el("details", { class: "group", "data-group": name, "data-help": schema.description ?? "" },
      el("summary", { "data-path": `${name}#` }, this.label(key)), optional && this.away(key, path), el("div", { class: "inside" }, inside));
    details.open = this.open.get(name) ?? path.length < 2;
    details.addEventListener("toggle", () => this.open.set(name, details.open));
    return details;
  }

  away(key, path) {
    return el("button", { type: "button", class: "away", "data-path": dotted([...path, "-"]), "aria-label": `Remove ${this.label(key)}`, title: "Remove", onclick: () => this.change({ do: "remove", path }) }, "×");
  }

  /** A choice among keys of which a table has exactly one. */
  choice(schema, keys, value, path) {
    const now = keys.find((key) => value?.[key] !== undefined) ?? "";
    const pick = async (event) => {
      const next = event.target.value;
      if (now) await this.change({ do: "remove", path: [...path, now] });
      this.change({ do: "set", path: [...path, next], value: this.sample(this.resolve(schema.properties[next]), [...path, next]) });
    };
    const select = el("select", { "data-path": dotted([...path, "?"]), onchange: pick }, keys.map((key) => el("option", { value: key }, words(key))));
    select.value = now;
    return el("label", { class: "field", "data-help": schema.description ?? "" }, el("span", {}, "given by"), select);
  }

  input(key, schema, value, path, optional) {
    const name = dotted(path);
    const base = { "data-path": name, name };
    const kind = [schema.type].flat()[0];
    let control;
    // A required value that is cleared stays as an empty one, an error shown beside its field.
    const send = (next) => (next === undefined && optional ? value !== undefined && this.change({ do: "remove", path }) : this.change({ do: "set", path, value: next ?? "" }));
    if (kind === "boolean") {
      control = el("input", { ...base, type: "checkbox", onchange: () => send(control.checked) });
      control.checked = value ?? schema.default ?? /default true/.test(schema.description ?? "");
    } else if (schema.enum) {
      const unset = optional ? [el("option", { value: "" }, this.unsaid(schema))] : [];
      const odd = value !== undefined && !schema.enum.includes(value) ? [el("option", { value }, String(value))] : [];
      control = el("select", { ...base, onchange: () => send(control.value || undefined) }, unset, odd, schema.enum.map((one) => el("option", { value: one }, one)));
      control.value = value ?? "";
    } else {
      const numeric = kind === "integer" || kind === "number";
      control = el("input", { ...base, type: "text", inputmode: numeric ? "decimal" : null, placeholder: optional ? this.unsaid(schema) : "", value: value ?? "", onchange: () => send(read(control.value, numeric)) });
    }
    return el("label", { class: `field ${kind === "boolean" ? "tick" : ""}`, "data-field": name, "data-help": schema.description ?? "", title: schema.description }, el("span", {}, this.label(key)), control);
  }

  /** The default value of a key, as text. */
  unsaid(schema) {
    const said = /(?:default|left out)[:,] ?([^.;]+)|default ([^.;]+)|([a-z-]+), the default/.exec(schema.description ?? "");
    return said ? (said[1] ?? said[2] ?? said[3]).replace(/[`"]/g, "").trim() : schema.default !== undefined ? String(schema.default) : "";
  }

  /** A list of plain values, separated by commas. */
  list(key, schema, only, value, path) {
    const name = dotted(path);
    const numeric = ["integer", "number"].includes([this.options(only.items)[0].type].flat()[0]);
    const send = () => this.change({ do: "set", path, value: control.value.split(",").map((one) => one.trim()).filter(Boolean).map((one) => read(one, numeric)) });
    const control = el("input", { type: "text", name, "data-path": name, value: [value ?? []].flat().join(", "), onchange: send });
    return el("label", { class: "field", "data-field": name, "data-help": `${schema.description ?? ""} Separated by commas.`, title: schema.description }, el("span", {}, this.label(key)), control);
  }

  /** A list of tables. */
  rows(key, schema, only, value, path, optional) {
    const all = Array.isArray(value) ? value : [];
    const item = this.resolve(only.items);
    const several = this.options(only.items).length > 1;
    const row = (entry, at) => {
      const here = [...path, at], name = dotted(here);
      const label = `${at + 1}${entry?.name ? ` · ${entry.name}` : ""}`;
      const details = el("details", { class: "row", "data-group": name }, el("summary", { "data-path": `${name}#` }, label), (optional || all.length > 1) && this.away(label, here), el("div", { class: "inside" }, several ? this.field(at, only.items, entry, here, false) : this.members(item, entry, here)));
      details.open = this.open.get(name) ?? all.length < 4;
      details.addEventListener("toggle", () => this.open.set(name, details.open));
      return details;
    };
    const add = () => {
      this.open.set(dotted([...path, all.length]), true);
      this.change({ do: "append", path, value: this.sample(item, [...path, all.length], all.at(-1)) });
    };
    const inside = [...all.map(row), el("button", { type: "button", class: "add", "data-path": dotted([...path, "+"]), onclick: add }, `+ add another`)];
    return this.group(key, schema, path, optional, inside);
  }

  /** A choice among several forms, such as a law, with the fields of the chosen form. */
  either(key, schema, options, value, path, optional) {
    const name = dotted(path);
    const title = (option) => option.type === "array" ? "list" : option.enum ? words(option.enum[0]) : option.type === "string" ? "text" : counted(option) ? "number" : words(option.required?.[0] ?? "");
    const fits = (option) => {
      if (value === undefined) return counted(option);
      if (Array.isArray(value)) return option.type === "array";
      if (value && typeof value === "object") return option.type === "object" && option.required?.every((one) => one in value) && Object.keys(value).every((one) => one in (option.properties ?? {}));
      return option.enum ? option.enum.includes(value) : option.type === "string" ? typeof value === "string" : counted(option) && typeof value === "number";
    };
    const at = options.findIndex(fits);
    const pick = () => this.change({ do: "set", path, value: this.sample(options[control.value], path, value) });
    const control = el("select", { "data-path": name, name, "aria-label": `${this.label(key)}: its form`, onchange: pick }, at < 0 && el("option", { value: "" }, "?"), options.map((option, index) => el("option", { value: index }, title(option))));
    control.value = at < 0 ? "" : at;
    let inside = [];
    if (at >= 0) {
      const option = options[at];
      const law = option.required?.length === 1 && this.resolve(option.properties[option.required[0]]);
      if (option.enum) inside = [];
      else if (option.type === "string" || counted(option)) inside = [this.input(key, { ...option, description: schema.description }, value, path, optional)];
      else if (option.type === "array") inside = [this.field("values", option, value, path, false)];
      else if (law?.type === "object" && !option.properties.plan) inside = this.members(law, value[option.required[0]], [...path, option.required[0]]);
      else inside = this.members(option, value, path);
    }
    return el("fieldset", { class: "either", "data-field": name, "data-help": schema.description ?? "" },
      el("legend", {}, this.label(key)), el("div", { class: "picked" }, control, optional && value !== undefined && this.away(key, path)), el("div", { class: "inside" }, inside));
  }

  /** An initial value; a new entry of a list is a copy of the one before it. */
  sample(schema, path, before) {
    const options = this.options(schema);
    const law = options.find((option) => option.required?.[0] === "constant") ?? options[0];
    const only = options.length > 1 ? law : options[0];
    const key = path.at(-1);
    if (only.enum) return only.enum[0];
    switch ([only.type].flat()[0]) {
      case "boolean": return true;
      case "integer": case "number": return key === "from" ? 0 : Math.max(only.minimum ?? 1, only.exclusiveMinimum !== undefined ? 1 : 0, only.maximum !== undefined ? 0 : 1);
      case "string": return only["x-quantity"] ? "1 h" : key === "file" ? "data.csv" : key === "name" ? "new" : "A";
      case "array": return key === "skills" ? (this.outline.classes ?? []).map((one) => one.name) : [this.sample(this.resolve(only.items), [...path, 0])];
      default: {
        if (before && typeof before === "object" && typeof key === "number") return this.like(before, path);
        const made = {};
        const one = only["x-exactly-one"]?.[0];
        for (const [name, given] of Object.entries(only.properties ?? {}))
          if (only.required?.includes(name) || name === one) made[name] = this.sample(this.resolve(given), [...path, name]);
        if (!Object.keys(made).length) {
          const [name, given] = Object.entries(only.properties ?? {})[0] ?? [];
          if (name) made[name] = this.sample(this.resolve(given), [...path, name]);
        }
        return made;
      }
    }
  }

  like(before, path) {
    const made = structuredClone(before);
    for (const key of ["until", "from"]) if (typeof made[key] === "number") made[key] += 1;
    if (typeof made.share === "number") made.share = 0;
    if (made.name) {
      const list = path.slice(0, -1).reduce((value, step) => value?.[step], this.outline) ?? [];
      let at = list.length + 1;
      while (list.some((one) => one.name === `${made.name.replace(/-\d+$/, "")}-${at}`)) at += 1;
      made.name = `${made.name.replace(/-\d+$/, "")}-${at}`;
    }
    return made;
  }

  /** Shows an error beside its field, or beside the nearest group that contains the field. */
  place() {
    const key = this.wrong?.key;
    if (key === undefined || key === null || key === "") return;
    let path = key.split(".");
    while (path.length) {
      const name = path.join(".");
      const found = [...this.root.querySelectorAll("[data-field], [data-group]")].find((one) => (one.dataset.field ?? one.dataset.group) === name);
      if (found) {
        const text = el("p", { class: "error", id: "field-error" }, this.wrong.message, this.wrong.help ? el("small", {}, ` ${this.wrong.help}`) : null);
        found.classList.add("bad");
        if (found.tagName === "DETAILS") found.querySelector(".inside").prepend(text);
        else found.append(text);
        const control = found.querySelector("input, select");
        control?.setAttribute("aria-invalid", "true");
        control?.setAttribute("aria-describedby", "field-error");
        for (let up = found; up !== this.root; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
        return;
      }
      path = path.slice(0, -1);
    }
  }
}

/** Whether a schema is one of numbers. */
function counted(schema) {
  return ["integer", "number"].includes([schema.type].flat()[0]);
}

/** The typed value: a number if the field is numeric and the text is a number; undefined if it is empty. */
function read(text, numeric) {
  const typed = text.trim();
  if (typed === "") return undefined;
  const value = Number(typed.replace(",", "."));
  return numeric && Number.isFinite(value) && /^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(typed) ? value : typed;
}
