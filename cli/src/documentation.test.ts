import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { exitCode } from './exit-code.ts';
import { commands } from './run.ts';

const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const sections = new Map([...page.matchAll(/^### (\S+)\n\n```text\n([\s\S]*?)\n```$/gm)].map(([, name = '', help = '']) => [name, help]));

describe('docs/cli.md', () => {
  it.each(commands)('has the help of $name, to the letter', ({ name, help }) => {
    expect(sections.get(name)).toBe(help);
  });

  it('has no command that is not there', () => {
    expect([...sections.keys()]).toEqual(commands.map(({ name }) => name));
  });

  it('has every exit code', () => {
    const codes = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(codes).toEqual(Object.values(exitCode).toSorted((left, right) => left - right));
  });
});
