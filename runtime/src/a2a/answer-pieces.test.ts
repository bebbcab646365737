import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createAnswerPieces } from './answer-pieces.ts';
import type { AnswerPiece } from './task-events.ts';

/** What a client has that does as the pieces say. */
function assembled(pieces: readonly AnswerPiece[]): string {
  return pieces.reduce((text, piece) => (piece.mode === 'begin' ? piece.text : text + piece.text), '');
}

function rig() {
  const clock = createFakeClock();
  const pieces: AnswerPiece[] = [];
  return { clock, pieces, answer: createAnswerPieces(clock, (piece) => pieces.push(piece)) };
}

describe('the pieces of an answer', () => {
  it('begin with the first text at once, and gather what comes soon after', () => {
    const { clock, pieces, answer } = rig();
    for (const text of ['One ', 'two ', 'three']) answer.add({ turn: 1, text });
    expect(pieces).toEqual([{ text: 'One ', mode: 'begin', place: 'middle' }]);
    clock.advance(40);
    expect(pieces[1]).toEqual({ text: 'two three', mode: 'continue', place: 'middle' });
    answer.finish('One two three.');
    expect(pieces[2]).toEqual({ text: '.', mode: 'continue', place: 'last' });
    expect(clock.pending()).toBe(0);
  });

  it('stand in place of those of an earlier turn', () => {
    const { pieces, answer } = rig();
    answer.add({ turn: 1, text: 'Let me look.' });
    answer.add({ turn: 2, text: 'It is open.' });
    answer.finish('It is open.');
    expect(assembled(pieces)).toBe('It is open.');
  });

  it('are one when nothing was streamed', () => {
    const { pieces, answer } = rig();
    answer.finish('Yes.');
    expect(pieces).toEqual([{ text: 'Yes.', mode: 'begin', place: 'last' }]);
  });

  it('end without another when they are dropped', () => {
    const { clock, pieces, answer } = rig();
    answer.add({ turn: 1, text: 'a' });
    answer.add({ turn: 1, text: 'b' });
    answer.drop();
    clock.advance(1_000);
    expect(pieces).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  it('always make the answer, whatever was streamed and when', () => {
    const part = fc.record({ turn: fc.integer({ min: 1, max: 3 }), text: fc.string({ maxLength: 5 }), wait: fc.integer({ min: 0, max: 60 }) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.option(fc.string()), (parts, other) => {
        const { clock, pieces, answer } = rig();
        const inOrder = parts.toSorted((left, right) => left.turn - right.turn);
        for (const { turn, text, wait } of inOrder) {
          answer.add({ turn, text });
          clock.advance(wait);
        }
        const last = inOrder.at(-1)?.turn;
        const streamed = inOrder.filter(({ turn }) => turn === last).map(({ text }) => text).join('');
        answer.finish(other ?? streamed);
        expect(assembled(pieces)).toBe(other ?? streamed);
        expect(pieces.filter(({ place }) => place === 'last')).toHaveLength(1);
        expect(clock.pending()).toBe(0);
      }),
    );
  });
});
