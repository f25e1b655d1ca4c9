// The call flow's editor: checks while one types, and a talk with the dialogue that callers meet.
const page = document.querySelector(".flow");
const text = document.getElementById("document");
const talk = document.getElementById("talk");
const form = document.getElementById("say");
const said = form.elements.said;
let state = null, answers = [], busy = false, timer = 0;

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error || "The page could not reach the server.");
  return found;
}

function fill(selector, lines) {
  const list = page.querySelector(selector);
  list.hidden = !lines.length;
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), {textContent: line})));
}

async function check() {
  const asked = text.value;
  const found = await post("/flows/check.json", {text: asked});
  if (asked !== text.value) return;
  fill("[data-faults]", found.faults);
  fill("[data-warnings]", found.warnings);
  const seconds = Object.entries(found.seconds).map(([language, value]) => `${value.toFixed(1)} s (${language})`);
  page.querySelector("[data-seconds]").textContent = seconds.join(", ") || "–";
}

function add(who, words) {
  const line = document.createElement("li");
  line.className = who;
  line.textContent = words;
  talk.append(line);
  talk.scrollTop = talk.scrollHeight;
}

function allow(waits, rings) {
  for (const one of [said, form.querySelector("button"), page.querySelector("[data-silence]"), ...page.querySelectorAll("[data-key]")]) one.disabled = !waits;
  page.querySelector("[data-nobody]").hidden = !rings;
  page.querySelector("[data-scenario]").hidden = page.querySelector("[data-hint]").hidden = waits || !page.dataset.number;
  if (waits) said.focus();
}

async function turn(what) {
  if (busy) return;
  busy = true;
  try {
    const found = await post("/flows/talk.json", {text: text.value, said: {state, ...what}});
    state = found.state;
    for (const line of found.lines) add(line.who, line.text);
    allow(found.waits, found.rings);
  } catch (error) {
    add("event", error.message);
    allow(false, false);
  } finally {
    busy = false;
  }
}

function scenario() {
  const lines = ["name: from-the-editor", "title: A talk from the call flow's page", `to: "${page.dataset.number}"`,
    'from: "+15125550142"', "answers:", ...answers.map((one) => `  - ${JSON.stringify(one)}`)];
  if (!answers.length) lines[4] = "answers: []";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], {type: "text/yaml"}));
  link.download = "from-the-editor.yaml";
  link.click();
  URL.revokeObjectURL(link.href);
}

text.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => check().catch(() => {}), 350); });
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = said.value.trim();
  if (!words) return;
  said.value = "";
  answers.push({say: words});
  add("caller", words);
  turn({text: words});
});
page.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  if (button.dataset.key) { answers.push({digits: button.dataset.key}); add("caller", `(presses ${button.dataset.key})`); turn({digits: button.dataset.key}); }
  else if ("silence" in button.dataset) { answers.push({silence: true}); add("caller", "(says nothing)"); turn({text: ""}); }
  else if ("nobody" in button.dataset) { add("event", "(nobody answers)"); turn({nobody_answers: true}); }
  else if ("begin" in button.dataset) { state = null; answers = []; talk.replaceChildren(); turn({first_call: !page.querySelector("[name=again]").checked}); }
  else if ("scenario" in button.dataset) scenario();
});
