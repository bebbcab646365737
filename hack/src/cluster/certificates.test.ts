import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../progress/clock.ts';
import { type CertificateRequest, ensureCertificates } from './certificates.ts';

const REQUESTS: readonly CertificateRequest[] = [
  { name: 'ca', commonName: 'authority' },
  { name: 'server', commonName: 'server', issuer: 'ca', names: ['IP:10.0.0.1', 'DNS:localhost'] },
];
const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

describe('ensureCertificates', () => {
  let folder = '';
  const { signal } = new AbortController();
  const ensure = (requests: readonly CertificateRequest[], clock: Clock = systemClock): Promise<'kept' | 'made'> =>
    ensureCertificates(requests, { folder, openssl: 'openssl', clock, signal });
  const read = async (name: string): Promise<X509Certificate> => new X509Certificate(await readFile(join(folder, `${name}.crt`)));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-pki-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('makes certificates that the authority has signed, for the names asked', async () => {
    expect(await ensure(REQUESTS)).toBe('made');
    const [authority, server] = [await read('ca'), await read('server')];
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.checkIP('10.0.0.1')).toBe('10.0.0.1');
    expect(server.checkHost('localhost')).toBe('localhost');
    expect([authority.ca, server.ca]).toEqual([true, false]);
    expect(Date.parse(server.validTo) - systemClock.wallMs()).toBeGreaterThan(YEAR_MS);
  });

  it('lets only the owner read the keys', async () => {
    await ensure(REQUESTS);
    for (const name of ['ca.key', 'server.key', 'service-account.key']) expect((await stat(join(folder, name))).mode & 0o077).toBe(0);
  });

  it('keeps what is there', async () => {
    await ensure(REQUESTS);
    const before = (await read('server')).serialNumber;
    expect(await ensure(REQUESTS)).toBe('kept');
    expect((await read('server')).serialNumber).toBe(before);
  });

  it.each<[string, () => Promise<'kept' | 'made'>]>([
    ['one is missing', async () => unlink(join(folder, 'server.crt')).then(() => ensure(REQUESTS))],
    ['other names are asked for', () => ensure([REQUESTS[0]!, { ...REQUESTS[1]!, names: ['IP:10.0.0.2'] }])],
    ['they end soon', () => ensure(REQUESTS, { ...systemClock, wallMs: () => systemClock.wallMs() + 10 * YEAR_MS })],
  ])('makes all anew when %s', async (_, again) => {
    await ensure(REQUESTS);
    expect(await again()).toBe('made');
  });

  it('says which certificate openssl could not make', async () => {
    await expect(ensure([{ name: 'leaf', commonName: 'leaf', issuer: 'absent' }])).rejects.toThrow('certificate leaf could not be made');
  });
});
