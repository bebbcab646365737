import { expect, test } from 'vitest';
import { parseDownOptions } from './options.ts';

test('the same defaults as ./hack/up', () => {
  expect(parseDownOptions([], '/clone')).toEqual({ verb: 'down', options: { name: 'sluice', stateRoot: '/clone/.cluster' } });
});

test('name and state are taken, help wins', () => {
  expect(parseDownOptions(['--name', 'x', '--state', 's'], '/clone')).toEqual({ verb: 'down', options: { name: 'x', stateRoot: '/clone/s' } });
  expect(parseDownOptions(['--name', 'x', '-h'], '/clone')).toEqual({ verb: 'help' });
});

test.each(['..', '../up', 'a/b', ''])('the name %j, which would lead to another folder, is refused', (name) => {
  expect(() => parseDownOptions(['--name', name], '/clone')).toThrow(`--name "${name}": use 1 to 40`);
});

test.each([[['--all']], [['sluice']]])('%j is refused', (args) => {
  expect(() => parseDownOptions(args, '/clone')).toThrow('./hack/down --help');
});
