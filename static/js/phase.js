// What an open reply waits for or does, in the server's words with the facts of an event.
// Pure: no DOM, no clock. chat/phase_words.py says the same of a page that is loaded anew.

import { filled, sizeOf, timeText } from "./progress.js";

// The facts as they are some seconds after they were told.
export function aged(told, seconds) {
  const left = told.left === null ? null : told.left - seconds;
  return { ...told, since: told.since + seconds, left: left === null || left < 1 ? null : left };
}

// What it does: this is read out when it changes.
export function headOf(told, words, language) {
  if (told.phase === "queued") return queueText(told, words);
  if (told.phase === "loading") return filled(words.loading, { model: told.model, server: told.server });
  if (told.phase === "reading") return told.total ? tokensText(told.total, words, language) : words.prompt;
  return words[told.phase] ?? "";
}

// How far it is, and how long that takes: it changes all the time.
export function numbersOf(told, words, language) {
  return [...amounts(told, words, language), ...times(told, words)].join(" · ");
}

function queueText({ position, people, server }, words) {
  const place = words.places[(position || 1) - 1] ?? filled(words.place, { count: position });
  if (!people) return filled(words.alone, { place, server });
  const others = words.behinds[people - 1] ?? filled(words.others, { count: people });
  return filled(words.behind, { place, others, server });
}

function tokensText(count, words, language) {
  const form = new Intl.PluralRules(language).select(count);
  const number = new Intl.NumberFormat(language, { useGrouping: words.grouped }).format(count);
  return filled(words.tokens[form] ?? words.tokens.other, { count: number });
}

function isCounted({ phase, done, total }) {
  return phase === "loading" && done > 0 && total > 0;
}

function amounts(told, words, language) {
  const speed = told.speed === null ? [] : [filled(words.speed, { count: told.speed })];
  if (isCounted(told)) {
    const [, done] = sizeOf(told.done, told.total, language);
    const [unit, total] = sizeOf(told.total, told.total, language);
    return [...speed, filled(words.amount, { done, total: `${total} ${unit}` })];
  }
  return told.share === null ? speed : [...speed, filled(words.percent, { count: told.share })];
}

function times(told, words) {
  const time = (seconds) => timeText(Math.floor(seconds), words);
  if (told.left !== null) return [filled(told.phase === "queued" ? words.about : words.left, { time: time(told.left) })];
  if (told.phase === "thinking") return [time(told.since)];
  const silent = told.phase === "loading" && !isCounted(told) && told.share === null;
  return silent ? [filled(words.sofar, { time: time(told.since) })] : [];
}
