// Films of training.

function sceneFilms(stage, data) {
  const films = data.films.map(film => ({...film, W: unpack(film.W), loss: unpack(film.loss)}));
  const titles = {transformations: "geometric transformations", energy_levels: "jumps of Dᵢ"};
  const title = ({name, place}) => `${titles[name]}${place ? `, ${place}` : ""}`;
  const runsOf = film => film.runs.map(({run, rank}, k) =>
    [String(k), `run ${run}, ${k ? "" : "the figure's, "}rank ${rank} of ${film.of}`]);
  const controls = new Controls("films", name => {
    if (name === "film") {
      run.offer(runsOf(film()));
      run.set("0");
      marked.offer(featureNames(film().n));
      frame.limit(last());
      frame.set(last());
    }
    if (name !== "frame") curves = null;
    update();
  });
  const which = controls.choice("film", "Film",
    films.map((film, k) => [String(k), title(film)]), "0");
  const run = controls.choice("run", "Run", runsOf(films[which.value]), "0");
  const frame = controls.slider("frame", "Step", film().steps.length, last,
    k => counted(film().steps[k]));
  const marked = controls.choice("feature", "Mark", featureNames(film().n), "");
  const play = controls.button("Play", () => { if (isPlaying) stop(); else start(); });
  const moving = controls.toggle("turning", "turn", !stillness.matches);
  const turning = new Turning(() => moving.value && !isPlaying);
  let isPlaying = false, timer = 0, curves = null, pointed = null;

  function film() { return films[which.value]; }
  function last() { return film().steps.length - 1; }
  const W = () => at(film().W, Number(run.value), frame.value);
  const colours = () => Array.from({length: film().n}, (_, i) => {
    const set = film().sets?.findIndex(members => members.includes(i)) ?? -1;
    return set >= 0 ? STYLE.series[set % 3] : featureColour(i);
  });

  /** Of the chosen run: loss and every D_i at each snapshot; the axes in which the last is seen. */
  function measured() {
    curves ??= {
      loss: at(film().loss, Number(run.value)),
      D: film().steps.map((_, k) => dimensionality(at(film().W, Number(run.value), k))),
      axes: axesOf(at(film().W, Number(run.value), last())),
    };
    return curves;
  }

  /** A chart over steps with a line at the present one, which a click moves. */
  function course(heading, label, height, draw) {
    return new Picture(heading, (root, width) => {
      const {steps} = film(), ends = [Math.max(steps[0], 1), steps[last()]];
      const {across, up} = chart(root, width, height, {
        x: {ends, isLog: true, label: "steps", words: counted}, y: draw.axis(), left: 56,
      });
      for (const event of film().events?.[run.value] ?? []) {
        root.append(svg("rect", {
          x: across(event.first), width: across(event.last) - across(event.first), y: 8,
          height: height - 44, class: "event",
        }));
      }
      draw.lines(root, steps.map(step => across(Math.max(step, 1))), up);
      const x = across(Math.max(steps[frame.value], 1));
      root.append(svg("line", {x1: x, x2: x, y1: 8, y2: height - 36, class: "now"}));
      root.onclick = event => {
        const wanted = event.clientX - root.getBoundingClientRect().left;
        const gaps = steps.map(step => Math.abs(across(Math.max(step, 1)) - wanted));
        frame.choose(gaps.indexOf(Math.min(...gaps)));
      };
      return {height, label};
    });
  }

  const hidden = new Picture("Hidden space", (root, width) => {
    const side = Math.min(width, 300), {points, share} = inSpace(W(), measured().axes);
    if (share < 0.995) {
      const words = `3 of ${film().m} dimensions, ${Math.round(100 * share)} % of ‖W‖²`;
      root.append(write(0, side - 4, words, {class: "aside"}));
    }
    space(root, points, colours(), {x: (width - side) / 2, y: 0, side, turn: turning.angle, sets: film().sets ?? []});
    return {height: side, label: `Features in ${film().m} dimensions at step ${film().steps[frame.value]}`};
  });
  const overlaps = new Picture("WᵀW", (root, width) => {
    const size = Math.floor(Math.min(width, 300) / film().n), side = size * film().n;
    matrix(root, gram(W()), {x: (width - side) / 2, y: 0, size});
    return {height: Math.max(side, 300), label: "WᵀW, blue −1, white 0, red 1"};
  });
  const loss = course("Loss", "Loss over steps of training", 230, {
    axis: () => {
      const values = measured().loss.filter(value => value > 0);
      return {ends: [Math.min(...values) * 0.9, Math.max(...values) * 1.1], isLog: true};
    },
    lines: (root, x, up) => root.append(line(measured().loss.map((value, k) => [x[k], up(value)]),
      {stroke: STYLE.ink, "stroke-width": 2})),
  });
  const levels = course("Dimensionality Dᵢ", "Dᵢ of every feature over steps of training", 230, {
    axis: () => ({ends: [0, 1.05], ticks: [0, 0.25, 0.5, 0.75, 1]}),
    lines: (root, x, up) => {
      for (let i = 0; i < film().n; i++) {
        root.append(line(measured().D.map((D, k) => [x[k], up(Math.min(D[i], 1.05))]),
          {stroke: colours()[i], "stroke-width": 1.8, "data-feature": i}));
      }
    },
  });
  const pictures = [hidden, overlaps, loss, levels];
  turning.turn(hidden);
  const readout = html("p", {class: "readout", role: "status"});
  const grid = html("div", {class: "grid four"}, ...pictures.map(picture => picture.element));
  grid.addEventListener("pointerover", event => {
    point(event.target.closest("[data-feature]")?.dataset.feature.split(" ").at(-1));
  });
  grid.addEventListener("pointerleave", () => point());
  stage.append(controls.row, readout, grid);

  function point(feature = null) {
    pointed = feature;
    mark(grid, pointed ?? (marked.value || null));
  }

  function start() {
    if (frame.value >= last()) frame.set(0);
    isPlaying = true;
    play.textContent = "Pause";
    next();
  }

  function stop() {
    isPlaying = false;
    clearTimeout(timer);
    play.textContent = "Play";
    controls.keep();
  }

  function next() {
    frame.set(frame.value + 1);
    turning.angle += moving.value ? 0.012 : 0;
    update();
    if (frame.value >= last()) stop();
    else timer = setTimeout(next, 40);
  }

  function update() {
    frame.limit(last());
    controls.show();
    pictures.forEach(picture => picture.show());
    point(pointed);
    const stage = film().stages?.[run.value][frame.value], step = film().steps[frame.value];
    const event = (film().events?.[run.value] ?? []).find(one => step >= one.first && step <= one.last);
    readout.setAttribute("aria-busy", isPlaying);
    readout.textContent = `Step ${counted(step)}, loss ${digits(measured().loss[frame.value])}`
      + `${stage ? `: ${stage}` : ""}`
      + `${event ? `: ${event.features.length} feature${event.features.length > 1 ? "s jump" : " jumps"}` : ""}.`;
  }
  return update;
}
