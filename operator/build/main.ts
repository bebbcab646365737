import { buildOperator } from './bundle.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('node operator/build/main.ts FOLDER: the folder to write the operator to is missing\n');
  process.exitCode = 1;
} else {
  await buildOperator(folder);
}
