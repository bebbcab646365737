import { readFile, writeFile } from 'node:fs/promises';
import { generatedDocuments } from './generated-documents.ts';

for (const { file, renew } of generatedDocuments) {
  const url = new URL(`../${file}`, import.meta.url);
  await writeFile(url, await renew(await readFile(url, 'utf8')));
}
