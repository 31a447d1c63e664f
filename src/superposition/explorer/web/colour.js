// Colours: those of superposition.figures.style, which Python puts into the page.

const STYLE = JSON.parse(document.getElementById("style").textContent);

/** A colour of a map, at a place from 0 to 1. */
function mapped(map, place) {
  const colours = STYLE.maps[map];
  const clipped = Math.min(Math.max(Number.isFinite(place) ? place : 0, 0), 1);
  return colours[Math.round(clipped * (colours.length - 1))];
}

/** The colour of a weight or an overlap: blue −1, white 0, red +1. */
const signed = value => mapped("signed", (value + 1) / 2);

/** The colours of features by their importance, the most important yellow; or by number, if all are alike. */
function importanceColours(importance) {
  const most = Math.max(...importance), least = Math.min(...importance);
  return importance.map((I, i) =>
    most > least ? mapped("importance", (I - least) / (most - least)) : featureColour(i));
}

/** Colours of features that are alike but for their number. */
const featureColour = i => STYLE.features[i % STYLE.features.length];

/** The colour of a feature's length and how much it is shared, in phase diagrams. */
function phaseColour(length, shared) {
  const [norm, mix] = [length, shared].map(v => Math.min(Math.max(v, 0), 1));
  const {absent, alone, sharing} = STYLE.phase;
  return absent.map((grey, k) =>
    Math.round((1 - norm) * grey + norm * ((1 - mix) * alone[k] + mix * sharing[k])));
}

/** Black or white, whichever is read more easily on a colour. */
function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map(k => parseInt(colour.slice(k, k + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 150 ? "#ffffff" : "#1c1b22";
}
