// Pictures: each is drawn anew for the width that it has, so that letters stay as large as the page's.

/** A picture on a white card; `draw(root, width)` fills it and returns its height and what it is. */
class Picture {
  constructor(heading, draw) {
    this.draw = draw;
    this.root = svg("svg", {role: "img"});
    this.heading = html("h3", {}, heading);
    this.element = html("div", {class: "card"}, this.heading, this.root);
    new ResizeObserver(() => {
      if (Math.abs(this.element.clientWidth - this.drawn) > 1) this.show();
    }).observe(this.element);
  }

  show() {
    this.drawn = this.element.clientWidth;
    const width = Math.max(this.drawn - 2 * 14, 160);
    this.root.replaceChildren();
    const {height, label} = this.draw(this.root, width);
    filled(this.root, {viewBox: `0 0 ${width} ${height}`, width, height, "aria-label": label}, []);
    const marked = this.element.closest("[data-marked]");
    if (marked) mark(marked, marked.dataset.marked);
  }
}

/** Letters. */
const write = (x, y, words, more = {}) => svg("text", {x, y, ...more}, words);

/** A scale from numbers to places; logarithmic if asked for. */
function scale([low, high], [from, to], isLog = false) {
  const f = isLog ? Math.log : Number;
  const size = f(high) - f(low) || 1;
  return value => from + (f(value) - f(low)) / size * (to - from);
}

/** Steps that are easy to read, about `count` of them. */
function evenTicks([low, high], count = 4) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 5, 10].map(k => k * power).find(size => size >= rough * 0.999) || 1;
  const ticks = [];
  // `+ 0` makes 0 of −0, which would be written with its sign.
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step + 0);
  return ticks;
}

