// Arrays that Python packed (superposition.explorer.packing): little-endian numbers in base64.

/** The numbers of a packed array, and its shape. */
function unpack({kind, shape, base64}) {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = Number(kind[1]), count = bytes.length / size;
  const read = {
    f2: at => half(view.getUint16(at, true)),
    f4: at => view.getFloat32(at, true),
  }[kind];
  return {shape, values: Float64Array.from({length: count}, (_, k) => read(size * k))};
}

/** The number that the bits of a float16 stand for. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The part of an array at places of its first axes: numbers, or rows of numbers, nested. */
function at({shape, values}, ...places) {
  let rest = shape.slice(places.length), size = rest.reduce((a, b) => a * b, 1), start = 0;
  places.forEach((place, axis) => {
    start += place * shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  });
  const build = (from, axes) => {
    if (!axes.length) return values[from];
    const inner = axes.slice(1).reduce((a, b) => a * b, 1);
    return Array.from({length: axes[0]}, (_, k) => build(from + k * inner, axes.slice(1)));
  };
  return rest.length ? build(start, rest) : values[start];
}
