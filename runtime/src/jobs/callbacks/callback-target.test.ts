import { describe, expect, it } from 'vitest';
import { refusal } from '../../egress/policy.ts';
import { callbackEgress, targetProblem } from './callback-target.ts';

const hosts = [{ pattern: 'hooks.example.com', port: 443 }, { pattern: '*.shop.example.com', port: 8443 }, { pattern: '[2001:db8::1]', port: 443 }];

describe('a callback', () => {
  it.each([
    ['https://hooks.example.com/x', 'allowed'],
    ['https://hooks.example.com:443/x', 'allowed'],
    ['https://HOOKS.example.com/x', 'allowed'],
    ['https://a.shop.example.com:8443/x', 'allowed'],
    ['https://[2001:db8::1]/x', 'allowed'],
    ['https://hooks.example.com:8443/x', 'hooks.example.com:8443 is none of the hosts'],
    ['https://hooks.example.com:22/x', 'hooks.example.com:22 is none of the hosts'],
    ['https://a.shop.example.com/x', 'a.shop.example.com is none of the hosts'],
    ['https://shop.example.com:8443/x', 'is none of the hosts'],
    ['https://evil.example.com/x', 'is none of the hosts'],
    ['http://hooks.example.com/x', 'must be an https URL'],
    ['http://hooks.example.com:443/x', 'must be an https URL'],
    ['https://u:hunter2@hooks.example.com/x', 'without credentials'],
  ])('to %s: %s', (text, wanted) => {
    const url = new URL(text);
    const problem = targetProblem(url, hosts);
    if (wanted === 'allowed') expect(problem).toBeUndefined();
    else expect(problem).toContain(wanted);
    expect(problem ?? '').not.toContain('hunter2');
    // What sends it holds the same line, of jobs that were taken in before.
    if (url.protocol === 'https:') expect(refusal(url, callbackEgress(url, hosts)) === undefined).toBe(wanted === 'allowed');
  });
});
