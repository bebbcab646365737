import { describe, expect, it } from 'vitest';
import { createActiveRequests, givenUpPerTurn } from './active-requests.ts';

function createRig(callers: number) {
  const turns: (() => void)[] = [];
  const active = createActiveRequests({ nextTurn: (run) => void turns.push(run) });
  const controllers = Array.from({ length: callers }, () => new AbortController());
  const givenUp = (): number => controllers.filter(({ signal }) => signal.aborted).length;
  const leave = (from: number, to: number): void => {
    for (const controller of controllers.slice(from, to)) active.giveUp(controller, new Error('left'));
  };
  /** One turn of the event loop; how many asked for the next one. */
  const turn = (): number => {
    for (const run of turns.splice(0)) run();
    return turns.length;
  };
  return { active, controllers, givenUp, leave, turn };
}

describe('callers that leave', () => {
  it('are given up at once when they are few', () => {
    const { givenUp, leave, turn } = createRig(givenUpPerTurn * 2);
    leave(0, givenUpPerTurn);
    expect(givenUp()).toBe(givenUpPerTurn);
    turn();
    leave(givenUpPerTurn, givenUpPerTurn * 2);
    expect(givenUp()).toBe(givenUpPerTurn * 2);
  });

  it('are given up a few in each turn when they are many, the first ones first', () => {
    const { controllers, givenUp, leave, turn } = createRig(givenUpPerTurn * 3 + 1);
    leave(0, controllers.length);
    const found = [givenUp()];
    while (turn() > 0) found.push(givenUp());
    expect(found).toEqual([1, 2, 3].map((share) => share * givenUpPerTurn).concat(controllers.length));
    expect(controllers.at(-1)?.signal.reason).toEqual(new Error('left'));
  });

  it('wait behind those that left before', () => {
    const { controllers, givenUp, leave, turn } = createRig(givenUpPerTurn * 2 + 2);
    leave(0, givenUpPerTurn * 2 + 1);
    turn();
    leave(givenUpPerTurn * 2 + 1, controllers.length);
    expect(givenUp()).toBe(givenUpPerTurn * 2);
    turn();
    expect(givenUp()).toBe(controllers.length);
    expect([turn(), turn()]).toEqual([0, 0]);
  });

  it('and are counted as before', () => {
    const { active, controllers } = createRig(2);
    const removals = controllers.map((controller) => active.add(controller));
    expect(active.count()).toBe(2);
    active.abortAll(new Error('cut'));
    expect(controllers.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const remove of removals) remove();
    expect(active.count()).toBe(0);
  });
});
