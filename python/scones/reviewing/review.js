// Shows the session's state and sends the reviewer's actions. The text of a message is never shown as markup.
"use strict";

const POLL_INTERVAL = 3000; // ms, while the queue is empty
const part = (id) => document.getElementById(id);
const choices = [...part("choices").querySelectorAll("button")];
const labelNames = new Map(choices.map((choice) => [choice.dataset.label, choice.querySelector(".name").textContent]));
const countImages = (count) => `${count.toLocaleString("en-GB")} image${count === 1 ? "" : "s"}`;

let card = null;
let tally = { labelled: 0, skipped: 0, dismissed: 0, known: 0 };
let busy = false;
let ended = false;
let timer = 0;

async function send(path, fields) {
  const request = fields ? { method: "POST", body: JSON.stringify(fields), headers: { "Content-Type": "application/json" } } : {};
  const answer = await fetch(path, request);
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(content.error), { explained: true, status: answer.status });
  return content;
}

/** Sends an action and shows the new state; one action at a time. */
async function act(path, fields, sentence) {
  if (busy || ended) return;
  busy = true;
  clearTimeout(timer);
  part("review").setAttribute("aria-busy", "true");
  try {
    show(await send(path, fields));
    say(sentence || "");
  } catch (error) {
    if (!error.explained) return end("The server does not answer", "It was stopped, or the connection is lost. Run make review again; stored labels are kept.");
    say(error.message, true);
    if (error.status === 404) timer = setTimeout(refresh, POLL_INTERVAL);
  } finally {
    busy = false;
    part("review").setAttribute("aria-busy", "false");
  }
}

const refresh = () => act("state", null, part("status").textContent);

function label(name) {
  if (card && !part("choices").hidden) act("label", { id: card.id, label: name }, `Stored: ${labelNames.get(name)}.`);
}

function skip() {
  if (card) act("skip", { id: card.id }, card.labelled ? `Kept: ${labelNames.get(card.stored)}.` : "Skipped: it is in the queue again.");
}

function dismiss() {
  if (card && !part("dismiss").hidden) act("dismiss", { id: card.id }, "Dismissed: removed from the queue.");
}

function undo() {
  if (!part("undo").disabled) act("undo", {}, "");
}

function showSkipped() {
  if (!part("empty").hidden && tally.skipped) act("show-skipped", {}, "");
}

async function finish() {
  if (busy || ended) return;
  busy = true;
  try {
    await send("done", {});
  } catch {
    // the server has ended already
  }
  end("The review has ended", `${countImages(tally.labelled)} labelled here. You can close this page; the terminal shows the next step.`);
}

function end(title, text) {
  ended = true;
  clearTimeout(timer);
  for (const id of ["review", "empty", "minor", "status"]) part(id).hidden = true;
  part("ended-title").textContent = title;
  part("ended-text").textContent = text;
  part("ended").hidden = false;
}

function say(sentence, bad = false) {
  part("status").textContent = sentence;
  part("status").classList.toggle("bad", bad);
}

function show(state) {
  ({ card, tally } = state);
  const done = tally.labelled + tally.known + tally.dismissed;
  const others = [[tally.skipped, "skipped"], [tally.known, "labelled before"], [tally.dismissed, "dismissed"]];
  part("done").textContent = [[tally.labelled, "labelled"], ...others.filter(([count]) => count)].map(([count, what]) => `${count.toLocaleString("en-GB")} ${what}`).join(", ");
  part("waiting").textContent = `${state.waiting.toLocaleString("en-GB")} to review`;
  part("progress").max = Math.max(1, done + state.waiting);
  part("progress").value = done;
  part("review").hidden = !card;
  part("minor").hidden = false;
  part("skip").hidden = part("skip").disabled = !card;
  part("undo").disabled = !state.undo;
  part("dismiss").hidden = !card || !card.remark;
  part("empty").hidden = Boolean(card);
  if (card) showCard();
  else showNothing();
}

function showCard() {
  const image = part("image");
  image.hidden = Boolean(card.remark);
  image.classList.toggle("small", card.small);
  if (!card.remark && image.dataset.id !== card.id) image.src = `image/${card.id}`;
  image.dataset.id = card.remark ? "" : card.id;
  part("remark").hidden = !card.remark;
  part("remark").textContent = card.remark;
  part("key").textContent = card.key;
  part("size").textContent = card.size;
  part("message").textContent = card.message;
  part("stored").hidden = !card.stored;
  part("stored").textContent = card.labelled
    ? `Stored as ${labelNames.get(card.stored)}. Another choice replaces that; “Keep” leaves it.`
    : `Labelled as ${card.stored}, which is no longer a class. Choose again.`;
  part("skip-name").textContent = card.labelled ? "Keep" : "Skip";
  part("choices").hidden = Boolean(card.remark);
  document.querySelector(".legend").hidden = Boolean(card.remark) || !Object.keys(card.probabilities).length;
  part("choices").style.setProperty("--threshold", card.threshold ?? 1);
  part("threshold").textContent = card.threshold === null
    ? ""
    : `; the mark is the model's threshold, ${Number((100 * card.threshold).toPrecision(4))}\u202f%`;
  for (const choice of choices) {
    const share = card.probabilities[choice.dataset.label];
    choice.classList.toggle("unknown", share === undefined);
    choice.style.setProperty("--share", share ?? 0);
    choice.querySelector(".share").textContent = share === undefined ? "" : `${(100 * share).toFixed(1)}\u202f%`;
    choice.setAttribute("aria-pressed", String(card.stored === choice.dataset.label));
  }
  if (document.activeElement instanceof HTMLButtonElement) document.activeElement.blur(); // so that Enter does not label twice
}

function showNothing() {
  part("empty-text").textContent = tally.skipped
    ? `${countImages(tally.skipped)} that you skipped ${tally.skipped === 1 ? "is" : "are"} in the queue again. New ones appear here automatically.`
    : "Every image in the queue has been reviewed. New ones appear here automatically.";
  part("show-skipped").parentElement.hidden = !tally.skipped;
  timer = setTimeout(refresh, POLL_INTERVAL);
}

for (const choice of choices) choice.addEventListener("click", () => label(choice.dataset.label));
const keys = { s: skip, u: undo, d: dismiss, r: showSkipped };
for (const [id, work] of Object.entries({ skip, undo, dismiss, "show-skipped": showSkipped, end: finish })) part(id).addEventListener("click", work);
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = choices.find((choice) => choice.dataset.key === event.key);
  if (chosen) label(chosen.dataset.label);
  else keys[event.key.toLowerCase()]?.();
});
if (choices.length > 5) part("choices").classList.add("many");
refresh();
