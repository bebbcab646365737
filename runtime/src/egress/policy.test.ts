import { describe, expect, it } from 'vitest';
import { refusal } from './policy.ts';

const reach = { allowedHosts: ['api.example.com', '*.tools.example.com'], ownPort: '8080' };

describe('refusal', () => {
  it.each(['https://api.example.com/x', 'http://api.example.com:8080/', 'https://a.tools.example.com:8080/', 'https://api.example.com:443/', 'http://api.example.com:80/', 'https://API.EXAMPLE.com/', 'https://a.tools.example.com/', 'https://a.b.tools.example.com/'])('lets %s pass', (url) => {
    expect(refusal(new URL(url), reach)).toBeUndefined();
  });

  it('lets only default ports pass for a tool whose URL has none', () => {
    expect(refusal(new URL('https://api.example.com/'), { ...reach, ownPort: '' })).toBeUndefined();
    expect(refusal(new URL('https://api.example.com:8080/'), { ...reach, ownPort: '' })).toContain('the port 8080 of api.example.com is not allowed');
  });

  it.each([
    ['https://evil.com/', 'the host evil.com is not on the allow-list of the tool'],
    ['https://api.example.com.evil.com/', 'the host api.example.com.evil.com is not on the allow-list of the tool'],
    ['https://tools.example.com/', 'the host tools.example.com is not on the allow-list of the tool'],
    ['https://eviltools.example.com/', 'the host eviltools.example.com is not on the allow-list of the tool'],
    ['https://api.example.com./', 'the host api.example.com. is not on the allow-list of the tool'],
    ['http://169.254.169.254/', 'the host 169.254.169.254 is not on the allow-list of the tool'],
    ['http://2852039166/', 'the host 169.254.169.254 is not on the allow-list of the tool'],
    ['http://[::1]/', 'the host [::1] is not on the allow-list of the tool'],
    ['http://api.example.com:9200/', "the port 9200 of api.example.com is not allowed, only that of the tool's own URL and the default one of the scheme"],
    ['http://api.example.com:443/', "the port 443 of api.example.com is not allowed, only that of the tool's own URL and the default one of the scheme"],
    ['https://evil.com:8080/', 'the host evil.com is not on the allow-list of the tool'],
    ['https://api.example.com@evil.com/', 'a URL with credentials is not allowed'],
    ['https://user:pw@api.example.com/', 'a URL with credentials is not allowed'],
    ['https://user@api.example.com/', 'a URL with credentials is not allowed'],
    ['https://:pw@api.example.com/', 'a URL with credentials is not allowed'],
    ['ftp://api.example.com/', 'the scheme ftp is not allowed'],
    ['file:///etc/passwd', 'the scheme file is not allowed'],
  ])('refuses %s', (url, reason) => {
    expect(refusal(new URL(url), reach)).toBe(reason);
  });
});
