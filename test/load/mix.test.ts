import { describe, expect, it } from 'vitest';
import { seededRandom } from '../provider-simulator/seeded-random.ts';
import { builtInMix } from './built-in-mix.ts';
import { MixError, mixSchema, parseMix, plan } from './mix.ts';

describe('plan', () => {
  it('makes the body of an invoke', () => {
    const mix = mixSchema.parse({ entries: [{ text: 'refunds?', workflow: 'desk' }], tenants: ['acme'], usersPerTenant: 10, streamShare: 0.5 });
    expect(plan(mix, 'r-1', () => 0.3)).toEqual({
      stream: true,
      body: { request_id: 'r-1', tenant_id: 'acme', user_id: 'acme-user-4', workflow: 'desk', input: { text: 'refunds?' } },
    });
  });

  it('keeps to the weights and the stream share', () => {
    const mix = mixSchema.parse({ entries: [{ text: 'often', weight: 9 }, { text: 'seldom' }], streamShare: 0.25 });
    const random = seededRandom(3);
    const planned = Array.from({ length: 4000 }, (_, index) => plan(mix, String(index), random));
    const often = planned.filter(({ body }) => body.input.text === 'often').length / 4000;
    const streamed = planned.filter(({ stream }) => stream).length / 4000;
    expect(Math.abs(often - 0.9)).toBeLessThan(0.03);
    expect(Math.abs(streamed - 0.25)).toBeLessThan(0.03);
  });

  it.each([0, 0.999_999_999])('finds an entry for the draw %d', (draw) => {
    expect(plan(builtInMix, 'r', () => draw).body.input.text).not.toBe('');
  });

  it('is the same for the same seed', () => {
    const texts = (seed: number): string[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => plan(builtInMix, 'r', random).body.input.text);
    };
    expect(texts(1)).toEqual(texts(1));
    expect(texts(1)).not.toEqual(texts(2));
  });
});

describe('parseMix', () => {
  it.each([
    ['{', /^--mix f: it is not JSON/u],
    ['{"entries":[]}', /^--mix f: entries/u],
    ['{"entries":[{"text":"x","weight":0}]}', /entries\.0\.weight/u],
    ['{"entries":[{"text":"x"}],"streamShare":2}', /streamShare/u],
    ['[]', /^--mix f: mix/u],
  ])('refuses %s', (text, message) => {
    expect(() => parseMix(text, '--mix f')).toThrow(MixError);
    expect(() => parseMix(text, '--mix f')).toThrow(message);
  });

  it('fills the defaults', () => {
    expect(parseMix('{"entries":[{"text":"x"}]}', 'f')).toMatchObject({ entries: [{ text: 'x', weight: 1, workflow: 'support' }], usersPerTenant: 50 });
  });
});
