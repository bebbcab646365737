import { buildRuntime } from './bundle.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('node runtime/build/main.ts FOLDER: the folder to write the runtime to is missing\n');
  process.exitCode = 1;
} else {
  await buildRuntime(folder);
}
