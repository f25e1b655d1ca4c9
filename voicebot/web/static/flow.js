// The call flow's editor: checks while one types, and a talk with the dialogue that callers meet.
const page = document.querySelector(".flow");
const text = document.getElementById("document");
const talk = document.getElementById("talk");
const form = document.getElementById("say");
const said = form.elements.said;
let state = null, answers = [], nobody = false, busy = false, timer = 0;

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
  const calls = page.querySelector("[data-calls]");
  if (calls) calls.hidden = waits;
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

// Who speaks in the simulated network's own story, as the talk shows them.
const SPEAKERS = {bot: "bot", caller: "caller", "to the agent": "agent"};

async function call(button) {
  button.disabled = true;
  add("event", "(the number is called)");
  try {
    const again = page.querySelector("[name=again]").checked;
    const found = await post(`/flows/${page.dataset.flow}/call.json`, {answers, again, nobody});
    for (const line of found.lines) add(SPEAKERS[line.who] || "event", SPEAKERS[line.who] ? line.text : `${line.who}: ${line.text}`);
    for (const one of found.errors) add("event", `(the carrier notes ${one})`);
    add("event", `(the call is over: ${found.outcome.replaceAll("_", " ")})`);
    if (found.call) {
      const link = Object.assign(document.createElement("a"), {href: found.call, textContent: "The call's page"});
      add("event", "");
      talk.lastElementChild.append(link);
      talk.scrollTop = talk.scrollHeight;
    }
  } catch (error) {
    add("event", error.message);
  } finally {
    button.disabled = false;
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
  else if ("nobody" in button.dataset) { nobody = true; add("event", "(nobody answers)"); turn({nobody_answers: true}); }
  else if ("begin" in button.dataset) { state = null; answers = []; nobody = false; talk.replaceChildren(); turn({first_call: !page.querySelector("[name=again]").checked}); }
  else if ("call" in button.dataset) call(button);
  else if ("scenario" in button.dataset) scenario();
});
