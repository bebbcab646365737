import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve('@dot-i/k8s-operator')));

/** Its JavaScript and TypeScript blocks by the heading above them; the second one below a heading is `heading 2`. */
export function codeBlocks(markdown: string): Map<string, string> {
  const blocks = new Map<string, string>();
  const found = markdown.matchAll(/^#+ (?<heading>.+)$|^```(?:javascript|js|typescript|ts)\n(?<code>[\s\S]*?)^```$/gm);
  let heading = '';
  let below = 0;
  for (const { groups } of found) {
    if (groups?.['code'] === undefined) {
      heading = groups?.['heading'] ?? '';
      below = 0;
    } else {
      below += 1;
      blocks.set(below === 1 ? heading : `${heading} ${below}`, groups['code']);
    }
  }
  return blocks;
}

/** Of the README in the installed @dot-i/k8s-operator. */
export async function packageBlocks(): Promise<Map<string, string>> {
  return codeBlocks(await readFile(join(packageFolder, 'README.md'), 'utf8'));
}
