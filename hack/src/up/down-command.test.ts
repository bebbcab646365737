import { expect, test } from 'vitest';
import { downCommand } from './down-command.ts';

test.each([
  ['sluice', '/clone/.cluster', './hack/down'],
  ['x', '/clone/.cluster', './hack/down --name x'],
  ['sluice', '/elsewhere', './hack/down --state /elsewhere'],
  ['x', '/elsewhere', './hack/down --name x --state /elsewhere'],
])('cluster %s in %s goes by %s', (name, stateRoot, command) => {
  expect(downCommand({ name, stateRoot }, '/clone')).toBe(command);
});
