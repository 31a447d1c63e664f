// Measures of trained weights, as in superposition.measure.metrics. W[k][i] is the weight of feature
// i in hidden dimension k, so that column i is the direction W_i.

/** WᵀW: squared lengths on the diagonal, overlaps of features off it. */
function gram(W) {
  const n = W[0].length;
  return Array.from({length: n}, (_, i) =>
    Array.from({length: n}, (_, j) => W.reduce((sum, row) => sum + row[i] * row[j], 0)));
}

/** The length of every feature's direction, ‖W_i‖. */
function norms(W) {
  return Array.from(W[0], (_, i) => Math.sqrt(W.reduce((sum, row) => sum + row[i] ** 2, 0)));
}

/** How much every feature shares its direction with the others, Σ_{j≠i} (Ŵ_i · W_j)². */
function interference(W) {
  return gram(W).map((row, i) =>
    row[i] > 0 ? (row.reduce((sum, v) => sum + v * v, 0) - row[i] ** 2) / row[i] : 0);
}

/** The fraction of a hidden dimension that every feature gets, D_i = ‖W_i‖² / Σ_j (Ŵ_i · W_j)². */
function dimensionality(W) {
  return gram(W).map((row, i) =>
    row[i] > 0 ? row[i] ** 2 / row.reduce((sum, v) => sum + v * v, 0) : 0);
}

/** The columns of W that are asked for. */
function columns(W, members) {
  return W.map(row => members.map(i => row[i]));
}

/** The axes of space: of more than three dimensions, the three in which directions are longest. */
function axesOf(W) {
  if (W.length > 3) return principalAxes(W).slice(0, 3);
  return W.map((_, k) => W.map((_, j) => Number(j === k)));
}

/**
 * Directions as points in space, [feature][3], and the share of their squared lengths that is seen.
 * Networks that are compared need the same axes: their own may swap and flip.
 */
function inSpace(W, axes = axesOf(W)) {
  const whole = norms(W).reduce((sum, length) => sum + length ** 2, 0);
  const along = (axis, i) => axis?.reduce((sum, a, k) => sum + a * W[k][i], 0) ?? 0;
  const points = Array.from(W[0], (_, i) => [0, 1, 2].map(k => along(axes[k], i)));
  const share = points.flat().reduce((sum, v) => sum + v * v, 0) / (whole || 1);
  return {points, share};
}

/** Orthonormal directions of the hidden space, the longest part of W first (Jacobi's rotations). */
function principalAxes(W) {
  const m = W.length;
  const A = W.map(a => W.map(b => a.reduce((sum, v, i) => sum + v * b[i], 0)));
  const Q = A.map((_, i) => A.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < m; p++) {
      for (let q = p + 1; q < m; q++) {
        if (Math.abs(A[p][q]) < 1e-14) continue;
        const theta = (A[q][q] - A[p][p]) / (2 * A[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1), s = t * c;
        for (const row of [...A, ...Q]) {
          [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
        }
        for (let k = 0; k < m; k++) {
          [A[p][k], A[q][k]] = [c * A[p][k] - s * A[q][k], s * A[p][k] + c * A[q][k]];
        }
      }
    }
  }
  const order = A.map((_, k) => k).sort((a, b) => A[b][b] - A[a][a]);
  return order.map(k => Q.map(row => row[k]));
}

/**
 * What the represented features of a plane are, in words: as superposition.measure.geometry.planar
 * names them, a polygon if every gap is within a third of an even one.
 */
function planarShape(W) {
  const lengths = norms(W);
  const members = lengths.map((_, i) => i).filter(i => lengths[i] > 0.3);
  const angles = members.map(i => Math.atan2(W[1][i], W[0][i]) * 180 / Math.PI).sort((a, b) => a - b);
  const k = angles.length, even = 360 / k;
  const gaps = angles.map((angle, i) => (i + 1 < k ? angles[i + 1] : angles[0] + 360) - angle);
  const names = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"};
  const isEven = gaps.every(gap => Math.abs(gap - even) < even / 3);
  const near = (angle, wanted) => Math.abs(angle - wanted) < 18;
  const opposite = [0, 1].every(i => near(angles[i + 2] - angles[i], 180));
  if (k === 4 && opposite && gaps.every(gap => near(gap, 90))) return {name: "two digons", gaps};
  if (k === 2 && near(gaps[0], 180)) return {name: "a digon", gaps};
  return {name: isEven && names[k] ? `a ${names[k]}` : "", gaps};
}
