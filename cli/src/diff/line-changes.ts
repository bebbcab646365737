/** One line of a text that was taken out, put in, or stayed. */
export interface LineChange {
  readonly sign: '-' | '+' | ' ';
  readonly line: string;
}

/** Above this many pairs of lines the middle is shown as taken out and put in as a whole. */
const maxPairs = 4_000_000;

/** The lines of both texts in order, with as many kept as possible (longest common subsequence). */
export function lineChanges(before: string, after: string): LineChange[] {
  const [left, right] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(left.length, right.length) && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const kept = (lines: readonly string[]) => lines.map((line): LineChange => ({ sign: ' ', line }));
  const middle = changesOf(left.slice(start, left.length - end), right.slice(start, right.length - end));
  return [...kept(left.slice(0, start)), ...middle, ...kept(left.slice(left.length - end))];
}

function changesOf(left: readonly string[], right: readonly string[]): LineChange[] {
  if (left.length * right.length > maxPairs) return [...left.map((line): LineChange => ({ sign: '-', line })), ...right.map((line): LineChange => ({ sign: '+', line }))];
  const common = commonLengths(left, right);
  const changes: LineChange[] = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && left[row] === right[column]) {
      changes.push({ sign: ' ', line: left[row] ?? '' });
      [row, column] = [row + 1, column + 1];
    } else if (column >= right.length || (row < left.length && (common[row + 1]?.[column] ?? 0) >= (common[row]?.[column + 1] ?? 0))) {
      changes.push({ sign: '-', line: left[row] ?? '' });
      row += 1;
    } else {
      changes.push({ sign: '+', line: right[column] ?? '' });
      column += 1;
    }
  }
  return changes;
}

/** At [row][column]: how many lines the rests of both have in common. */
function commonLengths(left: readonly string[], right: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let row = left.length - 1; row >= 0; row -= 1) {
    const [here, below] = [table[row], table[row + 1]];
    if (here === undefined || below === undefined) continue;
    for (let column = right.length - 1; column >= 0; column -= 1) {
      here[column] = left[row] === right[column] ? (below[column + 1] ?? 0) + 1 : Math.max(below[column] ?? 0, here[column + 1] ?? 0);
    }
  }
  return table;
}
