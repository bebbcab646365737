import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFakeClock, type FakeClock } from '../platform/clock-fake.ts';
import { ModelError, modelFailures, type ModelFailure } from './model-error.ts';
import { createProviderCircuit, failuresToOpen, openMilliseconds, type ProviderCircuit } from './provider-circuit.ts';

let clock: FakeClock;
let circuit: ProviderCircuit;

beforeEach(() => {
  // cockatiel reads the time of day by itself.
  vi.useFakeTimers({ toFake: ['Date'] });
  clock = createFakeClock();
  circuit = createProviderCircuit(clock);
});
afterEach(() => {
  vi.useRealTimers();
});

function pass(milliseconds: number): void {
  clock.advance(milliseconds);
  vi.advanceTimersByTime(milliseconds);
}

const failing = (failure: ModelFailure) => async (): Promise<string> => {
  throw new ModelError(failure);
};
const answering = async (): Promise<string> => 'hello';

async function failTimes(times: number, failure: ModelFailure = 'overloaded'): Promise<void> {
  for (let time = 0; time < times; time += 1) await expect(circuit.run(failing(failure))).rejects.toMatchObject({ failure });
}

describe('the circuit of a provider', () => {
  it.each(['rate_limited', 'overloaded', 'unavailable', 'timeout'] as const)('opens after ten calls in a row that ended as %s, and refuses at once', async (failure) => {
    await failTimes(failuresToOpen - 1, failure);
    expect(circuit.state()).toBe('Closed');
    await failTimes(1, failure);
    expect(circuit.state()).toBe('Open');
    pass(3_000);
    const call = vi.fn(answering);
    await expect(circuit.run(call)).rejects.toMatchObject({ failure: 'circuit_open', retryAfterMilliseconds: openMilliseconds - 3_000 });
    expect(call).not.toHaveBeenCalled();
  });

  it.each(modelFailures.filter((failure) => ['unauthorized', 'invalid_request', 'invalid_reply'].includes(failure)))('never opens for %s, which is an answer, and hands it on', async (failure) => {
    await failTimes(3 * failuresToOpen, failure);
    expect(circuit.state()).toBe('Closed');
  });

  it.each([
    ['an answer', answering],
    ['a refused request', failing('invalid_request')],
  ])('begins to count anew after %s', async (_, call) => {
    await failTimes(failuresToOpen - 1);
    await circuit.run(call).catch(() => undefined);
    await failTimes(failuresToOpen - 1);
    expect(circuit.state()).toBe('Closed');
  });

  it('does not count callers who leave', async () => {
    const leave = async (): Promise<string> => {
      throw new Error('caller left');
    };
    for (let time = 0; time < 3 * failuresToOpen; time += 1) await expect(circuit.run(leave)).rejects.toThrow('caller left');
    expect(circuit.state()).toBe('Closed');
  });

  it('lets one call try after ten seconds, refuses the others meanwhile, and closes when it is answered', async () => {
    await failTimes(failuresToOpen);
    pass(openMilliseconds);
    const answer = Promise.withResolvers<string>();
    const trial = circuit.run(() => answer.promise);
    expect(circuit.state()).toBe('Open');
    await expect(circuit.run(answering)).rejects.toMatchObject({ failure: 'circuit_open', retryAfterMilliseconds: 0 });
    answer.resolve('back');
    expect(await trial).toBe('back');
    expect([circuit.state(), await circuit.run(answering)]).toEqual(['Closed', 'hello']);
  });

  it.each([
    ['fails', failing('unavailable')],
    ['is left by its caller', async () => Promise.reject<string>(new Error('caller left'))],
  ])('opens again when the call that tries %s', async (_, trial) => {
    await failTimes(failuresToOpen);
    pass(openMilliseconds);
    await expect(circuit.run(trial)).rejects.toThrow();
    expect(circuit.state()).toBe('Open');
    await expect(circuit.run(answering)).rejects.toMatchObject({ failure: 'circuit_open', retryAfterMilliseconds: openMilliseconds });
    pass(openMilliseconds);
    expect(await circuit.run(answering)).toBe('hello');
  });

  it('closes when the call that tries is answered with a refusal', async () => {
    await failTimes(failuresToOpen);
    pass(openMilliseconds);
    await failTimes(1, 'invalid_request');
    expect(await circuit.run(answering)).toBe('hello');
  });

  it('does not stay open in the eyes of others when nobody calls any more', async () => {
    await failTimes(failuresToOpen);
    pass(openMilliseconds - 1);
    expect(circuit.state()).toBe('Open');
    pass(1);
    expect(circuit.state()).toBe('Closed');
  });
});
