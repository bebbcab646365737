import { describe, expect, it } from 'vitest';
import { parseScript, parseScriptText, ScriptError } from './parse-script.ts';

describe('parseScript', () => {
  it('fills the defaults', () => {
    expect(parseScript({})).toEqual({
      seed: 1,
      rules: [],
      batches: { durationMs: 50, lostAnswers: 0 },
      tools: {
        orders: { latency: { fixedMs: 20 }, failShare: 0, failStatus: 500 },
        'orders-v2': { latency: { uniformMs: { min: 1500, max: 2500 } }, failShare: 1 / 3, failStatus: 500 },
      },
    });
  });

  it.each([
    ['a misspelt field', { rule: [] }, /rule/u],
    ['not an object', [], /script/u],
    ['a status that is no error', { rules: [{ respond: { status: 200 } }] }, /rules\[0\]\.respond\.status = 200/u],
    ['two latencies', { latency: { fixedMs: 1, uniformMs: { min: 1, max: 2 } } }, /latency.*exactly one of/u],
    ['no latency', { latency: {} }, /latency.*exactly one of/u],
    ['min above max', { latency: { uniformMs: { min: 3, max: 2 } } }, /latency\.uniformMs\.min = 3: min must not be above max/u],
    ['p95 below the median', { latency: { lognormalMs: { median: 3, p95: 2 } } }, /latency\.lognormalMs\.p95 = 2/u],
    ['a negative latency', { latency: { fixedMs: -1 } }, /latency\.fixedMs = -1/u],
    ['a probability above 1', { rules: [{ probability: 2, respond: {} }] }, /rules\[0\]\.probability = 2/u],
    ['no uses', { rules: [{ times: 0, respond: {} }] }, /rules\[0\]\.times = 0/u],
    ['an unknown path', { rules: [{ match: { path: '/v2' }, respond: {} }] }, /rules\[0\]\.match\.path = "\/v2"/u],
    ['an error with an answer', { rules: [{ respond: { status: 500, answer: 'x' } }] }, /respond\.status = 500: .*remove status, or answer/u],
    ['a hang with a status', { rules: [{ respond: { hang: true, status: 500 } }] }, /respond\.hang = true/u],
    ['retry-after without an error', { rules: [{ respond: { retryAfter: 3 } }] }, /respond\.retryAfter = 3: .*add status/u],
    ['a message without an error', { rules: [{ respond: { message: 'x' } }] }, /respond\.message/u],
    ['two ways to break a stream', { rules: [{ respond: { malformedJson: true, cutStreamAfterEvents: 1 } }] }, /keep one of/u],
    ['no response', { rules: [{}] }, /rules\[0\]\.respond/u],
  ])('refuses %s and names it', (_name, script, message) => {
    expect(() => parseScript(script)).toThrow(ScriptError);
    expect(() => parseScript(script)).toThrow(message);
  });

  it('never repeats an API key', () => {
    expect(() => parseScript({ apiKeys: ['sk-secret', 7] })).toThrow(/apiKeys\[1\]/u);
    expect(() => parseScript({ apiKeys: ['', 'sk-secret'] })).not.toThrow(/sk-secret/u);
  });

  it('says where a text came from', () => {
    expect(() => parseScriptText('{', 'SIMULATOR_SCRIPT')).toThrow(/^SIMULATOR_SCRIPT: it is not JSON/u);
    expect(() => parseScriptText('{"seed":-1}', 'file f')).toThrow(/^file f: .*\n- seed = -1/u);
  });
});
