import { fileURLToPath } from 'node:url';
import { buildPackage } from './build.ts';

const folder = fileURLToPath(new URL('../dist', import.meta.url));
await buildPackage(folder);
process.stdout.write(`${folder}: pack it with \`npm pack\` there\n`);
