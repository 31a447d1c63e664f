// The worker: trains several networks from different starts, and tells how they are. It never trains
// longer than a moment at a time, so that it can be told to stop.

const MOMENT = 60;
/** Losses are of so many samples in which something is active; those without are all the same. */
const EVALUATED = 8192;
let session = null;

/** Networks from their own starts and on their own batches. */
function begin(settings) {
  const {n, density, batch, starts, seed} = settings;
  const runs = Array.from({length: starts}, (_, k) => {
    const random = new Random(1000 * seed + k);
    return {random, training: new Training(settings, Training.start(settings, random))};
  });
  const random = new Random(7919), sample = new Float64Array(EVALUATED * n);
  for (let at = 0; at < sample.length; at += n) {
    const one = sample.subarray(at, at + n);
    do random.sample(one, density); while (!one.some(Boolean));
  }
  return {settings, runs, sample, batch: new Float64Array(batch * n), steps: 0, isRunning: false};
}

/** The expected loss: of samples without anything active exactly, of the others by the sample. */
function expectedLoss(training, {settings: {n, density}, sample}) {
  const without = (1 - density) ** n;
  return without * training.loss(new Float64Array(n)) + (1 - without) * training.loss(sample);
}

/** Train all networks for some steps; the rate falls as a half cosine to nothing at the end. */
function advance(session, count) {
  const {steps, rate, density} = session.settings;
  for (let k = 0; k < count && session.steps < steps; k++) {
    const now = rate * 0.5 * (1 + Math.cos(Math.PI * session.steps / steps));
    for (const {random, training} of session.runs) {
      training.step(random.sample(session.batch, density), now);
    }
    session.steps += 1;
  }
}

function tell() {
  postMessage({
    id: session.settings.id,
    steps: session.steps,
    isDone: session.steps >= session.settings.steps,
    runs: session.runs.map(({training}) =>
      ({W: training.W, b: training.b, loss: expectedLoss(training, session)})),
  });
}

function work() {
  if (!session?.isRunning) return;
  // At first much happens in few steps.
  const end = performance.now() + MOMENT, last = Math.min(1.5 * session.steps + 10, session.settings.steps);
  while (performance.now() < end && session.steps < last) advance(session, 4);
  session.isRunning = session.steps < session.settings.steps;
  tell();
  setTimeout(work);
}

onmessage = ({data}) => {
  if (data.begin) session = begin(data.begin);
  if (data.advance) advance(session, data.advance);
  const wasRunning = session.isRunning;
  if (data.run !== undefined) session.isRunning = data.run;
  tell();
  if (session.isRunning && !wasRunning) work();
};
