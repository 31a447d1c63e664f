// Hundreds of features: dimensionality, feature graph, polytopes.

function sceneGeometry(stage, data) {
  const levels = data.levels.map(level => ({
    ...level, D: unpack(level.D), W: at(unpack(level.W)),
    components: level.components.map(part => ({...part, spots: at(unpack(part.spots))}))
      .sort((a, b) => b.members.length - a.members.length || a.name.localeCompare(b.name)),
    coloured: [...new Set(level.components.map(part => part.colour))].map(colour =>
      [colour, level.components.filter(part => part.colour === colour).flatMap(part => part.members)]),
  }));
  const authors = {...data.authors, D: at(unpack(data.authors.D))};
  const controls = new Controls("geometry", name => { if (name === "level") group.set(0); update(); });
  const level = controls.slider("level", "Level 1/(1 − S)", levels.length, data.start,
    k => digits(levels[k].place));
  const group = controls.slider("group", "Group",
    Math.max(levels[level.value].components.length, 1), 0,
    k => `${now().components.length ? `${k + 1} of ${now().components.length}, ` : ""}${describe(now().components[k])}`);
  const overlay = controls.toggle("authors", "show the authors' own run, too (200 features)", false);
  const moving = controls.toggle("turning", "turn", !stillness.matches);
  const turning = new Turning(() => moving.value);
  let found = {};

  const now = () => levels[level.value];
  const plural = name => name === "tetrahedron" ? "tetrahedra" : `${name}s`;

  function describe(part) {
    if (!part) return "none";
    if (part.name === "single") return "a single feature";
    return /^\d/.test(part.name) ? part.name : `a ${part.name}`;
  }

  const scatter = new Picture("Which part of a dimension each feature has, Dᵢ", (root, width) => {
    const height = Math.max(Math.min(0.62 * width, 440), 270), isWide = width > 520;
    const places = levels.map(one => one.place);
    const ends = [Math.min(...places) / 1.06, Math.max(...places, ...(overlay.value ? authors.places : [])) * 1.06];
    const ticks = (isWide ? [1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20] : [1, 2, 3, 5, 10, 20])
      .filter(tick => tick >= ends[0] && tick <= ends[1]);
    const {across, up} = chart(root, width, height, {
      x: {ends, isLog: true, ticks, label: "1/(1 − S): sparser features to the right"},
      y: {ends: [0, 1.08], ticks: [0, 0.25, 0.5, 0.75, 1]}, right: isWide ? 130 : 10,
    });
    for (const {name, value, words} of data.fractions) {
      const y = up(value), colour = STYLE.polytopes[name];
      root.append(svg("line", {x1: 46, x2: width - (isWide ? 130 : 10), y1: y, y2: y, stroke: colour, class: "level"}));
      const shift = {"square antiprism": 10, pentagon: 0}[name] ?? 4;
      if (isWide) root.append(write(width - 124, y + shift, `${words} ${name}`, {class: "named"}));
    }
    key.replaceChildren(...(isWide ? [] : data.fractions).map(({name, words}) => {
      const swatch = html("span", {class: "swatch"});
      swatch.style.background = STYLE.polytopes[name];
      return html("span", {class: "entry"}, swatch, `${words} ${name}`);
    }));
    const chosen = across(now().place);
    root.append(svg("line", {x1: chosen, x2: chosen, y1: 8, y2: height - 36, class: "now"}));
    // Places beside each other that look random and are always the same (golden ratio).
    const aside = k => 2 * (0.6180339887498949 * (k + 1) % 1) - 1;
    const spread = width / levels.length / 5;
    levels.forEach((one, k) => {
      const x = across(one.place);
      // All runs in grey; features of the best run that are in a group have its colour.
      const spot = (D, i) => [x + spread * aside(i), up(Math.min(D, 1.08))];
      root.append(dots([...one.D.values].map(spot), {class: "cloud"}));
      for (const [colour, members] of one.coloured) {
        root.append(dots(members.map(i => spot(one.D.values[i], i)), {class: "cloud own", stroke: colour}));
      }
      root.append(svg("rect", {
        x: x - 8, y: 8, width: 16, height: height - 44, class: "hit", onclick: () => level.choose(k),
      }, svg("title", {}, `1/(1 − S) = ${digits(one.place)}, D* = ${digits(one.star)}`)));
    });
    root.append(line(levels.map(one => [across(one.place), up(Math.min(one.star, 1.08))]), {class: "star"}));
    if (overlay.value) {
      authors.places.forEach((place, k) => root.append(
        dots(authors.D[k].map((D, i) => [across(place) + 3 + spread * aside(i), up(D)]), {class: "cloud theirs"})));
      root.append(line(authors.places.map((place, k) => [across(place), up(authors.star[k])]), {class: "star theirs"}));
    }
    return {height, label: `Dᵢ of ${now().W[0].length} features at ${levels.length} levels; the line is D*`};
  });

  // Where there is no room beside the lines, their names stand below.
  const key = html("p", {class: "key"});
  scatter.element.append(key);

  const graph = new Picture("The graph of features that are not orthogonal", (root, width) => {
    const height = Math.min(width, 360), parts = now().components;
    if (!parts.length) {
      root.append(write(width / 2, height / 2, "Dense: any basis will do.", {"text-anchor": "middle"}));
      return {height, label: "No graph: features are dense"};
    }
    let space = 60, places = null;
    while (!(places = packed(parts, space, width, height))) space *= 0.95;
    parts.forEach((part, k) => {
      const W = columns(now().W, part.members), products = gram(W);
      const spot = i => [places[k][0] + space * part.spots[i][0], places[k][1] - space * part.spots[i][1]];
      const element = svg("g", {class: k === group.value ? "group chosen" : "group", onclick: () => group.choose(k)},
        svg("title", {}, describe(part)));
      part.members.forEach((_, i) => {
        for (let j = 0; j < i; j++) {
          const weight = Math.min(Math.abs(products[i][j]), 1);
          if (weight > 0.1) element.append(line([spot(i), spot(j)], {class: "edge", "stroke-width": 2.2 * weight}));
        }
      });
      part.members.forEach((_, i) => {
        const [cx, cy] = spot(i);
        element.append(svg("circle", {cx, cy, r: Math.min(0.2 * space, 8), fill: part.colour, class: "dot"}));
      });
      root.append(element);
    });
    const names = new Map();
    for (const {name} of parts) names.set(name, (names.get(name) ?? 0) + 1);
    const words = [...names].map(([name, number]) => `${number} ${number > 1 && !/^\d/.test(name) ? plural(name) : name}`);
    return {height, label: `Feature graph: ${words.slice(0, 6).join(", ")}`};
  });

  const polytope = new Picture("The chosen group, in space", (root, width) => {
    const side = Math.min(width, 360), part = now().components[group.value];
    if (!part) {
      root.append(write(width / 2, side / 2, "There are no groups.", {"text-anchor": "middle"}));
      return {height: side, label: "No group"};
    }
    const {points, edges} = chosen();
    const colours = part.members.map((_, i) => part.members.length > 10 ? part.colour : featureColour(i));
    space(root, points, colours, {x: (width - side) / 2, y: 0, side, turn: turning.angle, edges});
    return {height: side, label: describe(part)};
  });

  /** The chosen group in space; found once, for it is drawn again as it turns. */
  function chosen() {
    const part = now().components[group.value];
    if (found.part !== part) {
      const W = columns(now().W, part.members);
      found = {part, ...inSpace(W), edges: nearest(W)};
    }
    return found;
  }

  /** Each feature is joined to those that are nearest to it, as the edges of a polytope do. */
  function nearest(W) {
    if (W[0].length > 24) return [];
    const lengths = norms(W), cosines = gram(W).map((row, i) => row.map((v, j) => v / (lengths[i] * lengths[j])));
    const best = cosines.map((row, i) => Math.max(...row.filter((_, j) => j !== i)));
    const edges = [];
    cosines.forEach((row, i) => row.forEach((cosine, j) => {
      if (j < i && cosine > Math.min(best[i], best[j]) - 0.15) edges.push([i, j]);
    }));
    return edges;
  }

  /** Where groups go: side by side in rows; null if they do not fit. */
  function packed(parts, space, width, height) {
    const rows = [];
    let room = 0;
    for (const {spots} of parts) {
      const [x, y] = [0, 1].map(k => spots.map(spot => spot[k]));
      const box = {
        wide: (Math.max(...x) - Math.min(...x) + 1) * space, high: (Math.max(...y) - Math.min(...y) + 1) * space,
        middle: [(Math.max(...x) + Math.min(...x)) / 2, (Math.max(...y) + Math.min(...y)) / 2],
      };
      if (box.wide > width) return null;
      if (!rows.length || box.wide > room) { rows.push([]); room = width; }
      rows.at(-1).push(box);
      room -= box.wide;
    }
    const tall = rows.map(row => Math.max(...row.map(box => box.high)));
    let y = (height - tall.reduce((a, b) => a + b, 0)) / 2;
    if (y < 0) return null;
    return rows.flatMap((row, k) => {
      let x = (width - row.reduce((sum, box) => sum + box.wide, 0)) / 2;
      y += tall[k];
      return row.map(({wide, middle}) => {
        x += wide;
        return [x - wide / 2 - space * middle[0], y - tall[k] / 2 + space * middle[1]];
      });
    });
  }

  const readout = html("p", {class: "readout", role: "status"});
  stage.append(controls.row, readout, scatter.element,
    html("div", {class: "grid two"}, graph.element, polytope.element));

  function tell() {
    const part = now().components[group.value];
    let words = `Level ${digits(now().place)}: D* = ${digits(now().star)}, ${now().components.length} groups.`;
    if (part) {
      const D = dimensionality(now().W), mean = part.members.reduce((sum, i) => sum + D[i], 0) / part.members.length;
      const {share} = chosen();
      words += ` The chosen one is ${describe(part)}; its features have Dᵢ = ${digits(mean)}`
        + `${share < 0.99 ? `; ${Math.round(100 * share)} % of its ‖W‖² is seen` : ""}.`;
    }
    readout.textContent = words;
  }

  turning.turn(polytope);

  function update() {
    group.limit(Math.max(now().components.length - 1, 0));
    controls.show();
    [scatter, graph, polytope].forEach(picture => picture.show());
    tell();
  }
  return update;
}
