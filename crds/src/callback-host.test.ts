import { describe, expect, it } from 'vitest';
import { parseCallbackHost } from './callback-host.ts';

describe('parseCallbackHost', () => {
  it.each([
    ['hooks.example.com', 'hooks.example.com', 443],
    ['hooks.example.com:443', 'hooks.example.com', 443],
    ['*.example.com:8443', '*.example.com', 8443],
    ['hooks:65535', 'hooks', 65_535],
    ['10.0.0.7:1', '10.0.0.7', 1],
    ['[2001:db8::1]', '[2001:db8::1]', 443],
    ['[2001:db8::1]:8443', '[2001:db8::1]', 8443],
  ])('%s', (text, pattern, port) => {
    expect(parseCallbackHost(text)).toEqual({ pattern, port });
  });

  it.each(['', '*', '*.', 'https://hooks.example.com', 'hooks.example.com/x', 'hooks.example.com:', 'hooks.example.com:0', 'hooks.example.com:08443', 'hooks.example.com:65536', 'hooks.example.com:443:443', 'Hooks.example.com', '2001:db8::1', 'a b', 'a'.repeat(300)])('"%s" is none', (text) => {
    expect(parseCallbackHost(text)).toBeUndefined();
  });
});
