// The call's page: click a word, a quote or the lanes to play from there; what is said now is marked.
const REFRESH_MS = 3000;

prepareAll();
if (document.querySelector("[data-in-work]")) setTimeout(refresh, REFRESH_MS);

function prepareAll() {
  for (const section of document.querySelectorAll("[data-recording]")) {
    const audio = section.querySelector("audio");
    if (audio) prepare(section, audio);
  }
}

// While the call is in work the page is fetched anew, until it is done. What a person is doing is left alone.
async function refresh() {
  if (!document.hidden && !isBusy()) {
    const answer = await fetch(location.pathname).catch(() => null);
    if (answer?.ok && !answer.redirected && !isBusy()) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      const open = document.querySelector("main details")?.open;
      document.querySelector("main").replaceChildren(...fresh.childNodes);
      if (open) document.querySelector("main details").open = true;
      prepareAll();
    }
  }
  if (document.querySelector("[data-in-work]")) setTimeout(refresh, REFRESH_MS);
}

function isBusy() {
  const main = document.querySelector("main");
  const plays = [...main.querySelectorAll("audio")].some((audio) => !audio.paused || audio.currentTime > 0);
  return plays || main.contains(document.activeElement) || String(getSelection()) !== "";
}

document.addEventListener("click", (event) => {
  const spot = event.target.closest("[data-seek]");
  if (!spot || String(getSelection())) return;
  const audio = document.querySelector(`[data-recording="${spot.dataset.in}"] audio`);
  if (audio) playFrom(audio, Number(spot.dataset.seek));
});

function playFrom(audio, seconds) {
  audio.currentTime = seconds;
  audio.play().catch(() => {}); // a browser may refuse to play; the place is set all the same
}

function prepare(section, audio) {
  const length = Number(section.dataset.length);
  const lines = [...section.querySelectorAll(".transcript li")].map((element) => ({
    element,
    start: Number(element.dataset.start),
    end: Number(element.dataset.end),
    words: [...element.querySelectorAll(".word")],
  }));
  const lanes = section.querySelector(".lanes");
  const playhead = section.querySelector(".playhead");

  lanes?.addEventListener("click", (event) => {
    const box = lanes.getBoundingClientRect();
    playFrom(audio, ((event.clientX - box.left) / box.width) * length);
  });

  function show() {
    const now = audio.currentTime;
    playhead?.setAttribute("x", String((1000 * now) / (length || 1)));
    for (const line of lines) {
      const current = now >= line.start && now < line.end + 0.3;
      line.element.classList.toggle("now", current);
      if (current) line.element.setAttribute("aria-current", "true");
      else line.element.removeAttribute("aria-current");
      const spoken = current ? line.words.filter((word) => Number(word.dataset.seek) <= now).at(-1) : null;
      for (const word of line.words) word.classList.toggle("spoken", word === spoken);
    }
  }

  audio.addEventListener("timeupdate", show);
  audio.addEventListener("seeking", show);
  audio.addEventListener("error", () => renew(section, audio));
}

// The link to the audio is good for minutes: a page that was open for long gets a fresh one, once per failure.
async function renew(section, audio) {
  const fault = section.querySelector("[data-player-fault]");
  const at = audio.currentTime;
  const playing = !audio.paused;
  const last = Number(audio.dataset.renewed || 0);
  if (Date.now() - last < 10000) {
    fault.hidden = false;
    return;
  }
  audio.dataset.renewed = String(Date.now());
  const answer = await fetch(`/recordings/${section.dataset.recording}/link`).catch(() => null);
  if (!answer?.ok) {
    fault.hidden = false;
    return;
  }
  fault.hidden = true;
  audio.src = (await answer.json()).url;
  audio.currentTime = at;
  if (playing) audio.play().catch(() => {});
}
