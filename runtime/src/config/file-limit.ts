import { readFileSync } from 'node:fs';

/** How many files this process may have open, connections among them; undefined where the system does not say, or sets no limit. Node raises it to the hard limit when it starts. */
export function readFileLimit(path = '/proc/self/limits'): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const soft = /^Max open files\s+(\d+)\s/m.exec(text)?.[1];
  return soft === undefined ? undefined : Number(soft);
}
