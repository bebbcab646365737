import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What finished cells came to, so that a run that was stopped goes on where it was. */
export interface KeptCells {
  /** What was kept of exactly this cell, or else what `simulate` comes to, which is then kept. */
  tallied<Tally extends object>(identity: CellIdentity, simulate: () => readonly Tally[]): readonly Tally[];
}

/** All that a cell's results depend on, beside the code. */
export interface CellIdentity {
  readonly cell: object;
  readonly runs: number;
  readonly seed: number;
  /** Names of those that decide, in their order. */
  readonly deciders: readonly string[];
}

export const nothingKept: KeptCells = { tallied: (_, simulate) => simulate() };

/**
 * Cells kept in a file, a line of JSON to each. `code` says which code simulates: what other code came to is not taken. A line that is not
 * whole, because the run was killed while it was written, is passed over.
 */
export function keptInFile(file: string, code: string): KeptCells {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text !== '' && !text.endsWith('\n')) appendFileSync(file, '\n');
  const known = new Map(text.split('\n').flatMap(lineOf));
  return {
    tallied: <Tally extends object>(identity: CellIdentity, simulate: () => readonly Tally[]) => {
      const key = keyOf(identity, code);
      const found = known.get(key);
      if (found !== undefined) return found as readonly Tally[];
      const tallies = simulate();
      appendFileSync(file, `${JSON.stringify({ key, tallies })}\n`);
      return tallies;
    },
  };
}

function lineOf(line: string): [string, readonly object[]][] {
  try {
    const { key, tallies } = JSON.parse(line) as { readonly key?: unknown; readonly tallies?: unknown };
    return typeof key === 'string' && Array.isArray(tallies) ? [[key, tallies as object[]]] : [];
  } catch {
    return [];
  }
}

function keyOf({ cell, runs, seed, deciders }: CellIdentity, code: string): string {
  return createHash('sha256').update(JSON.stringify([code, cell, runs, seed, deciders])).digest('hex').slice(0, 20);
}

/** A digest of the programs in these folders, and below them; tests are left out, and the files in `but`, named from their folder on. */
export function codeDigest(folders: readonly string[], but: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || but.includes(file)) continue;
      hash.update(`${file}\0`).update(readFileSync(join(folder, file))).update('\0');
    }
  }
  return hash.digest('hex');
}
