// The review page: every answer has a key. Keys typed into a field stay there.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("select, input, textarea")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "p") return playOrStop(event);
  const field = document.querySelector(`[data-focus="${CSS.escape(event.key)}"]`);
  const spot = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (field) {
    event.preventDefault();
    field.focus();
  } else if (spot && event.key !== "Enter") {
    event.preventDefault();
    spot.click();
  }
});

// The first quote where there is one, else the recording from its start.
function playOrStop(event) {
  event.preventDefault();
  const playing = [...document.querySelectorAll("audio")].find((audio) => !audio.paused);
  if (playing) return playing.pause();
  const quote = document.querySelector(".quote[data-seek]");
  if (quote) return quote.click();
  document.querySelector("audio")?.play().catch(() => {}); // a browser may refuse to play
}
