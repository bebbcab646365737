import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** An agent's status as something that is read: of a look's agent, or taken apart in the parameters of a function. */
const reads = /\bagent\.status\b|\bstatus\b[^()\n]{0,40}\}: (?:Pick<)?AgentDeployment\b/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['testing', 'integration', 'fixtures'].includes(entry.name) ? [] : sources(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** What each reads, and why it may be late. `Told at once`: it has a row in status-pace.test.ts. */
const readers: Readonly<Record<string, string>> = {
  'adoption/decide.ts': 'Told at once',
  'agent-standstill.ts': 'Since when a condition holds, of the status that it stands in; the rest goes on as it was',
  'agent/apply/apply.ts': 'Whether there is anything to write',
  'agent/forecast/due.ts': 'Told at once',
  'agent/forecast/next-release.ts': 'Told at once',
  'agent/observe/neighbours.ts': 'Told at once',
  'agent/release-step/postponed-release.ts': 'What goes on as it was, while a change may not be whole; the generation is told at once',
  'agent/status/conditions.ts': 'Since when a condition holds, of the status that it stands in',
  'agent/status/notices.ts': 'Told at once',
  'agent/status/status-pace.ts': 'What is late',
  'agent/suspension.ts': 'Told at once; the rest goes on as it was',
  'provider-watch/provider-standings.ts': 'What a process before told last, with the phase, which is told at once',
  'sharding/known-releases.ts': 'Told at once',
  'sharding/shard.ts': 'Told at once',
  'sharding/take-over.ts': 'Told at once',
  'sharding/taking-over.ts': 'Told at once',
};

it('whoever reads an agent\'s status is known, and what is decided from it is told at once', () => {
  const found = sources(root).filter((path) => reads.test(readFileSync(path, 'utf8'))).map((path) => relative(root, path));
  expect(found.toSorted()).toEqual(Object.keys(readers).toSorted());
});
