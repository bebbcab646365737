import { describe, expect, it } from 'vitest';
import { codeBlocks, packageBlocks } from './readme-blocks.ts';
import { blocksInFiles, readmeSources } from './readme-files.ts';

/** What no comment and no import changes: the README's lines of code. */
function codeLines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('//') && !line.startsWith('import '));
}

describe('blocks of a README', () => {
  it('are named by their heading, and numbered from the second on', () => {
    const text = ['# One', '```javascript', 'a();', '```', '```ts', 'b();', '```', '```console', 'ls', '```', '## Two', '```js', 'c();', '```', ''].join('\n');
    expect(Object.fromEntries(codeBlocks(text))).toEqual({ One: 'a();\n', 'One 2': 'b();\n', Two: 'c();\n' });
  });
});

describe('the README of the package', () => {
  it('has no block of code that is not compiled', async () => {
    const blocks = await packageBlocks();
    expect(blocks.size).toBe(15);
    expect([...new Set(blocksInFiles())].toSorted()).toEqual([...blocks.keys()].toSorted());
  });

  it('keeps every line of code of its programs', async () => {
    const blocks = await packageBlocks();
    const { 'signatures.ts': signatures = '', ...programs } = readmeSources(blocks);
    const kept = new Set(Object.values(programs).flatMap((text) => text.split('\n').map((line) => line.trim())));
    const inPrograms = [...blocks].filter(([, code]) => !code.startsWith('protected'));
    expect(inPrograms).toHaveLength(8);
    expect(inPrograms.flatMap(([, code]) => codeLines(code)).filter((line) => !kept.has(line))).toEqual([]);
    expect(Object.values(programs).join('\n')).not.toContain('@dot-i/');
    expect(signatures).toContain('onEvent: (event: ResourceEvent) => Promise<void>, namespace?: string): Promise<unknown>;');
  });
});
