import { describe, expect, it } from 'vitest';
import { createCancellations } from './cancellations.ts';

describe('cancellations', () => {
  it('find the call by its session and its id, of which 1 is not "1"', () => {
    const cancelled: string[] = [];
    const cancellations = createCancellations();
    cancellations.add('a', 1, () => cancelled.push('a 1'));
    cancellations.add('a', '1', () => cancelled.push('a "1"'));
    cancellations.add('b', 1, () => cancelled.push('b 1'));
    cancellations.cancel('a', 1);
    cancellations.cancel('c', 1);
    expect(cancelled).toEqual(['a 1']);
  });

  it('do nothing for a call that has ended, nor is a later one of the same id taken off by its end', () => {
    const cancelled: string[] = [];
    const cancellations = createCancellations();
    const endFirst = cancellations.add('a', 1, () => cancelled.push('first'));
    cancellations.add('a', 1, () => cancelled.push('second'));
    endFirst();
    cancellations.cancel('a', 1);
    expect(cancelled).toEqual(['second']);
  });
});
