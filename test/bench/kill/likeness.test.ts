import { expect, it } from 'vitest';
import { nearest } from './likeness.ts';

const end = (phase: string) => ({ states: { 'Release agent-2': { phase, step: 1 } }, noise: new Set(['Release agent-2: step']) });

it('finds no difference where a run ended as any of the uninterrupted ones', () => {
  expect(nearest([end('Aborted'), end('Superseded')], { 'Release agent-2': { phase: 'Superseded', step: 2 } }).differences).toEqual([]);
});

it('tells what differs from the one that is nearest', () => {
  const { differences } = nearest([{ states: {}, noise: new Set() }, end('Aborted')], { 'Release agent-2': { phase: 'Promoted', step: 1, more: true }, 'Release agent-3': {} });
  expect(differences.map(({ place }) => place)).toEqual(['Release agent-2', 'Release agent-3']);
  expect(nearest([end('Aborted')], { 'Release agent-2': { phase: 'Promoted' } }).differences.map(({ place }) => place)).toEqual(['Release agent-2: phase']);
});

it('refuses to compare with nothing', () => {
  expect(() => nearest([], {})).toThrow(RangeError);
});
