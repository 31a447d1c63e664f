// Five features in two dimensions.

function sceneFive(stage, data) {
  const cells = data.cells.map(cell => ({
    ...cell, W: unpack(cell.W), b: unpack(cell.b), loss: unpack(cell.loss).values,
  }));
  const controls = new Controls("five", name => {
    if (name === "cell") marked.offer(names());
    update();
  });
  const density = controls.slider("cell", "Density 1 − S", cells.length, data.start,
    k => `${digits(cells[k].density)}, ${cells[k].name}`);
  const rank = controls.slider("rank", "Run, by loss", cells[density.value].runs.length, 0,
    k => `${k + 1} of ${cells[density.value].runs.length}`);
  const names = () => featureNames(cells[density.value].importance.length);
  const marked = controls.choice("feature", "Mark", names(), "");
  let pointed = null;

  const cell = () => cells[density.value];
  const W = () => at(cell().W, rank.value), b = () => at(cell().b, rank.value);
  const colours = () => importanceColours(cell().importance);

  const arrows = new Picture("Wᵢ, the features as directions", (root, width) => {
    const side = Math.min(width, 340);
    plane(root, W(), colours(), {x: (width - side) / 2, y: 0, side, width: 3, isNumbered: true});
    const shape = planarShape(W()).name || "no regular polygon";
    return {height: side, label: `${cell().importance.length} features in the plane: ${shape}`};
  });
  const overlaps = new Picture("WᵀW, what they share", (root, width) => {
    const size = Math.floor(Math.min(width, 340) / cell().importance.length);
    const side = size * cell().importance.length;
    matrix(root, gram(W()), {x: (width - side) / 2, y: 0, size});
    return {height: side, label: "WᵀW as a matrix of colours, blue −1, white 0, red 1"};
  });
  const bars = new Picture("Length ‖Wᵢ‖, coloured, and bias bᵢ, grey", (root, width) => {
    const n = cell().importance.length, height = 250, left = 46, step = (width - left - 10) / n;
    const {up} = chart(root, width, height, {
      x: {ends: [0, n], ticks: [], label: "features, the most important first"},
      y: {ends: [-0.5, 1.5], ticks: [-0.5, 0, 0.5, 1, 1.5]}, left,
    });
    const lengths = norms(W());
    for (const [i, colour] of colours().entries()) {
      const x = left + (i + 0.5) * step, size = Math.min(0.3 * step, 26);
      const bar = (value, from, fill, what) => svg("rect", {
        x: from, width: size, y: up(Math.max(value, 0)), height: Math.abs(up(value) - up(0)), fill,
      }, svg("title", {}, `${what} of feature ${i + 1}: ${digits(value)}`));
      root.append(svg("g", {"data-feature": i},
        bar(lengths[i], x - size - 1, colour, "length"), bar(b()[i], x + 1, "#8b8a91", "bias")));
    }
    root.append(svg("line", {x1: left, x2: width - 10, y1: up(0), y2: up(0), class: "zero"}));
    return {height, label: `Lengths ${lengths.map(v => digits(v, 2)).join(", ")}; biases grey`};
  });
  const losses = new Picture("Every run, by its loss", (root, width) => {
    const {loss} = cell(), height = 250, most = loss[loss.length - 1];
    const {across, up} = chart(root, width, height, {
      x: {ends: [1, Math.max(loss.length, 2)], label: "rank of the run"},
      y: {ends: [Math.min(0, loss[0]), most * 1.08]}, left: 56,
    });
    loss.forEach((value, k) => {
      const isChosen = k === rank.value;
      root.append(svg("circle", {
        cx: across(k + 1), cy: up(value), r: isChosen ? 6 : 3.5, class: isChosen ? "run chosen" : "run",
        onclick: () => rank.choose(k),
      }, svg("title", {}, `run ${cell().runs[k]}: loss ${digits(value, 4)}`)));
    });
    return {height, label: `Losses of ${loss.length} runs, from ${digits(loss[0])} to ${digits(most)}`};
  });
  const readout = html("p", {class: "readout", role: "status"});
  const pictures = [arrows, overlaps, bars, losses];
  const grid = html("div", {class: "grid four"}, ...pictures.map(picture => picture.element));
  grid.addEventListener("pointerover", event => {
    const part = event.target.closest("[data-feature]");
    point(part ? part.dataset.feature.split(" ").at(-1) : null);
  });
  grid.addEventListener("pointerleave", () => point(null));
  stage.append(controls.row, readout, grid);

  function point(feature) {
    if (feature === pointed) return;
    pointed = feature;
    tell();
  }

  function tell() {
    const chosen = pointed ?? (marked.value || null);
    mark(grid, chosen);
    const {name, gaps} = planarShape(W());
    const around = gaps.map(gap => `${gap.toFixed(0)}°`).join(", ");
    let words = `Run ${cell().runs[rank.value]}, loss ${digits(cell().loss[rank.value], 4)}: `
      + `${name || "no regular polygon"}, gaps ${around || "none"}.`;
    if (chosen !== null) {
      const i = Number(chosen);
      words = `Feature ${i + 1}: importance ${digits(cell().importance[i])}, length ${digits(norms(W())[i])}, `
        + `D ${digits(dimensionality(W())[i])}, bias ${digits(b()[i])}.`;
    }
    readout.textContent = words;
  }

  function update() {
    rank.limit(cell().runs.length - 1);
    controls.show();
    pictures.forEach(picture => picture.show());
    tell();
  }
  return update;
}
