// The line of a card's last five minutes. Pure: no DOM.
// dashboard/status/lines.py draws the first one; this reads it and moves it on.

const PLACES = 150;
const STEP = 2;

// The numbers at the places of a drawn line, oldest first; null at gaps.
export function placesOf(path) {
  const places = new Array(PLACES).fill(null);
  for (const [, x, y] of path.matchAll(/[ML](\d+),(\d+)/g)) if (x < PLACES) places[x] = 100 - y;
  return places;
}

// A number at the end of the line, `end` being the count of steps since 1970 there.
// In between it stays as it was, for as long as a host may be silent.
export function withNumber({ places, end }, value, seconds) {
  const now = Math.floor(seconds / STEP);
  const by = Math.min(Math.max(now - end, 0), PLACES);
  const before = places.at(-1);
  const moved = [...places.slice(by), ...new Array(by).fill(by <= 6 ? before : null)];
  moved[PLACES - 1] = value;
  return { places: moved, end: Math.max(now, end) };
}

export function pathOf(places) {
  let up = true;
  let path = "";
  places.forEach((value, x) => {
    if (value !== null) path += `${up ? "M" : "L"}${x},${100 - Math.round(value)}`;
    up = value === null;
  });
  return path;
}

export function lineOf(path, seconds) {
  return { places: placesOf(path), end: Math.floor(seconds / STEP) };
}
