// How the numbers of the status page are written. Pure: no DOM.
// dashboard/status/amounts.py writes the same for a page that is loaded anew.

const GIGA = 1e9;
const MEGA = 1e6;
const MANY = 10_000 * GIGA;

const WRITTEN = {
  util: unit("%"),
  fan: unit("%"),
  cpu: unit("%"),
  temperature: unit("°C"),
  temperature_limit: unit("°C"),
  memory_temperature: unit("°C"),
  power: unit("W"),
  power_limit: unit("W"),
  sm_clock: unit("MHz"),
  memory_used: sizeText,
  memory_total: sizeText,
  memory_available: sizeText,
  swap_used: sizeText,
  disk_free: sizeText,
  disk_total: sizeText,
  load: (value, language) => numberText(value, language, 1),
  cores: numberText,
  running: numberText,
  waiting: numberText,
  tokens_per_second: (value, language) => numberText(value, language, value > 0 && value < 10 ? 1 : 0),
  first_token_p95: secondsText,
  kv_cache: (value, language) => `${numberText(value * 100, language)} %`,
};

export function amountText(name, value, language) {
  return WRITTEN[name](value, language);
}

export function numberText(value, language, digits = 0) {
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function wattsOf(value, language) {
  return value >= 1000 ? [numberText(value / 1000, language, value < 100_000 ? 2 : 0), "kW"] : [numberText(value, language), "W"];
}

export function filledOf(used, total, language) {
  const [unit, name] = total >= MANY ? [GIGA * 1000, "TB"] : [GIGA, "GB"];
  const digits = total / unit < 100 ? 1 : 0;
  return [numberText(used / unit, language, digits), `/ ${numberText(total / unit, language, digits)} ${name}`];
}

// `ages` are sizes in seconds with their words, the largest first.
export function ageText(seconds, ages) {
  const [size, words] = ages.find(([least]) => seconds >= least) ?? ages.at(-1);
  return words.replace("…count…", Math.floor(seconds / size));
}

function unit(name) {
  return (value, language) => `${numberText(value, language)} ${name}`;
}

function sizeText(value, language) {
  const [unit, name] = value >= GIGA - MEGA / 2 ? [GIGA, "GB"] : [MEGA, "MB"];
  return `${numberText(value / unit, language, unit === GIGA && value < 100 * GIGA ? 1 : 0)} ${name}`;
}

function secondsText(value, language) {
  return `${numberText(value, language, value < 1 ? 2 : 1)} s`;
}
