// Training in the browser: eight starts side by side.

const STARTS = 8, BATCH = 256;
const TRAIN_DENSITIES = [1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01];
const RECIPE = {learning_rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8};

function sceneTrain(stage, data) {
  const recipe = data.recipe ?? RECIPE;
  const controls = new Controls("train", () => reset());
  const features = controls.slider("n", "Features n", 21, 5, String, 2);
  const hidden = controls.choice("m", "Dimensions m", [["1", "1"], ["2", "2"], ["3", "3"]], "2");
  const density = controls.slider("density", "Density 1 − S", TRAIN_DENSITIES.length, 5,
    k => `${TRAIN_DENSITIES[k]}`);
  const decay = controls.slider("decay", "Importance Iᵢ", 11, 8,
    k => k === 10 ? "1, all alike" : `${(0.5 + k / 20).toFixed(2)}ⁱ`);
  const output = controls.choice("output", "Output", [["relu", "ReLU"], ["linear", "linear"]], "relu");
  const rate = controls.choice("rate", "Learning rate",
    [...new Set([0.001, 0.003, 0.01, 0.03, 0.1, recipe.learning_rate])].sort((a, b) => a - b)
      .map(value => [String(value), String(value)]), String(recipe.learning_rate));
  const length = controls.choice("steps", "Steps",
    ["1000", "5000", "20000"].map(value => [value, counted(value)]), "5000");
  const seed = controls.slider("seed", "Starts", 20, 0, k => `seed ${k}`);
  const go = controls.button("Train", () => run(!isRunning));
  const once = controls.button("One step", () => { run(false); send({advance: 1}); });
  controls.button("Reset", () => { waits = false; reset(); });

  let worker = null, id = 0, isRunning = false, told = null, curves = [], turn = 0.6;
  const n = () => features.value, m = () => Number(hidden.value);
  const importance = () => Array.from({length: n()}, (_, i) => (0.5 + decay.value / 20) ** i);

  const cards = html("ol", {class: "starts"});
  const planes = Array.from({length: STARTS}, (_, k) => {
    const root = svg("svg", {role: "img"}), words = html("p", {});
    const item = html("li", {class: "card"}, root, words);
    cards.append(item);
    return {root, words, item, k};
  });
  const curve = new Picture("Loss of each start", (root, width) => {
    const height = 240, all = curves.flat().map(([, loss]) => loss).filter(loss => loss > 0);
    const ends = all.length ? [Math.min(...all) * 0.9, Math.max(...all) * 1.1] : [0.01, 0.1];
    const {across, up} = chart(root, width, height, {
      x: {ends: [0, Number(length.value)], label: "steps", words: counted},
      y: {ends, isLog: true}, left: 62,
    });
    const order = ranking();
    curves.forEach((points, k) => {
      if (points.length > 1) root.append(line(points.map(([step, loss]) => [across(step), up(loss)]), {
        stroke: k === order[0] ? STYLE.mark : STYLE.faint, "stroke-width": k === order[0] ? 2.5 : 1.2,
      }));
    });
    return {height, label: "Loss of eight networks over steps of training; the lowest is red"};
  });
  const overlaps = new Picture("WᵀW of the lowest loss", (root, width) => {
    const side = Math.min(width, 240), size = side / n(), W = told?.runs[ranking()[0]].W;
    if (W) matrix(root, gram(W), {x: (width - side) / 2, y: 0, size});
    return {height: 240, label: "WᵀW of the network with the lowest loss"};
  });
  const readout = html("p", {class: "readout", role: "status"});
  const progress = html("progress", {max: 1, value: 0, "aria-label": "Steps done"});
  stage.append(controls.row, readout, progress, cards,
    html("div", {class: "grid two"}, curve.element, overlaps.element));

  /** Starts from the lowest loss to the highest. */
  function ranking() {
    const runs = told?.runs ?? [];
    return runs.map((_, k) => k).sort((a, b) => (runs[a].loss - runs[b].loss) || 0);
  }

  function send(message) {
    if (worker) worker.postMessage(message);
  }

  function run(wanted) {
    if (wanted && told?.isDone) reset();
    isRunning = wanted;
    waits = false;
    go.textContent = wanted ? "Pause" : "Train";
    send({run: wanted});
  }

  function reset() {
    isRunning = false;
    go.textContent = "Train";
    curves = Array.from({length: STARTS}, () => []);
    told = null;
    id += 1;
    controls.show();
    const {beta1, beta2, epsilon} = recipe;
    worker ??= startWorker();
    send({run: false, begin: {
      id, n: n(), m: m(), density: TRAIN_DENSITIES[density.value], importance: importance(),
      isLinear: output.value === "linear", rate: Number(rate.value), beta1, beta2, epsilon,
      steps: Number(length.value), batch: BATCH, starts: STARTS, seed: seed.value,
    }});
  }

  function startWorker() {
    try {
      const source = document.getElementById("worker").textContent;
      const made = new Worker(URL.createObjectURL(new Blob([source], {type: "text/javascript"})));
      made.onmessage = ({data: now}) => { if (now.id === id) receive(now); };
      return made;
    } catch {
      readout.textContent = "This browser does not allow a page to compute in the background.";
      return null;
    }
  }

  function receive(now) {
    told = now;
    now.runs.forEach(({loss}, k) => {
      if (curves[k].at(-1)?.[0] !== now.steps) curves[k].push([now.steps, loss]);
    });
    if (now.isDone) { isRunning = false; go.textContent = "Train again"; }
    once.disabled = now.isDone;
    show();
    beginIfSeen();
  }

  /** The starts by rank: the list is in that order, so that it is read so as well. */
  function show() {
    progress.value = told.steps / Number(length.value);
    const order = ranking(), colours = importanceColours(importance());
    turn += isRunning && !stillness.matches ? 0.02 : 0;
    order.forEach((k, place) => {
      const {root, words, item} = planes[k], {W, loss} = told.runs[k];
      root.replaceChildren();
      const side = 150;
      if (m() === 3) space(root, inSpace(W).points, colours, {x: 0, y: 0, side, turn, limit: 1.35});
      else plane(root, W, colours, {x: 0, y: 0, side, width: n() > 10 ? 1.6 : 2.4});
      const label = `Start ${k + 1}, rank ${place + 1}`;
      filled(root, {viewBox: `0 0 ${side} ${side}`, "aria-label": label}, []);
      words.textContent = `${place + 1}. loss ${digits(loss)}`;
      if (cards.children[place] !== item) cards.insertBefore(item, cards.children[place]);
    });
    curve.show();
    overlaps.show();
    readout.setAttribute("aria-busy", isRunning);
    readout.textContent = sentence(told.runs[order[0]], order);
  }

  function sentence({W, loss}, order) {
    const number = norms(W).filter(length => length > 0.5).length;
    const begun = `Step ${counted(told.steps)} of ${counted(length.value)}: `;
    if (!Number.isFinite(loss)) return `${begun}it diverges; try a lower learning rate.`;
    let words = `the best of ${STARTS} has ${number} of ${n()} features longer than a half`;
    if (m() === 2) {
      const shapes = order.map(k => planarShape(told.runs[k].W).name);
      const same = shapes.filter(name => name === shapes[0]).length;
      if (shapes[0]) words += `, as ${shapes[0]} (${same} of ${STARTS} starts)`;
    }
    return `${begun}${words}. Its loss is about ${digits(loss, 2)}.`;
  }

  // It begins by itself once it is seen, unless nothing is to move.
  let isSeen = false, waits = !stillness.matches;
  new IntersectionObserver(entries => {
    isSeen = entries.at(-1).isIntersecting;
    beginIfSeen();
  }, {threshold: 0.2}).observe(cards);

  function beginIfSeen() {
    if (!waits || !isSeen || told?.steps !== 0) return;
    waits = false;
    run(true);
  }
  return reset;
}
