// The status page: what the house says is put in place, and parts are fetched when they are others.

import { mountFigures } from "./status_figures.js";
import { mountHosts } from "./status_hosts.js";
import { mountParts } from "./status_parts.js";

const WATCH = 5000;
const SECOND = 1000;
const MINUTE = 60_000;
// How long somebody waits yet is told anew so often.
const IN_LINE = 5000;
// Between two changes of the page: fifty hosts speak fifty times a second.
const BEAT = 100;
// A page that is no older than this may still hold.
const NEW = 10_000;

export function mountStatus(root, live) {
  const words = JSON.parse(root.dataset.words);
  const language = document.documentElement.lang;
  const pulse = document.querySelector("[data-pulse]");
  const parts = mountParts(root, (element) => {
    setCrowd(root);
    hosts.renew(element);
  });
  const hosts = mountHosts(root, { words, language, stale: parts.refresh });
  const figures = mountFigures(root, { words, language, cards: hosts.heard });
  let waiting = [];
  let shownAt = 0;

  // One change of the page for all that came since the last.
  function show() {
    const events = waiting;
    waiting = [];
    shownAt = performance.now();
    for (const event of events) {
      if (event.kind === "gpu.sampled") hosts.take(event);
      else figures.take(event);
    }
    figures.show();
  }

  function hear(event) {
    if (document.hidden) return;
    waiting.push(event);
    if (waiting.length > 1) return;
    const rest = BEAT - (performance.now() - shownAt);
    if (rest > 0) setTimeout(requestAnimationFrame, rest, show);
    else requestAnimationFrame(show);
  }

  // Within so short a time hardly anything has changed. Later, much was not heard.
  function joined() {
    if (performance.now() < NEW) parts.settle();
    else parts.whole();
  }

  function watch() {
    if (!document.hidden) live.send({ kind: "status.watch" });
  }

  function look() {
    tellPulse(pulse, words, document.hidden ? "paused" : "live");
    // What is heard while nobody looks would only be thrown away.
    if (document.hidden) live.send({ kind: "status.leave" });
    else watch();
  }

  live.on("gpu.sampled", hear);
  live.on("servers.sampled", hear);
  live.on("node.changed", ({ node }) => {
    parts.refresh("host", node);
    parts.refresh("troubled");
  });
  live.on("serving.changed", () => ["headline", "servers", "door"].forEach((part) => parts.refresh(part)));
  live.on("models.changed", () => parts.refresh("servers"));
  live.on("alert.changed", () => parts.refresh("alerts"));
  live.on("status.watching", joined);
  live.on("hello", watch);
  live.on("refetch", watch);
  document.addEventListener("visibilitychange", look);
  setInterval(watch, WATCH);
  setInterval(() => document.hidden || hosts.tick(), SECOND);
  // What no event tells: what the day has cost, and in how long a model unloads.
  setInterval(() => ["headline", "alerts", "servers"].forEach((part) => parts.refresh(part)), MINUTE);
  setInterval(() => root.querySelector("[data-waits]") && parts.refresh("door"), IN_LINE);
  tellPulse(pulse, words, "live");
}

// On a wall, by how much there is to show by now, as `crowd` of dashboard/status/board.py has it.
function setCrowd(root) {
  const { few, some } = root.dataset;
  if (!few) return;
  const rows = root.querySelectorAll("[data-host], [data-card], [data-server]").length;
  const crowd = rows <= Number(few) ? "few" : rows <= Number(some) ? "some" : "many";
  for (const each of ["few", "some", "many"]) root.classList.toggle(`status-${each}`, each === crowd);
}

function tellPulse(pulse, words, state) {
  if (!pulse) return;
  pulse.hidden = false;
  pulse.textContent = words[state];
  pulse.classList.toggle("state-ok", state === "live");
}
