import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { argumentsIn } from './shipped-runtime.ts';

it('starts what the image starts', async () => {
  expect(argumentsIn('FROM scratch\nENTRYPOINT ["node", "--flag=1", "program.js"]\nCMD ["serve"]\n')).toEqual(['--flag=1', 'program.js']);
  expect(argumentsIn(await readFile(new URL('../../Dockerfile.runtime', import.meta.url), 'utf8')).at(-1)).toBe('runtime.js');
  expect(() => argumentsIn('FROM scratch\n')).toThrow('has no ENTRYPOINT');
});
