// Where a pull stands, in the server's words with the numbers of an event. Pure: no DOM.
// models_app/pull_words.py says the same of a page that is loaded anew.

// Each with its bytes, and how many of it are so few that tenths are told.
const UNITS = [["GB", 1e9, 100], ["MB", 1e6, 10], ["kB", 1e3, 0]];
const MINUTE = 60;
const HOUR = 3600;

// `words` are the patterns of the page; a gap in them is written …name….
export function progressText(event, words, language) {
  if (event.stage === "receiving") return joined([...amount(event, words, language), ...pace(event, words, language)]);
  if (event.stage === "stalled") return joined([...amount(event, words, language), ...stall(event, words)]);
  return words[event.stage] ?? "";
}

// How much of how much; null while nobody knows how much it will be.
export function barOf({ stage, done, total }) {
  if (stage === "verifying" || stage === "writing") return [1, 1];
  if (total) return [done, total];
  return stage === "waiting" ? [0, 1] : null;
}

// What the list is fetched anew for: everything but the numbers.
export function stateOf({ status, stage, dismissed }) {
  return [status, stage === "stopping" && "stopping", dismissed && "dismissed"].filter(Boolean).join(" ");
}

function amount({ done, total }, words, language) {
  if (total) {
    const [unit, number] = sizeOf(done, total, language);
    const [, whole] = sizeOf(total, total, language);
    return [filled(words.amount, { done: number, total: `${whole} ${unit}` })];
  }
  return done ? [filled(words.some, { done: sizeText(done, language) })] : [];
}

function pace({ speed, left }, words, language) {
  return [
    ...(speed === null ? [] : [filled(words.speed, { size: sizeText(speed, language) })]),
    ...(left === null ? [] : [filled(words.left, { time: timeText(left, words) })]),
  ];
}

function stall({ idle, tries }, words) {
  return [
    ...(idle ? [filled(words.idle, { time: timeText(idle, words) })] : []),
    ...(tries ? [filled(words.asked, { tries })] : []),
  ];
}

export function timeText(seconds, words) {
  if (seconds < MINUTE) return filled(words.seconds, { count: seconds });
  const minutes = Math.ceil(seconds / MINUTE);
  if (seconds <= HOUR - MINUTE) return filled(words.minutes, { count: minutes });
  return filled(words.hours, { hours: Math.floor(minutes / 60), count: minutes % 60 });
}

function sizeText(size, language) {
  const [unit, number] = sizeOf(size, size, language);
  return `${number} ${unit}`;
}

// Cut and not rounded: what is not whole is not told so.
export function sizeOf(size, like, language) {
  const [unit, step, few] = UNITS.find(([, least]) => like >= least) ?? UNITS.at(-1);
  const fine = like < few * step;
  const digits = fine ? 1 : 0;
  const number = fine ? Math.floor(size / (step / 10)) / 10 : Math.floor(size / step);
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false };
  return [unit, new Intl.NumberFormat(language, format).format(number)];
}

export function filled(pattern, facts) {
  return Object.entries(facts).reduce((text, [name, fact]) => text.replace(`…${name}…`, fact), pattern);
}

function joined(parts) {
  return parts.join(" · ");
}
