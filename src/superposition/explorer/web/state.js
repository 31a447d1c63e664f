// What is chosen in the scenes stands in the address, so that a view can be shared and reloaded:
// #geometry&geometry.level=12. The first word is the scene in which something was chosen last.

const state = new Map();
/** Browsers refuse an address that changes too often. */
const PAUSE = 300;
let named = "", written = location.hash, pause = 0, isDue = false;

/** Read the address; returns the scene that it names. */
function readAddress() {
  const [scene, ...pairs] = location.hash.slice(1).split("&");
  for (const pair of pairs) {
    const [key, value] = pair.split("=");
    try {
      if (value !== undefined) state.set(key, decodeURIComponent(value));
    } catch { /* an address that somebody cut: what can be read of it counts */ }
  }
  return scene;
}

/** Note a choice; what is as it was at first is not kept. */
function note(key, value, initial) {
  if (String(value) === String(initial)) state.delete(key);
  else state.set(key, String(value));
}

/** Write what was noted into the address: at once, or after a pause if that was just done. */
function writeAddressSoon(scene) {
  named = scene;
  isDue = Boolean(pause);
  if (isDue) return;
  writeAddress(scene);
  pause = setTimeout(() => {
    pause = 0;
    if (isDue) writeAddressSoon(named);
  }, PAUSE);
}

/** Write what was noted into the address, below the name of a scene. */
function writeAddress(scene) {
  named = scene;
  const pairs = [...state].map(([name, chosen]) => `&${name}=${encodeURIComponent(chosen)}`);
  try {
    history.replaceState(null, "", `#${scene}${pairs.join("")}`);
  } catch { /* too often for this browser: the next choice writes it */ }
  written = location.hash;
}
