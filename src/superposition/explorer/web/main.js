// The page: every scene that has data is filled.

const SCENES = {
  five: sceneFive, train: sceneTrain, phase: scenePhase, geometry: sceneGeometry,
  films: sceneFilms, neurons: sceneNeurons,
};

const wanted = document.getElementById(readAddress());

for (const section of document.querySelectorAll("section.scene")) {
  const source = document.getElementById(`data-${section.id}`);
  if (source) SCENES[section.id](section.querySelector(".stage"), JSON.parse(source.textContent))();
}
// With choices behind it, the name of a scene is no place that the browser itself could find.
wanted?.scrollIntoView({behavior: "instant"});

// Links go to a scene and leave what is chosen as it is. They make no history: to go back in it
// would be to load another view, and to lose what is being trained.
document.addEventListener("click", event => {
  const link = event.target.closest('a[href^="#"]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  location.replace(link.hash);
  writeAddress(link.hash.slice(1));
});

// An address that is pasted into this page is another view.
addEventListener("hashchange", () => { if (location.hash !== written) location.reload(); });

// What the page computes with, for the console and for tests.
globalThis.superposition = {
  gram, norms, interference, dimensionality, planarShape, unpack, at, Training,
};
