import { fileURLToPath } from 'node:url';
import { runGenerator } from '@sluice/crds/generate';
import { permissionFiles } from './render.ts';

process.exitCode = await runGenerator({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  files: permissionFiles(),
  args: process.argv.slice(2),
  print: (text) => process.stdout.write(text),
});
