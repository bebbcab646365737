import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUrlTemplate } from './url-template.ts';

const template = parseUrlTemplate('https://api.example.com/v1/tickets/{id}/notes?lang={lang}');

describe('parseUrlTemplate', () => {
  it('puts encoded arguments in their places and hands back the rest', () => {
    const rendered = template.render({ id: 'a/b?c#d', lang: 'de', limit: 3 });
    expect(rendered).toMatchObject({ ok: true, rest: { limit: 3 } });
    expect(rendered.ok && rendered.url.href).toBe('https://api.example.com/v1/tickets/a%2Fb%3Fc%23d/notes?lang=de');
  });

  it.each([{}, { id: '', lang: 'de' }, { id: { deep: 1 }, lang: 'de' }, { id: null, lang: 'de' }])('refuses %j, which leaves a place empty', (values) => {
    expect(template.render(values)).toMatchObject({ ok: false, reason: expect.stringContaining('needs the argument id') });
  });

  it.each(['.', '..'])('refuses "%s", which would climb out of the path', (id) => {
    expect(template.render({ id, lang: 'de' })).toEqual({ ok: false, reason: 'an argument may not be "." or ".."' });
  });

  it('never lets an argument change the host, the rest of the path or the number of its segments', () => {
    const anyCodeUnits = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyCodeUnits, fc.constantFrom('..', '%2e%2e', '../..', '@evil.com', '\\..', '\t..', '%2F..')), (id) => {
        const rendered = template.render({ id, lang: 'en' });
        if (!rendered.ok) return;
        expect(rendered.url.host).toBe('api.example.com');
        expect(rendered.url.username).toBe('');
        expect(rendered.url.pathname).toMatch(/^\/v1\/tickets\/[^/]+\/notes$/);
        expect(rendered.url.search).toBe('?lang=en');
      }),
    );
  });
});
