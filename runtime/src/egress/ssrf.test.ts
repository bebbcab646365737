import { describe, expect, it } from 'vitest';
import { classify } from './address-class.ts';
import { parseIp } from './ip-address.ts';
import { dialRefusal, refusal } from './policy.ts';
import { closedAddresses, disguisedUrls, loopbackAddresses, privateAddresses, publicAddresses } from '../testing/ssrf-addresses.ts';

const classOf = (address: string) => {
  const parsed = parseIp(address);
  return parsed === undefined ? 'none' : classify(parsed);
};
const everything = { allowedNetworks: ['0.0.0.0/0', '::/0'] };

it('is a suite of a hundred addresses and more', () => {
  expect(new Set([...closedAddresses, ...privateAddresses, ...loopbackAddresses]).size).toBeGreaterThanOrEqual(100);
});

describe('a closed address', () => {
  it.each(closedAddresses)('%s is reached by no name, literal or network', (address) => {
    expect(classOf(address)).toMatch(/^(closed|none)$/);
    for (const host of ['api.example.com', 'orders.shop.svc', 'localhost', address]) {
      expect(dialRefusal(host, address, {})).toContain('an address that no tool may reach');
      expect(dialRefusal(host, address, everything)).toContain('an address that no tool may reach');
    }
  });
});

describe('a private address', () => {
  it.each(privateAddresses)('%s is reached only by who meant it', (address) => {
    expect(classOf(address)).toBe('private');
    for (const host of ['api.example.com', 'a.svc.evil.com', 'svc.cluster.local.evil.com', 'localhost', 'evil-svc.com']) expect(dialRefusal(host, address, {})).toContain('leads to a private address');
    for (const host of ['orders', 'orders.shop.svc', 'orders.shop.svc.cluster.local', 'vault.corp.internal', address]) expect(dialRefusal(host, address, {})).toBeUndefined();
    expect(dialRefusal('api.example.com', address, everything)).toBeUndefined();
  });

  it('needs the network that holds it', () => {
    expect(dialRefusal('erp.example.com', '10.20.1.1', { allowedNetworks: ['10.20.0.0/16'] })).toBeUndefined();
    expect(dialRefusal('erp.example.com', '10.21.1.1', { allowedNetworks: ['10.20.0.0/16'] })).toBe('the host erp.example.com leads to a private address, which its name may not without an entry in allowedNetworks');
  });
});

describe('a loopback address', () => {
  it.each(loopbackAddresses)('%s is reached by "localhost" or itself', (address) => {
    expect(classOf(address)).toBe('loopback');
    for (const host of ['api.example.com', 'orders.shop.svc', 'orders']) expect(dialRefusal(host, address, {})).toContain('leads to a loopback address');
    for (const host of ['localhost', address]) expect(dialRefusal(host, address, {})).toBeUndefined();
  });
});

describe('a public address', () => {
  it.each(publicAddresses)('%s is open to every allowed host', (address) => {
    expect(classOf(address)).toBe('public');
    expect(dialRefusal('api.example.com', address, {})).toBeUndefined();
  });
});

describe('a disguised URL', () => {
  it.each(disguisedUrls)('%s is refused or is no URL', (text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const refused = url === undefined ? 'no URL' : refusal(url, { allowedHosts: ['api.example.com', '*.tools.example.com'], ownPort: '' });
    expect(refused).toMatch(/^no URL$|is not on the allow-list|with credentials/);
  });
});
