// Training: the mathematics of superposition.training for the linear and the ReLU output model,
// y = g(WᵀWx + b). The loss is I_i (x_i − y_i)², meaned over samples and features. Numbers are
// doubles here, and drawn in another way, so that weights are not the package's to the last bit.

/** Random numbers that a seed decides (a counter, well mixed), so that a training can be had again. */
class Random {
  constructor(seed) {
    this.count = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** A number in [0, 1). */
  uniform() {
    this.count = (this.count + 0x6d2b79f5) | 0;
    let mixed = this.count;
    mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 4294967296;
  }

  /** A normal number (Box and Muller). */
  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fill x with samples: each feature is not zero with this probability, and then in [0, 1). */
  sample(x, density) {
    for (let k = 0; k < x.length; k++) x[k] = this.uniform() < density ? this.uniform() : 0;
    return x;
  }
}

/** One network in training. Parameters lie one behind the other: W, row by row, then b. */
class Training {
  /**
   * @param {object} settings n, m, importance [n], isLinear, and the recipe: rate, beta1, beta2,
   *   epsilon.
   * @param {Float64Array} start W and b to start from.
   */
  constructor(settings, start) {
    this.settings = settings;
    this.parameters = Float64Array.from(start);
    this.gradient = new Float64Array(start.length);
    this.mean = new Float64Array(start.length);
    this.square = new Float64Array(start.length);
    this.steps = 0;
    this.h = new Float64Array(settings.m);
    this.slope = new Float64Array(settings.n);
  }

  /** Weights of variance 2 / (n + m), and no bias. */
  static start({n, m}, random) {
    const scale = Math.sqrt(2 / (n + m));
    return Float64Array.from({length: m * n + n}, (_, k) => k < m * n ? scale * random.normal() : 0);
  }

  /** W[k][i]. */
  get W() {
    const {n, m} = this.settings;
    return Array.from({length: m}, (_, k) => Array.from(this.parameters.subarray(k * n, k * n + n)));
  }

  /** b[i]. */
  get b() {
    const {n, m} = this.settings;
    return Array.from(this.parameters.subarray(m * n));
  }

  /** The mean loss of samples x [samples · n]; the gradient too, if it is asked for. */
  loss(x, withGradient = false) {
    const {n, m, importance, isLinear} = this.settings;
    const {parameters: P, gradient: G, h, slope} = this, bias = m * n, count = x.length;
    let total = 0;
    if (withGradient) G.fill(0);
    for (let at = 0; at < count; at += n) {
      h.fill(0);
      for (let i = 0; i < n; i++) {
        const value = x[at + i];
        if (value) for (let k = 0; k < m; k++) h[k] += P[k * n + i] * value;
      }
      for (let i = 0; i < n; i++) {
        let y = P[bias + i];
        for (let k = 0; k < m; k++) y += P[k * n + i] * h[k];
        const isOff = !isLinear && y <= 0;
        const error = (isOff ? 0 : y) - x[at + i];
        total += importance[i] * error * error;
        slope[i] = isOff ? 0 : 2 * importance[i] * error / count;
      }
      if (!withGradient) continue;
      for (let i = 0; i < n; i++) G[bias + i] += slope[i];
      for (let k = 0; k < m; k++) {
        // Each weight is used twice: W writes x into h, and Wᵀ reads it back.
        let back = 0;
        const row = k * n;
        for (let i = 0; i < n; i++) {
          back += P[row + i] * slope[i];
          G[row + i] += slope[i] * h[k];
        }
        for (let i = 0; i < n; i++) if (x[at + i]) G[row + i] += back * x[at + i];
      }
    }
    return total / count;
  }

  /** One step of Adam on a batch; returns the loss before it. */
  step(x, rate = this.settings.rate) {
    const {beta1, beta2, epsilon} = this.settings;
    const {parameters: P, gradient: G, mean, square} = this;
    const loss = this.loss(x, true);
    this.steps += 1;
    const size = rate / (1 - beta1 ** this.steps), root = Math.sqrt(1 - beta2 ** this.steps);
    for (let k = 0; k < P.length; k++) {
      mean[k] = beta1 * mean[k] + (1 - beta1) * G[k];
      square[k] = beta2 * square[k] + (1 - beta2) * G[k] * G[k];
      P[k] -= size * mean[k] / (Math.sqrt(square[k]) / root + epsilon);
    }
    return loss;
  }
}
