// Shows the session's state, and sends what is pressed. Everything that a message says is shown as text, never as markup.
"use strict";

const LOOK_AGAIN_AFTER = 3000; // ms, while nothing waits
const part = (id) => document.getElementById(id);
const choices = [...part("choices").querySelectorAll("button")];
const named = new Map(choices.map((one) => [one.dataset.label, one.querySelector(".name").textContent]));
const many = (count, one) => `${count.toLocaleString("en-GB")} ${one}${count === 1 ? "" : "s"}`;

let card = null;
let tally = { labelled: 0, skipped: 0, dismissed: 0, known: 0 };
let busy = false;
let ended = false;
let timer = 0;

async function ask(place, given) {
  const request = given ? { method: "POST", body: JSON.stringify(given), headers: { "Content-Type": "application/json" } } : {};
  const answer = await fetch(place, request);
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(content.error), { told: true, status: answer.status });
  return content;
}

/** Sends what was pressed and shows what comes next; one thing at a time. */
async function act(place, given, sentence) {
  if (busy || ended) return;
  busy = true;
  clearTimeout(timer);
  part("sitting").setAttribute("aria-busy", "true");
  try {
    show(await ask(place, given));
    say(sentence || "");
  } catch (error) {
    if (!error.told) return end("The terminal does not answer", "It was closed, or the connection is lost. Run make review again; whatever was stored stays.");
    say(error.message, true);
    if (error.status === 404) timer = setTimeout(refresh, LOOK_AGAIN_AFTER);
  } finally {
    busy = false;
    part("sitting").setAttribute("aria-busy", "false");
  }
}

const refresh = () => act("state", null, part("said").textContent);

function label(name) {
  if (card && !part("choices").hidden) act("label", { id: card.id, label: name }, `Stored: ${named.get(name)}.`);
}

function skip() {
  if (card) act("skip", { id: card.id }, card.labelled ? `Kept: ${named.get(card.stored)}.` : "Skipped: it is in the queue again.");
}

function dismiss() {
  if (card && !part("dismiss").hidden) act("dismiss", { id: card.id }, "Dismissed: it has left the queue.");
}

function undo() {
  if (!part("undo").disabled) act("undo", {}, "");
}

function again() {
  if (!part("empty").hidden && tally.skipped) act("again", {}, "");
}

async function finish() {
  if (busy || ended) return;
  busy = true;
  try {
    await ask("done", {});
  } catch {
    // it has ended already
  }
  end("The review has ended", `${many(tally.labelled, "picture")} labelled here. You can close this page; the terminal says what comes next.`);
}

function end(title, text) {
  ended = true;
  clearTimeout(timer);
  for (const id of ["sitting", "empty", "minor", "said"]) part(id).hidden = true;
  part("ended-title").textContent = title;
  part("ended-text").textContent = text;
  part("ended").hidden = false;
}

function say(sentence, bad = false) {
  part("said").textContent = sentence;
  part("said").classList.toggle("bad", bad);
}

function show(state) {
  ({ card, tally } = state);
  const done = tally.labelled + tally.known + tally.dismissed;
  const others = [[tally.skipped, "skipped"], [tally.known, "labelled before"], [tally.dismissed, "dismissed"]];
  part("done").textContent = [[tally.labelled, "labelled"], ...others.filter(([count]) => count)].map(([count, what]) => `${count.toLocaleString("en-GB")} ${what}`).join(", ");
  part("waiting").textContent = `${state.waiting.toLocaleString("en-GB")} to look at`;
  part("progress").max = Math.max(1, done + state.waiting);
  part("progress").value = done;
  part("sitting").hidden = !card;
  part("minor").hidden = false;
  part("skip").hidden = part("skip").disabled = !card;
  part("undo").disabled = !state.undo;
  part("dismiss").hidden = !card || !card.remark;
  part("empty").hidden = Boolean(card);
  if (card) showCard();
  else showNothing();
}

function showCard() {
  const picture = part("picture");
  picture.hidden = Boolean(card.remark);
  picture.classList.toggle("small", card.small);
  if (!card.remark && picture.dataset.id !== card.id) picture.src = `picture/${card.id}`;
  picture.dataset.id = card.remark ? "" : card.id;
  part("remark").hidden = !card.remark;
  part("remark").textContent = card.remark;
  part("key").textContent = card.key;
  part("size").textContent = card.size;
  part("message").textContent = card.message;
  part("stored").hidden = !card.stored;
  part("stored").textContent = card.labelled
    ? `Stored as ${named.get(card.stored)}. Another choice replaces that; “Keep” leaves it.`
    : `Labelled ${card.stored} once, when there were other classes. Choose again.`;
  part("skip-name").textContent = card.labelled ? "Keep" : "Skip";
  part("choices").hidden = Boolean(card.remark);
  document.querySelector(".legend").hidden = Boolean(card.remark) || !Object.keys(card.probabilities).length;
  for (const one of choices) {
    const share = card.probabilities[one.dataset.label];
    one.classList.toggle("unknown", share === undefined);
    one.style.setProperty("--share", share ?? 0);
    one.querySelector(".share").textContent = share === undefined ? "" : `${(100 * share).toFixed(1)}\u202f%`;
    one.setAttribute("aria-pressed", String(card.stored === one.dataset.label));
  }
  if (document.activeElement instanceof HTMLButtonElement) document.activeElement.blur(); // Enter shall not label twice
}

function showNothing() {
  part("empty-text").textContent = tally.skipped
    ? `${many(tally.skipped, "picture")} that you skipped ${tally.skipped === 1 ? "is" : "are"} in the queue again. New ones come up here by themselves.`
    : "Every picture in the queue has been looked at. New ones come up here by themselves.";
  part("again").parentElement.hidden = !tally.skipped;
  timer = setTimeout(refresh, LOOK_AGAIN_AFTER);
}

for (const one of choices) one.addEventListener("click", () => label(one.dataset.label));
const keys = { s: skip, u: undo, d: dismiss, r: again };
for (const [id, work] of Object.entries({ skip, undo, dismiss, again, end: finish })) part(id).addEventListener("click", work);
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = choices.find((one) => one.dataset.key === event.key);
  if (chosen) label(chosen.dataset.label);
  else keys[event.key.toLowerCase()]?.();
});
if (choices.length > 5) part("choices").classList.add("many");
refresh();
