// What is chosen in the scenes stands in the address, so that a view can be shared and reloaded:
// #geometry&geometry.level=12. The first word is the scene in which something was chosen last.

const state = new Map();

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

/** Note a choice; what is as it was at first is not written. */
function note(key, value, initial) {
  if (String(value) === String(initial)) state.delete(key);
  else state.set(key, String(value));
  const pairs = [...state].map(([name, chosen]) => `&${name}=${encodeURIComponent(chosen)}`);
  history.replaceState(null, "", `#${key.split(".")[0]}${pairs.join("")}`);
}
