import { expect, test } from 'vitest';
import { examplesIn } from './examples.ts';

test('blocks are found with their line and name, those of other languages are not', () => {
  const text = ['# Title', '```ts greeter.ts', 'const a = 1;', '```', '', '```sh', 'ls', '```', '```ts', 'b();', '```', ''].join('\n');
  expect(examplesIn('README.md', text)).toEqual([
    { document: 'README.md', line: 2, name: 'greeter.ts', code: 'const a = 1;\n' },
    { document: 'README.md', line: 9, name: undefined, code: 'b();\n' },
  ]);
});

test('a block that never ends is no block', () => {
  expect(examplesIn('README.md', '```ts\nconst a = 1;\n')).toEqual([]);
});
