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

// An address that is pasted into this page is another view.
addEventListener("hashchange", () => { if (location.hash.includes("&")) location.reload(); });

// What the page computes with, for the console and for tests.
globalThis.superposition = {
  gram, inSpace, norms, interference, dimensionality, dimensionsPerFeature, planarShape, unpack, at,
  Training,
};
