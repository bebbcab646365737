import { describe, expect, it } from 'vitest';
import { digestOfKey } from '../server/access/api-keys.ts';
import { createLogger } from '../telemetry/logger.ts';
import { jsonFile } from '../testing/runtime-process.ts';
import { accessOf } from './open-access.ts';

const file = jsonFile({ keys: [{ id: 'one', sha256: digestOfKey('key-1'), tenant: 'shop' }] });

async function opened(environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', revision: 'r1', policyVersion: 'support@r1', secrets: () => [], destination: { write: (line) => lines.push(line) } });
  const access = await accessOf(environment, {}, logger);
  const statusFor = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
    try {
      return await access.authenticate(headers);
    } catch (error) {
      return (error as { readonly facts: { readonly slug: string } }).facts.slug;
    }
  };
  return { mode: access.mode, nobody: await statusFor({}), named: await statusFor({ authorization: 'Bearer key-1' }), log: lines.join('') };
}

describe('who may ask', () => {
  it('is nobody where nothing is said, which the log says once', async () => {
    expect(await opened({})).toEqual({ mode: 'closed', nobody: 'access-not-set', named: 'access-not-set', log: expect.stringContaining('nobody may ask this agent: set spec.access') });
  });

  it('is everybody where that is said, which the log says too', async () => {
    const anonymous = { tenant: 'default', subject: 'anonymous', authority: 'nobody', roles: [] };
    expect(await opened({ SLUICE_ANONYMOUS_ACCESS: 'Allowed' })).toEqual({ mode: 'open', nobody: anonymous, named: anonymous, log: expect.stringContaining('whoever reaches this agent may ask it') });
  });

  it('is who is named where somebody is', async () => {
    expect(await opened({ SLUICE_ACCESS_FILE: file })).toEqual({ mode: 'closed', nobody: 'unauthenticated', named: { tenant: 'shop', subject: 'one', authority: 'keys', roles: [] }, log: '' });
  });

  it('is not guessed from two that contradict each other', async () => {
    await expect(opened({ SLUICE_ACCESS_FILE: file, SLUICE_ANONYMOUS_ACCESS: 'Allowed' })).rejects.toThrow('SLUICE_ANONYMOUS_ACCESS lets everybody in, and SLUICE_ACCESS_FILE says who may ask');
  });
});
