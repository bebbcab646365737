import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { AuditLog, auditPolicy } from './audit-log.ts';

const line = (verb: string, resource: string, code: number, subresource?: string): string =>
  `${JSON.stringify({ kind: 'Event', verb, objectRef: { resource, subresource, name: 'a' }, responseStatus: { code } })}\n`;

describe('AuditLog', () => {
  let folder = '';

  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'sluice-audit-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('counts by verb and resource what lies between two positions', async () => {
    const { log, flags } = await AuditLog.prepare(folder, 'contender');
    const path = flags.find((flag) => flag.startsWith('--audit-log-path='))!.split('=')[1]!;
    const before = line('create', 'events', 201);
    await writeFile(path, before + line('create', 'pods', 201) + line('update', 'releases', 200, 'status') + line('update', 'releases', 409, 'status'));
    expect(await log.writes(before.length, await log.position())).toEqual([
      { verb: 'update', resource: 'releases/status', count: 2, refused: 1 },
      { verb: 'create', resource: 'pods', count: 1, refused: 0 },
    ]);
    expect(await log.writes(7, 7)).toEqual([]);
  });

  it('records the writes of that user alone, without bodies and leases', () => {
    const policy = parse(auditPolicy('system:serviceaccount:bench:contender')) as { rules: { level: string; users?: string[] }[] };
    expect(policy.rules.map(({ level }) => level)).toEqual(['None', 'Metadata', 'None']);
    expect(policy.rules[1]!.users).toEqual(['system:serviceaccount:bench:contender']);
  });
});
