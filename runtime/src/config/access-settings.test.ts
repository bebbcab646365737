import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonFile } from '../testing/runtime-process.ts';
import { openAccessFile } from './access-settings.ts';

const sha256 = 'a'.repeat(64);

describe('openAccessFile', () => {
  it('is open where no file is named', () => {
    expect(openAccessFile({})).toBeUndefined();
    expect(openAccessFile({ SLUICE_ACCESS_FILE: ' ' })).toBeUndefined();
  });

  it('gives the file when it changes', () => {
    const path = jsonFile({ keys: [{ id: 'ci', sha256, tenant: 'shop' }] });
    const read = openAccessFile({ SLUICE_ACCESS_FILE: path });
    expect(read?.()).toMatchObject({ keys: [{ id: 'ci', roles: [] }], issuers: [], tenants: {}, defaultTenant: { flags: {} } });
    expect(read?.()).toBe('same');
    writeFileSync(path, '{"keys": []}');
    expect(read?.()).toMatchObject({ keys: [] });
  });

  it('tells what is wrong with it by its field', () => {
    const read = (content: unknown): unknown => openAccessFile({ SLUICE_ACCESS_FILE: jsonFile(content) })?.();
    expect(() => read({ keys: [{ id: 'ci', sha256: 'secret', tenant: 'shop' }], more: 1 })).toThrow(/SLUICE_ACCESS_FILE: keys\[0\]\.sha256 must be the SHA-256[^]*SLUICE_ACCESS_FILE: more is not a known field/);
    expect(() => openAccessFile({ SLUICE_ACCESS_FILE: '/nowhere' })?.()).toThrow('SLUICE_ACCESS_FILE names a file that cannot be read (got "/nowhere")');
  });
});
