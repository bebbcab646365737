// Exit code 0 when node_modules holds what package-lock.json asks for. Plain JavaScript: it runs on the machine's own Node, before ours is installed.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

/** npm writes the second file at the end of an install: an interrupted one does not match. */
const [wanted, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((path) =>
  existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {},
);

const differs = ([path, entry]) => {
  if (!path.includes('node_modules/') || entry.link === true) return false;
  const found = installed[path];
  return found === undefined ? entry.optional !== true : found.version !== entry.version;
};

const complete = existsSync('node_modules/node/bin/node') && Object.keys(wanted).length > 0;
process.exit(complete && !Object.entries(wanted).some((one) => differs(one)) ? 0 : 1);
