import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const chart = fileURLToPath(new URL('../../../charts/sluice/', import.meta.url));
const values: unknown = parse(await readFile(`${chart}values.yaml`, 'utf8'));
const first: unknown = parse(await readFile(new URL('fixtures/first-values.yaml', import.meta.url), 'utf8'));
const source = await readFile(`${chart}templates/_defaults.tpl`, 'utf8');
const later: unknown = parse(/define "sluice\.laterValues" -\}\}\n([\s\S]*?)\{\{- end \}\}/.exec(source)?.[1] ?? '');

/** What is said, by path: `rbac.userRoles` to true. Lists and empty objects are values. */
function leaves(value: unknown, path: readonly string[] = []): Map<string, unknown> {
  const isSection = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  return isSection ? new Map(Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, [...path, key])])) : new Map([[path.join('.'), value]]);
}

describe('the values that came after the first chart', () => {
  it('have defaults in the templates, so that values of an older chart suffice', () => {
    const missing = [...leaves(values).keys()].filter((path) => !leaves(first).has(path));
    expect([...leaves(later).keys()].toSorted(), 'templates/_defaults.tpl').toEqual(missing.toSorted());
  });

  it('have the same defaults there as in values.yaml', () => {
    const told = leaves(values);
    for (const [path, value] of leaves(later)) expect(value, path).toEqual(told.get(path));
  });

  it('are filled in at the begin of every template that makes objects, and of the notes', async () => {
    for await (const file of glob('*.{yaml,txt}', { cwd: `${chart}templates` })) {
      expect(await readFile(`${chart}templates/${file}`, 'utf8'), file).toMatch(/^\{\{- include "sluice\.defaults" \. -?\}\}\n/);
    }
  });
});
