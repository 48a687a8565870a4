// Which lines of a text changed: pure, for the numbers and marks beside an editor.

// From `from` on, so many lines gave way to those in `added`.
export function stretchBetween(before, after) {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let same = 0;
  while (same < before.length - from && same < after.length - from && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { from, removed: before.length - from - same, added: after.slice(from, after.length - same) };
}

// Where a line and a column are in a text, both counted from 1.
export function placeIn(text, line, column) {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
}
