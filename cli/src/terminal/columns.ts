import type { Paint } from './palette.ts';

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

const gap = '  ';

/** Rows with aligned columns; the last column is as long as its text. Colours do not count as width. */
export function columns(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, { text }] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, text.length);
  return rows.map((row) => row.map((cell, index) => padded(cell, index === row.length - 1 ? 0 : (widths[index] ?? 0))).join(gap).trimEnd());
}

function padded({ text, paint }: Cell, width: number): string {
  const blanks = ' '.repeat(Math.max(0, width - text.length));
  return `${paint === undefined ? text : paint(text)}${blanks}`;
}
