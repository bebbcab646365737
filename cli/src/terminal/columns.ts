import type { Paint } from './palette.ts';
import { wrap } from './wrap.ts';

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
  /** Of the first cell of a row: what begins the further lines that its row takes where it is wrapped. */
  readonly under?: string;
}

const gap = '  ';
/** A last column that has fewer characters than these goes below its row. */
const leastRoom = 50;
/** Of that below the row. */
const indent = '    ';

/**
 * Rows with aligned columns; the last column is as long as its text, or wrapped to lines of `width` characters: beside its row where there is room for it, else
 * below. Colours do not count as width.
 */
export function columns(rows: readonly (readonly Cell[])[], width = Infinity): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [index, { text }] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, text.length);
  return rows.flatMap((row) => linesOf(row, widths, width));
}

function linesOf(row: readonly Cell[], widths: readonly number[], width: number): string[] {
  const cells = row.slice(0, -1);
  const last = row.at(-1);
  if (last === undefined) return [''];
  const begin = cells.map((cell, index) => `${padded(cell, widths[index] ?? 0)}${gap}`).join('');
  const room = width - cells.reduce((sum, _, index) => sum + (widths[index] ?? 0) + gap.length, 0);
  if (cells.length === 0 || last.text.length <= room) return [`${begin}${painted(last.text, last)}`.trimEnd()];
  const under = row[0]?.under ?? '';
  if (room < leastRoom) return [begin.trimEnd(), ...wrap(last.text, width - under.length - indent.length).map((line) => `${under}${indent}${painted(line, last)}`)];
  const below = under.padEnd(width - room);
  return wrap(last.text, room).map((line, index) => `${index === 0 ? begin : below}${painted(line, last)}`);
}

function padded(cell: Cell, width: number): string {
  return `${painted(cell.text, cell)}${' '.repeat(Math.max(0, width - cell.text.length))}`;
}

function painted(text: string, { paint }: Cell): string {
  return paint === undefined ? text : paint(text);
}
