import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The files that `-f` names: the file itself, or what a folder and its subfolders hold with a manifest's ending. Hidden folders,
 * node_modules and the templates of Helm charts are passed over; so are links. Rejects as the file system does.
 */
export async function manifestFiles(path: string): Promise<readonly string[]> {
  return path === '-' || !(await stat(path)).isDirectory() ? [path] : filesIn(path);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const isChart = entries.some(({ name }) => name === 'Chart.yaml');
  const found = await Promise.all(entries.map(async (entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return /\.(ya?ml|json)$/.test(entry.name) ? [path] : [];
    return passedOver(entry.name) || (isChart && entry.name === 'templates') ? [] : filesIn(path);
  }));
  return found.flat();
}

function passedOver(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}
