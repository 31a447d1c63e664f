// Phase diagrams: theory, the best run, and the mean of all but the worst.

function scenePhase(stage, data) {
  const diagrams = data.diagrams.map(one => ({
    ...one,
    ...Object.fromEntries(["theory", "W", "b", "loss", "length", "shared"].map(key => [key, unpack(one[key])])),
    solutions: one.solutions.map(solution => ({...solution, loss: unpack(solution.loss)})),
  }));
  const middle = values => Math.floor(values.length / 2);
  const controls = new Controls("phase", () => update());
  const which = controls.choice("features", "Features",
    diagrams.map((one, k) => [String(k), `${one.n} in ${one.m} dimension${one.m > 1 ? "s" : ""}`]), "0");
  const column = controls.slider("column", "Importance of the extra feature",
    diagrams[which.value].relative.length, middle(diagrams[0].relative), k => `${digits(one().relative[k])} ×`);
  const row = controls.slider("row", "Density 1 − S",
    diagrams[which.value].density.length, middle(diagrams[0].density), k => digits(one().density[k]));
  let pointed = null;

  const one = () => diagrams[which.value];
  const place = () => pointed ?? [row.value, column.value];

  /** A picture of the grid, coloured by a length and what is shared at each point. */
  function diagram(heading, label, reading) {
    const picture = new Picture(heading, (root, width) => {
      const {relative, density} = one(), left = 44, foot = 36;
      const side = Math.min(width - left - 8, 320), height = side + foot + 6;
      const canvas = html("canvas", {width: relative.length, height: density.length});
      const pen = canvas.getContext("2d");
      density.forEach((_, i) => relative.forEach((_, j) => {
        const [length, shared] = reading(i, j);
        if (!Number.isFinite(length)) return;
        pen.fillStyle = `rgb(${phaseColour(length, shared).join()})`;
        pen.fillRect(j, i, 1, 1);
      }));
      const x = [left, left + side];
      root.append(svg("image", {
        href: canvas.toDataURL(), x: left, y: 6, width: side, height: side,
        preserveAspectRatio: "none", class: "pixels",
      }));
      const ends = values => [values[0], values[values.length - 1]];
      const across = scale(ends(relative), x, true), down = scale(ends(density), [6, 6 + side], true);
      const group = svg("g", {class: "axes"});
      for (const tick of logTicks(ends(relative)).filter(v => Number.isInteger(Math.log10(v)))) {
        group.append(write(across(tick), side + 24, `${digits(tick)}×`, {"text-anchor": "middle"}));
      }
      for (const tick of logTicks([...ends(density)].reverse()).filter(v => Number.isInteger(Math.log10(v)))) {
        group.append(write(left - 6, down(tick) + 4, digits(tick), {"text-anchor": "end"}));
      }
      group.append(write(left + side / 2, side + 40, "importance of the extra feature", {"text-anchor": "middle"}));
      const [i, j] = place(), wide = side / relative.length, high = side / density.length;
      root.append(group, svg("rect", {
        x: left + j * wide - 2, y: 6 + i * high - 2, width: wide + 4, height: high + 4, class: "cursor",
      }));
      root.onpointermove = event => point(event, root, left, side, false);
      root.onpointerleave = () => { pointed = null; refresh(); };
      root.onclick = event => point(event, root, left, side, true);
      return {height: height + 4, label: `${label}: importance to the right, sparser downwards`};
    });
    picture.element.classList.add("pointed");
    return picture;
  }

  function point(event, root, left, side, isChosen) {
    const box = root.getBoundingClientRect(), {relative, density} = one();
    const j = Math.floor((event.clientX - box.left - left) / side * relative.length);
    const i = Math.floor((event.clientY - box.top - 6) / side * density.length);
    const isInside = i >= 0 && j >= 0 && i < density.length && j < relative.length;
    const now = isInside ? [i, j] : null;
    if (isChosen && now) {
      pointed = null;
      column.set(now[1]);
      row.choose(now[0]);
    } else if (String(now) !== String(pointed)) {
      pointed = now;
      refresh();
    }
  }

  const last = values => values[values.length - 1];
  const ofTheory = (i, j) => {
    const solution = one().solutions[at(one().theory, i, j)];
    return solution ? [last(norms(solution.W)), last(interference(solution.W))] : [NaN, NaN];
  };
  const pictures = [
    diagram("Theory", "The lowest of theory's simple losses", ofTheory),
    diagram("Trained: the best run", "The run with the lowest loss", (i, j) => {
      const W = at(one().W, i, j);
      return [last(norms(W)), last(interference(W))];
    }),
    diagram("Trained: mean of all but the worst", "Means over all runs but the worst",
      (i, j) => [at(one().length, i, j), at(one().shared, i, j)]),
  ];
  const losses = new Picture("Losses here: all runs, and theory", (root, width) => {
    const [i, j] = place(), runs = at(one().loss, i, j).filter(Number.isFinite), height = 170;
    const theory = one().solutions.map(solution => at(solution.loss, i, j));
    const all = [...runs, ...theory], most = Math.max(...all) * 1.05;
    const {across} = chart(root, width, height, {
      x: {ends: [0, most || 1], label: "loss"}, y: {ends: [0, 3], ticks: []}, left: 12,
    });
    runs.forEach((loss, k) => root.append(svg("circle", {
      cx: across(loss), cy: 26 + 9 * (k % 4), r: 4, class: k ? "run" : "run chosen",
    }, svg("title", {}, `loss ${digits(loss, 4)}`))));
    const lowest = Math.min(...theory);
    theory.forEach((loss, k) => {
      const y = 76 + 15 * k, kind = loss === lowest ? "theory best" : "theory";
      const isLeft = across(loss) > width * 0.55;
      root.append(svg("path", {d: `M${across(loss)} ${y - 5}v10`, class: kind}),
        write(across(loss) + (isLeft ? -6 : 6), y + 4, one().solutions[k].does.replace("puts ", "").replace("leaves ", ""),
          {class: kind, "text-anchor": isLeft ? "end" : "start"}));
    });
    return {height, label: `Losses of ${runs.length} runs and of theory's ${theory.length} solutions`};
  });
  const arrows = new Picture("W here: trained, and theory’s in grey", (root, width) => {
    const [i, j] = place(), side = Math.min(width, 190), W = at(one().W, i, j);
    const solution = one().solutions[at(one().theory, i, j)], how = {x: (width - side) / 2, y: 0, side};
    if (!solution) return {height: side, label: "nothing: all runs diverged"};
    const seen = aligned(W, solution.W), count = W[0].length;
    plane(root, solution.W, Array(count).fill("#c9c5b8"), {...how, width: 6});
    plane(root, seen, Array.from({length: count}, (_, k) => k === count - 1 ? STYLE.mark : STYLE.ink), {...how, width: 2.5});
    return {height: side, label: "Trained features as arrows over those of theory; the extra one red"};
  });
  const numbers = html("div", {class: "card numbers"});
  const readout = html("p", {class: "readout", role: "status"});
  const key = html("p", {class: "key"},
    ...[["absent", "the extra feature is left out"], ["alone", "it has a dimension of its own"],
      ["sharing", "it shares one"]].map(([name, words]) => {
      const swatch = html("span", {class: "swatch"});
      swatch.style.background = `rgb(${STYLE.phase[name].join()})`;
      return html("span", {class: "entry"}, swatch, words);
    }));
  stage.append(controls.row, readout, html("div", {class: "grid three"}, ...pictures.map(p => p.element)),
    key, html("div", {class: "grid three"}, losses.element, arrows.element, numbers));

  /** W turned and mirrored so that it lies on another: hidden space has no axes of its own. */
  function aligned(W, target) {
    const dot = (a, b) => a.reduce((sum, v, k) => sum + v * b[k], 0);
    if (W.length === 1) return [W[0].map(w => (dot(W[0], target[0]) < 0 ? -w : w))];
    const turns = [1, -1].map(mirror => {
      const x = W[0], y = W[1].map(v => mirror * v);
      const along = dot(x, target[0]) + dot(y, target[1]), across = dot(x, target[1]) - dot(y, target[0]);
      const size = Math.hypot(along, across) || 1, c = along / size, s = across / size;
      return {size, seen: [x.map((v, k) => c * v - s * y[k]), x.map((v, k) => s * v + c * y[k])]};
    });
    return turns.sort((a, b) => b.size - a.size)[0].seen;
  }

  function refresh() {
    pictures.forEach(picture => picture.show());
    losses.show();
    arrows.show();
    const [i, j] = place(), W = at(one().W, i, j), b = at(one().b, i, j);
    const solution = one().solutions[at(one().theory, i, j)];
    const {runs, relative, density} = one(), found = at(one().loss, i, j).filter(Number.isFinite);
    const where = `At importance ${digits(relative[j])} and 1 − S = ${digits(density[i])}`;
    if (!solution) {
      readout.textContent = `${where} all runs diverged.`;
      numbers.replaceChildren();
      return;
    }
    readout.textContent = `${where} theory ${solution.does}; the best of ${found.length} runs has loss `
      + `${digits(found[0])}, the worst ${digits(last(found))}`
      + `${found.length < runs ? `, and ${runs - found.length} diverged` : ""}.`;
    const head = html("tr", {}, html("td", {}), ...b.map((_, k) =>
      html("th", {scope: "col"}, k === b.length - 1 ? "extra" : `feature ${k + 1}`)));
    const row = (name, values) => html("tr", {}, html("th", {scope: "row"}, name),
      ...values.map(value => html("td", {}, fixed(value, 3))));
    numbers.replaceChildren(html("h3", {}, "W and b"), html("table", {},
      html("thead", {}, head), html("tbody", {},
        ...W.map((values, k) => row(`trained W${W.length > 1 ? `, ${k + 1}` : ""}`, values)),
        row("trained b", b),
        ...solution.W.map((values, k) => row(`theory W${W.length > 1 ? `, ${k + 1}` : ""}`, values)))));
  }

  function update() {
    column.limit(one().relative.length - 1);
    row.limit(one().density.length - 1);
    controls.show();
    refresh();
  }
  return update;
}
