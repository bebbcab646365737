import { fileURLToPath } from 'node:url';
import { manifests } from './manifests.ts';
import { reference } from './reference.ts';
import { runGenerator } from './run.ts';

process.exitCode = await runGenerator({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  files: new Map([...manifests(), ...reference()]),
  args: process.argv.slice(2),
  print: (text) => process.stdout.write(text),
});
