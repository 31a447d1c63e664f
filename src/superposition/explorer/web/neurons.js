// Stack plots of neurons over density.

function sceneNeurons(stage, data) {
  const models = data.models.map(model => ({
    ...model, cells: model.cells.map(cell => ({
      ...cell, W: at(unpack(cell.W)), out: at(unpack(cell.out)), interference: unpack(cell.interference).values,
    })),
  }));
  const titles = {neurons: "features, given back", absolute: "absolute values"};
  const controls = new Controls("neurons", name => {
    if (name === "model") {
      density.limit(sparsest());
      density.set(sparsest());
      neuron.limit(model().m);
      neuron.set(0);
    }
    update();
  });
  const which = controls.choice("model", "Model",
    models.map((one, k) => [String(k), `${one.n} ${titles[one.name]}, by ${one.m} neurons`]), "0");
  const density = controls.slider("density", "Density 1 − S", models[which.value].cells.length,
    sparsest, k => digits(model().cells[k].density));
  const neuron = controls.slider("neuron", "Neuron", models[which.value].m + 1, 0,
    k => k ? `${k}, ${kind(k - 1)}` : "all");

  function model() { return models[which.value]; }
  function sparsest() { return model().cells.length - 1; }
  const cell = () => model().cells[density.value];
  /** The highest column of all densities, so that the scale stays when the density changes. */
  const highest = () => 1.04 * Math.max(...model().cells.flatMap(({W}) => W.map(weights =>
    weights.reduce((sum, w) => sum + (model().signed ? Math.abs(w) : Math.max(w, 0)), 0))));
  const kind = k => cell().mono[k] ? "of one feature" : cell().poly[k] ? "of several features" : "does nothing";
  const colour = i => {
    if (model().signed) return mapped("shared", cell().interference[i]);
    if (!cell().represented[i]) return STYLE.ignored;
    return cell().sharing[i] ? featureColour(i) : STYLE.alone;
  };

  const stacks = new Picture("Neurons, and the weights of each", (root, width) => {
    const {W, mono, poly} = cell(), isSigned = model().signed, height = 340;
    const limits = isSigned ? [0, highest()] : [-2.2, highest()], count = W.length;
    const {across, up} = chart(root, width, height, {
      x: {ends: [-0.6, count - 0.4], ticks: count > 12 ? [] : W.map((_, k) => k), words: k => String(k + 1),
        label: "neurons, those of one feature first"},
      y: {ends: limits, ticks: evenTicks(limits, 6)}, left: 34,
    });
    const step = across(1) - across(0), wide = 0.8 * step;
    W.forEach((weights, k) => {
      const isChosen = neuron.value === 0 || neuron.value === k + 1;
      const column = svg("g", {class: isChosen ? "neuron" : "neuron faded", onclick: () => neuron.choose(k + 1)});
      column.append(svg("rect", {
        x: across(k) - step / 2, width: step, y: 8, height: height - 44,
        fill: mono[k] ? STYLE.monosemantic : poly[k] ? STYLE.polysemantic : "#ffffff",
      }));
      const ends = {true: 0, false: 0};
      const order = weights.map((_, i) => i).sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]));
      for (const i of order) {
        const weight = isSigned ? Math.abs(weights[i]) : weights[i], isUp = weight > 0;
        if (Math.abs(weight) < 0.02) break;
        const from = ends[isUp], to = from + weight;
        ends[isUp] = to;
        const clip = value => Math.min(Math.max(value, limits[0]), limits[1]);
        const top = up(clip(Math.max(from, to))), foot = up(clip(Math.min(from, to)));
        if (foot - top < 0.2) continue;
        column.append(svg("rect", {
          x: across(k) - wide / 2, width: wide, y: top, height: foot - top, fill: colour(i),
          "fill-opacity": isUp ? 1 : 0.42, class: "weight",
        }, svg("title", {}, `feature ${i + 1}: weight ${digits(weights[i])}, back ${digits(cell().out[i][k])}`)));
        if (foot - top > 13 && wide > 16 && isUp) {
          column.append(write(across(k), (top + foot) / 2 + 4, String(i + 1),
            {"text-anchor": "middle", fill: inkOn(colour(i))}));
        }
      }
      if (ends.false < limits[0] && step > 26) {
        const to = step > 44 ? "to " : "";
        column.append(write(across(k), height - 40, `${to}${digits(ends.false, 2)}`,
          {"text-anchor": "middle", class: "aside halo"}));
      }
      root.append(column);
    });
    root.append(svg("line", {x1: 34, x2: width - 10, y1: up(0), y2: up(0), class: "zero"}));
    const number = mono.filter(Boolean).length;
    return {height, label: `${count} neurons, ${number} of a single feature`};
  });
  const overview = new Picture("Neurons of a single feature, over density", (root, width) => {
    const {cells, m} = model(), height = 340;
    const densities = cells.map(one => one.density);
    const ends = [Math.max(...densities) * 1.15, Math.min(...densities) / 1.15];
    const {across, up} = chart(root, width, height, {
      x: {ends, isLog: true, label: "density 1 − S: sparser to the right", ticks: logTicks([ends[1], ends[0]])},
      y: {ends: [0, m * 1.04], ticks: evenTicks([0, m], 5)},
    });
    const now = across(cell().density);
    root.append(svg("line", {x1: now, x2: now, y1: 8, y2: height - 36, class: "now"}));
    cells.forEach((one, k) => {
      const counts = new Map();
      for (const number of one.monosemantic) counts.set(number, (counts.get(number) ?? 0) + 1);
      for (const [number, runs] of counts) {
        root.append(svg("circle", {
          cx: across(one.density), cy: up(number), r: 2 + 7 * Math.sqrt(runs / one.monosemantic.length), class: "share",
        }, svg("title", {}, `${runs} of ${one.monosemantic.length} runs: ${number}`)));
      }
      const best = one.mono.filter(Boolean).length;
      root.append(svg("circle", {
        cx: across(one.density), cy: up(best), r: 4, class: "run chosen", onclick: () => density.choose(k),
      }));
    });
    root.append(line(cells.map(one => [across(one.density), up(one.mono.filter(Boolean).length)]), {class: "star"}));
    return {height, label: `Neurons of a single feature at ${cells.length} densities; grey, all runs`};
  });
  const readout = html("p", {class: "readout", role: "status"});
  const key = html("p", {class: "key"});
  stage.append(controls.row, readout, html("div", {class: "grid two"}, stacks.element, overview.element), key);

  /** What colours mean. */
  function explain() {
    const weights = model().signed
      ? [[mapped("shared", 0), "a feature with neurons of its own"], [mapped("shared", 1), "one that shares them"]]
      : [[STYLE.alone, "a feature with neurons of its own"], [featureColour(0), "features that share neurons"],
        [STYLE.ignored, "a feature that does not come back"]];
    const grounds = [[STYLE.monosemantic, "background of a neuron of one feature"], [STYLE.polysemantic, "of several"]];
    key.replaceChildren(...[...weights, ...grounds].map(([colour, words]) => {
      const swatch = html("span", {class: "swatch"});
      swatch.style.background = colour;
      return html("span", {class: "entry"}, swatch, words);
    }), model().signed ? "weights of each neuron are scaled so that its largest is 1"
      : "pale, below 0: weights that only inhibit");
  }

  function update() {
    density.limit(model().cells.length - 1);
    neuron.limit(model().m);
    controls.show();
    stacks.show();
    overview.show();
    explain();
    const {mono, poly, represented, loss} = cell(), number = flags => flags.filter(Boolean).length;
    let words = `At 1 − S = ${digits(cell().density)}, ${number(mono)} of ${model().m} neurons respond to a `
      + `single feature and ${number(poly)} to several; ${number(represented)} of ${model().n} features come back. `
      + `Loss ${digits(loss)}.`;
    if (neuron.value) {
      const weights = cell().W[neuron.value - 1];
      const order = weights.map((_, i) => i).sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a])).slice(0, 4);
      words = `Neuron ${neuron.value}, ${kind(neuron.value - 1)}: `
        + `${order.map(i => `feature ${i + 1} by ${digits(weights[i], 2)}`).join(", ")}.`;
    }
    readout.textContent = words;
  }
  return update;
}
