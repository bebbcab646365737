import { describe, expect, it } from 'vitest';
import { celCheck, needsCluster } from './cel-checks.ts';

const size = "isQuantity(self) && quantity(self).isGreaterThan(quantity('1Mi'))";
const header = "self.matches('^[A-Za-z0-9-]+$') && !(self.lowerAscii() in ['host', 'content-type'])";
const url = "isURL(self) && self.matches('^https?://[^/?#@]+([/?#].*)?$')";
const host = '!isURL(self.url) || [url(self.url).getHostname()].exists(host, host in self.allowedHosts || more)';

const rising = 'self.size() < 2 || self.map(s, has(s.weight) ? s.weight : -1).isSorted()';
const routed = 'has(self.route) || !has(self.rollout) || !has(self.rollout.steps) || self.rollout.steps.all(s, has(s.weight) && s.weight > 0)';
const sticky = 'has(self.route) || !has(self.rollout) || !has(self.rollout.stickiness)';
const compared = 'has(self.route) || more || self.rollout.steps.all(s, !has(s.weight) || s.weight < 100) || self.rollout.gates.objectives.all(o, (more.maxDropPoints)) || (more.maxSlowerPoints)))';
const drop = { successRate: { maxDropPoints: 1 } };
const everything = { steps: [{ weight: 100 }], gates: { objectives: [drop] } };
const falling = 'self.all(s, !has(s.marginFactor)) || (self.map(s, more).isSorted() && (more == 1.0))';
const queried = "!has(self.objectives) || self.objectives.all(o, !has(o.query)) || (has(self.source) && self.source == 'Prometheus')";
const minimum = "!has(self.gates) || !has(self.gates.objectives) || more || duration((more : '15m')) < duration(self.maxDuration)";
const prefix = "self.startsWith('/') && !self.contains('//') && !self.contains('?')";

describe('a CEL rule in TypeScript', () => {
  it.each([
    [size, '1Gi', true],
    [size, '1.5Mi', true],
    [size, '2e6', true],
    [size, '1Mi', false],
    [size, '1048576000m', false],
    [size, 'much', false],
    [header, 'X-API-Key', true],
    [header, 'Host', false],
    [header, 'a b', false],
    ['isCIDR(self)', '10.0.0.0/8', true],
    ['isCIDR(self)', '2001:db8::/32', true],
    ['isCIDR(self)', '10.0.0.0/33', false],
    ['isCIDR(self)', '10.0.0.0/08', false],
    ['isCIDR(self)', '10.0.0.0', false],
    ['isCIDR(self)', 'host/8', false],
    [url, 'https://api.example.com/v1/{id}?q=1', true],
    [url, 'https://', false],
    ["self.matches('^[a-z]+$')", 'abc', true],
    ["self.matches('^[a-z]+$')", 'Abc', false],
    ['has(self.a) != has(self.b)', { a: 1 }, true],
    ['has(self.a) != has(self.b)', { a: 1, b: 2 }, false],
    ['has(self.a) || has(self.b)', {}, false],
    ['!(has(self.a) && has(self.b))', { a: 1, b: 2 }, false],
    ['self >= 50.0 && self <= 99.9', 99.9, true],
    ['self >= 50.0 && self <= 99.9', 100, false],
    [host, { url: 'https://a.example.com:8443/x', allowedHosts: ['*.example.com'] }, true],
    [host, { url: 'https://evilexample.com/', allowedHosts: ['*.example.com'] }, false],
    [host, { url: 'https://A.example.com/', allowedHosts: ['a.example.com'] }, false],
    [rising, [{ mirrorPercent: 5 }, { weight: 0 }, { weight: 20 }, { weight: 20 }], true],
    [rising, [{ weight: 0 }, { mirrorPercent: 5 }], false],
    [routed, { rollout: { steps: [{ weight: 0 }] } }, false],
    [routed, { rollout: { steps: [{ mirrorPercent: 5 }] } }, false],
    [routed, { route: {}, rollout: { steps: [{ weight: 0 }] } }, true],
    [routed, {}, true],
    [sticky, { rollout: { stickiness: { cookie: 'a' } } }, false],
    [sticky, { route: {}, rollout: { stickiness: { cookie: 'a' } } }, true],
    [compared, { rollout: everything }, false],
    [compared, { rollout: { ...everything, gates: { objectives: [{ latency: {} }] } } }, false],
    [compared, { rollout: { ...everything, gates: { objectives: [{ successRate: { minPercent: 99 } }] } } }, true],
    [compared, { rollout: { ...everything, gates: { objectives: [{ cost: {} }, { ...drop, role: 'Guard' }] } } }, true],
    [compared, { rollout: { ...everything, gates: { objectives: [{ cost: {}, role: 'Gate' }] } } }, false],
    [compared, { rollout: { ...everything, steps: [{ mirrorPercent: 100 }, { weight: 99 }] } }, true],
    [compared, { route: {}, rollout: everything }, true],
    [compared, { rollout: { steps: [{ weight: 100 }] } }, true],
    [compared, {}, true],
    ['[has(self.a), has(self.b)].exists_one(set, set)', { b: {} }, true],
    ['[has(self.a), has(self.b)].exists_one(set, set)', { a: {}, b: {} }, false],
    ['[has(self.a), has(self.b)].exists_one(set, set)', { c: {} }, false],
    ["!has(self.blocked) || !has(self.role) || self.role == 'Guard'", { blocked: {}, role: 'Gate' }, false],
    ["!has(self.blocked) || !has(self.role) || self.role == 'Guard'", { blocked: {} }, true],
    [falling, [{ marginFactor: 5 }, { marginFactor: 2 }, {}], true],
    [falling, [{}, { marginFactor: 2 }, {}], false],
    [falling, [{ marginFactor: 2 }], false],
    [queried, { objectives: [{ query: {} }] }, false],
    [queried, { objectives: [{ query: {} }], source: 'Prometheus' }, true],
    [minimum, { gates: { objectives: [] }, maxDuration: '15m' }, false],
    [minimum, { gates: { objectives: [], minDuration: '1m' }, maxDuration: '15m' }, true],
    [minimum, { gates: {}, maxDuration: '1m' }, true],
    [prefix, '/support', true],
    [prefix, 'support', false],
    [prefix, '/a//b', false],
    [prefix, '/a?b', false],
    [host, { url: 'no url', allowedHosts: ['a'] }, true],
  ])('%s of %j is %s', (rule, self, holds) => {
    expect(celCheck(rule)?.(self)).toBe(holds);
  });

  it('is not guessed', () => {
    expect(celCheck('self.matches(self.pattern)')).toBeUndefined();
    expect(celCheck('self == oldSelf')).toBeUndefined();
    expect(needsCluster('self == oldSelf')).toBe(true);
    expect(needsCluster('size(self) > 0 || (oldSelf.hasValue() && self == oldSelf.value())')).toBe(false);
    expect(needsCluster('isCIDR(self)')).toBe(false);
  });
});
