import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { createHarness } from '../../testing/app-harness.ts';
import { createScriptedModel, reply } from '../../testing/scripted-model.ts';
import { TooManyFailedLogins } from '../request-problems.ts';
import { accessFile } from './access-file.ts';
import { digestOfKey } from './api-keys.ts';
import { createClosedAccess } from './closed-access.ts';
import { addressOf, createFailedLogins } from './failed-logins.ts';

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

describe('failed logins', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('are counted for %s as %s', (ip, address) => {
    expect(addressOf(ip)).toBe(address);
  });

  it('hold an address back until time has passed, and no other one', () => {
    const clock = createFakeClock();
    const logins = createFailedLogins({ clock, rule: { burst: 3, windowMs: 30_000 } });
    for (let count = 0; count < 3; count += 1) {
      logins.check('10.0.0.7', bearer(`wrong-${count}`));
      logins.failed('10.0.0.7', bearer(`wrong-${count}`));
    }
    expect(() => logins.check('10.0.0.7', bearer('wrong-3'))).toThrow(TooManyFailedLogins);
    logins.check('10.0.0.8', bearer('wrong-3'));
    clock.advance(10_000);
    logins.check('10.0.0.7', bearer('wrong-3'));
  });

  it('hold nobody back who was let in lately, as all callers behind a gateway have one address', () => {
    const clock = createFakeClock();
    const logins = createFailedLogins({ clock, rule: { burst: 1, windowMs: 3_600_000 } });
    logins.passed(bearer('good'));
    logins.failed('10.0.0.7', bearer('wrong'));
    logins.check('10.0.0.7', bearer('good'));
    expect(() => logins.check('10.0.0.7', bearer('other'))).toThrow(TooManyFailedLogins);
    // Taken from the access file meanwhile, it is one of many again; so is one that was not used for long.
    logins.failed('10.0.0.7', bearer('good'));
    expect(() => logins.check('10.0.0.7', bearer('good'))).toThrow(TooManyFailedLogins);
    logins.passed(bearer('good'));
    clock.advance(600_000);
    expect(() => logins.check('10.0.0.7', bearer('good'))).toThrow(TooManyFailedLogins);
  });

  it('are no requests without credentials, and take little memory however many addresses there are', () => {
    const logins = createFailedLogins({ clock: createFakeClock(), rule: { burst: 1, windowMs: 60_000 }, maximum: 10 });
    logins.failed('10.0.0.7', {});
    logins.check('10.0.0.7', bearer('any'));
    for (let count = 0; count < 100; count += 1) {
      logins.failed(`10.0.1.${count}`, bearer('wrong'));
      logins.passed(bearer(`good-${count}`));
    }
    expect(logins.size()).toBe(20);
  });

  it('get 429 with the time to wait, whatever the next credential is, and callers that are known go on', async () => {
    const clock = createFakeClock();
    const access = createClosedAccess({ read: () => accessFile.parse({ keys: ['good', 'late'].map((id) => ({ id, sha256: digestOfKey(id), tenant: 'shop' })) }), clock, wallClock: createFakeWallClock(), onError: () => {} });
    const { app, logText } = await createHarness({ model: createScriptedModel(reply('Thirty days.')), access, clock });
    const ask = async (key: string) => await app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'How long?' } }, headers: bearer(key) });
    expect((await ask('good')).statusCode).toBe(200);
    for (let count = 0; count < 60; count += 1) expect((await ask(`wrong-${count}`)).statusCode).toBe(401);
    const refused = await ask('late');
    expect([refused.statusCode, refused.headers['retry-after'], refused.headers['ratelimit-policy'], refused.headers['ratelimit']]).toEqual([429, '1', '"failed-logins";q=60;w=60', '"failed-logins";r=0;t=1']);
    expect(refused.json()).toMatchObject({ type: 'urn:sluice:problem:too-many-failed-logins' });
    expect((await ask('good')).statusCode).toBe(200);
    expect((await app.inject({ url: '/readyz' })).statusCode).not.toBe(429);
    expect((await app.inject({ url: '/v1/sessions' })).statusCode).toBe(401);
    clock.advance(1_000);
    expect((await ask('late')).statusCode).toBe(200);
    expect(logText()).not.toContain('wrong-7');
  });
});
