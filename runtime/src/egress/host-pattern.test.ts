import { describe, expect, it } from 'vitest';
import { hostPatternProblem, isAllowedHost } from './host-pattern.ts';

describe('hostPatternProblem', () => {
  it.each(['a', 'api.example.com', '*.example.com', '10.0.0.1', '[::1]'])('accepts %s', (pattern) => {
    expect(hostPatternProblem(pattern)).toBeUndefined();
  });

  it.each(['*', '*.', 'https://api.example.com', 'api.example.com:80', 'API.example.com', 'a.*.com', ''])('says what is wrong with "%s"', (pattern) => {
    expect(hostPatternProblem(pattern)).toContain('must be a host name');
  });
});

describe('isAllowedHost', () => {
  it.each([
    ['https://api.example.com/', true],
    ['https://a.tools.example.com/', true],
    ['https://tools.example.com/', false],
    ['https://eviltools.example.com/', false],
    ['https://api.example.com./', false],
  ])('%s: %s', (url, allowed) => {
    expect(isAllowedHost(new URL(url), ['api.example.com', '*.tools.example.com'])).toBe(allowed);
  });
});