/** Powers of ten, about eight; where few are there, 2 and 5 times these as well. */
function logTicks([low, high]) {
  const decades = Math.log10(high / low), factors = decades > 2.5 ? [1] : [1, 2, 5];
  const every = Math.max(Math.ceil(decades / 8), 1);
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    if (power % every) continue;
    for (const factor of factors) {
      const tick = factor * 10 ** power;
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  return ticks;
}

/** The frame of a chart: two axes with ticks and labels. Returns both scales. */
function chart(root, width, height, {x, y, left = 46, right = 10, top = 8, foot = 36}) {
  const across = scale(x.ends, [left, width - right], x.isLog);
  const up = scale(y.ends, [height - foot, top], y.isLog);
  const told = (axis, value) => axis.words ? axis.words(value) : digits(value);
  const group = svg("g", {class: "axes"});
  for (const tick of y.ticks ?? (y.isLog ? logTicks(y.ends) : evenTicks(y.ends))) {
    group.append(svg("line", {x1: left, x2: width - right, y1: up(tick), y2: up(tick), class: "grid"}),
      write(left - 6, up(tick) + 4, told(y, tick), {"text-anchor": "end"}));
  }
  for (const tick of x.ticks ?? (x.isLog ? logTicks(x.ends) : evenTicks(x.ends, width > 420 ? 6 : 3))) {
    group.append(
      svg("line", {x1: across(tick), x2: across(tick), y1: height - foot, y2: height - foot + 4}),
      write(across(tick), height - foot + 17, told(x, tick), {"text-anchor": "middle"}));
  }
  group.append(svg("line", {x1: left, x2: width - right, y1: height - foot, y2: height - foot}));
  if (x.label) group.append(write((left + width - right) / 2, height - 4, x.label, {"text-anchor": "middle"}));
  root.append(group);
  return {across, up};
}

/** A line through points. */
function line(points, attributes) {
  const d = points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  return svg("path", {d, fill: "none", ...attributes});
}

/** Many dots as one path, which is quick. */
function dots(points, attributes) {
  const d = points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
  return svg("path", {d, fill: "none", "stroke-linecap": "round", ...attributes});
}

/** WᵀW as coloured squares, with numbers where there is room. */
function matrix(root, rows, {x, y, size, colour = signed}) {
  const label = (i, j, value) => `feature ${i + 1} on ${j + 1}: ${digits(value)}`;
  const columns = rows[0].length;
  rows.forEach((row, i) => row.forEach((value, j) => {
    const square = svg("rect", {
      x: x + j * size, y: y + i * size, width: size - (size > 8), height: size - (size > 8),
      fill: colour(value),
    }, svg("title", {}, label(i, j, value)));
    const number = size > 40 ? write(x + (j + 0.5) * size, y + (i + 0.5) * size + 4,
      fixed(value, 2), {"text-anchor": "middle", fill: inkOn(colour(value))}) : null;
    root.append(filled(svg("g", {"data-feature": `${i} ${j}`}), {}, [square, number]));
  }));
  root.append(svg("rect", {
    x, y, width: columns * size, height: rows.length * size, fill: "none", class: "frame",
  }));
}

/** Columns of W in the plane, as arrows from the origin; the circle has radius 1. */
function plane(root, W, colours, {x, y, side, limit = 1.35, width = 2.5, isNumbered = false}) {
  const unit = side / (2 * limit), middle = [x + side / 2, y + side / 2];
  root.append(svg("circle", {cx: middle[0], cy: middle[1], r: unit, class: "guide", fill: "none"}));
  for (const [dx, dy] of [[unit, 0], [0, unit]]) {
    root.append(svg("line", {
      x1: middle[0] - dx, x2: middle[0] + dx, y1: middle[1] - dy, y2: middle[1] + dy, class: "grid",
    }));
  }
  Array.from(W[0], (_, i) => {
    const end = [middle[0] + unit * W[0][i], middle[1] - unit * (W[1]?.[i] ?? 0)];
    root.append(svg("g", {"data-feature": i},
      svg("line", {
        x1: middle[0], y1: middle[1], x2: end[0], y2: end[1],
        stroke: colours[i], "stroke-width": width, "stroke-linecap": "round",
      }),
      svg("circle", {cx: end[0], cy: end[1], r: 2 * width, fill: colours[i], class: "dot"}),
      svg("title", {}, `feature ${i + 1}`)));
    const length = Math.hypot(W[0][i], W[1]?.[i] ?? 0);
    if (isNumbered && length > 0.1) {
      const [x1, y1] = [W[0][i], W[1]?.[i] ?? 0].map(v => unit * v * (1 + 0.14 / length));
      root.append(write(middle[0] + x1, middle[1] - y1 + 4, String(i + 1), {"text-anchor": "middle", class: "aside"}));
    }
  });
}

/**
 * Directions in space, seen from the side and a little from above; what is near is larger.
 * `edges` are pairs of features that a line joins.
 */
function space(root, points, colours, {x, y, side, turn, edges = [], limit = 1.2, sets = []}) {
  const c = Math.cos(turn), s = Math.sin(turn), tilt = 0.38, ct = Math.cos(tilt), st = Math.sin(tilt);
  const unit = side / (2 * limit), middle = [x + side / 2, y + side / 2];
  const seen = points.map(([a, b, d]) => {
    const right = c * a + s * b, away = -s * a + c * b;
    return [middle[0] + unit * right, middle[1] - unit * (ct * d + st * away), st * d - ct * away];
  });
  for (const [k, members] of sets.entries()) {
    root.append(svg("polygon", {
      points: members.map(i => seen[i].slice(0, 2).join(",")).join(" "),
      fill: STYLE.series[k % 3], "fill-opacity": 0.16, stroke: STYLE.series[k % 3],
    }));
  }
  for (const [i, j] of edges) root.append(line([seen[i], seen[j]], {class: "edge"}));
  const order = seen.map((_, i) => i).sort((i, j) => seen[i][2] - seen[j][2]);
  for (const i of order) {
    const [px, py, near] = seen[i];
    root.append(svg("g", {"data-feature": i},
      svg("line", {x1: middle[0], y1: middle[1], x2: px, y2: py, stroke: colours[i], "stroke-width": 1.4}),
      svg("circle", {cx: px, cy: py, r: Math.max(5 + 1.8 * near, 2.5), fill: colours[i], class: "dot"})));
  }
  root.append(svg("circle", {cx: middle[0], cy: middle[1], r: 2, class: "origin"}));
}

/** Mark a feature in everything that shows it, below an element, until another is; null marks all. */
function mark(element, feature) {
  if (feature === null) delete element.dataset.marked;
  else element.dataset.marked = feature;
  for (const part of element.querySelectorAll("[data-feature]")) {
    const isOf = feature === null || part.dataset.feature.split(" ").includes(String(feature));
    part.classList.toggle("faded", !isOf);
  }
}

/** Turns a picture as long as it is seen, and as long as that is wanted. */
class Turning {
  constructor(wanted) {
    this.wanted = wanted;
    this.angle = 0.5;
    this.isSeen = false;
  }

  turn(picture) {
    const step = () => {
      if (!this.isSeen) return;
      if (this.wanted()) {
        this.angle += 0.012;
        picture.show();
      }
      requestAnimationFrame(step);
    };
    new IntersectionObserver(entries => {
      const wasSeen = this.isSeen;
      this.isSeen = entries.at(-1).isIntersecting;
      if (this.isSeen && !wasSeen) requestAnimationFrame(step);
    }).observe(picture.element);
  }
}
