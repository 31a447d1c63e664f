// Elements of the page, and the controls of scenes.

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML with attributes and what it holds; `on…` are listeners. */
function html(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same of SVG. */
function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** The controls of a scene: each keeps its value in the address, and tells of changes. */
class Controls {
  constructor(scene, changed) {
    this.scene = scene;
    this.changed = changed;
    this.row = html("div", {class: "controls"});
    this.all = [];
  }

  /** Show the values of all; words for one may depend on another. */
  show() {
    for (const control of this.all) control.set(control.value);
  }

  /** Keep the values of all in the address: a choice may have changed others. */
  keep() {
    for (const control of this.all) control.keep();
    writeAddressSoon(this.scene);
  }

  /** A slider over places `least` … count − 1, with words for the place. */
  slider(name, label, count, initial, words, least = 0) {
    const id = `${this.scene}-${name}`, told = html("output", {for: id, class: "told"});
    const input = html("input", {id, type: "range", min: least, max: count - 1, step: 1});
    const control = this.kept(name, initial,
      value => Math.min(Math.max(Math.round(value) || 0, least), Number(input.max)),
      value => {
        input.value = value;
        told.textContent = words(value);
        input.setAttribute("aria-valuetext", told.textContent);
      });
    control.limit = most => { input.max = most; control.set(Math.min(control.value, most)); };
    input.addEventListener("input", () => control.choose(Number(input.value)));
    this.row.append(html("div", {class: "control wide"},
      html("label", {for: id}, label), input, told));
    return control;
  }

  /** A choice of one of several. */
  choice(name, label, options, initial) {
    const id = `${this.scene}-${name}`, select = html("select", {id});
    const offer = list => select.replaceChildren(
      ...list.map(([value, words]) => html("option", {value}, words)));
    offer(options);
    const isThere = value => [...select.options].some(option => option.value === String(value));
    const control = this.kept(name, initial, value => isThere(value) ? String(value) : String(initial),
      value => { select.value = value; });
    control.offer = list => { offer(list); control.set(isThere(control.value) ? control.value : initial); };
    select.addEventListener("change", () => control.choose(select.value));
    this.row.append(html("div", {class: "control"}, html("label", {for: id}, label), select));
    return control;
  }

  /** Something that is on or off. */
  toggle(name, label, initial) {
    const id = `${this.scene}-${name}`, input = html("input", {id, type: "checkbox"});
    const control = this.kept(name, initial, value => value === true || value === "true",
      value => { input.checked = value; });
    input.addEventListener("change", () => control.choose(input.checked));
    this.row.append(html("div", {class: "control check"}, input, html("label", {for: id}, label)));
    return control;
  }

  button(label, action) {
    const button = html("button", {type: "button", onclick: action}, label);
    this.row.append(button);
    return button;
  }

  /** A value that stands in the address, if it is not the initial one, which may be a function. */
  kept(name, initial, valid, show) {
    const key = `${this.scene}.${name}`;
    const first = typeof initial === "function" ? initial : () => initial;
    const control = {
      value: valid(state.get(key) ?? first()),
      /** Show a value that a script has chosen. */
      set: value => { control.value = valid(value); show(control.value); },
      /** Take a value that a person has chosen, and keep it. */
      choose: value => {
        control.set(value);
        this.changed(name);
        this.keep();
      },
      keep: () => note(key, control.value, first()),
    };
    this.all.push(control);
    return control;
  }
}

/** All features, and each of them, as what a control offers to mark. */
const featureNames = n => [["", "all features"],
  ...Array.from({length: n}, (_, i) => [String(i), `feature ${i + 1}`])];

/** A number as text, with three digits at most. */
function digits(value, count = 3) {
  if (!Number.isFinite(value)) return "–";
  const text = Math.abs(value) >= 1e-4 || value === 0
    ? String(Number(value.toPrecision(count))) : value.toExponential(count - 1);
  return text.replace("-", "−");
}

/** A number with so many decimals; none is −0. */
const fixed = (value, decimals) =>
  (Math.round(value * 10 ** decimals) / 10 ** decimals + 0).toFixed(decimals).replace("-", "−");

const counted = value => Math.round(value).toLocaleString("en");
