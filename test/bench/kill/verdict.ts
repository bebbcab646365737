import { type Along, countOf } from './along.ts';
import { type Likeness, nearest } from './likeness.ts';
import type { Kill } from './plan.ts';
import type { Told } from './run.ts';
import type { Serving } from './serving.ts';
import type { Story } from './story.ts';

/** What became of one kill, in sentences; none: all was as in an uninterrupted run. */
export interface KillOutcome extends Kill {
  /** Title of the write; undefined: the run had fewer. */
  readonly killedAt?: string;
  readonly seconds: number;
  readonly sentences: readonly string[];
}

export interface Reference {
  readonly ends: readonly Likeness[];
  readonly along: Along;
}

/** What two uninterrupted runs have in common on the way: the worse of both. */
export function worse(left: Along, right: Along): Along {
  return {
    fewest: left.fewest === undefined || right.fewest === undefined ? undefined : Math.min(left.fewest, right.fewest),
    mostFailed: Math.max(left.mostFailed, right.mostFailed),
    returns: Math.max(left.returns, right.returns),
    unwished: [...new Set([...left.unwished, ...right.unwished])],
  };
}

export function judge(kill: Kill, told: Told, reference: Reference): KillOutcome {
  const { killedAt, seconds, stuck } = told;
  const sentences = [
    // What is on its way differs in everything: that it is says it all.
    ...(stuck === undefined ? nearest(reference.ends, told.states).differences.map(({ sentence }) => sentence) : [stuck]),
    ...worseThan(reference.along, told.along),
  ];
  return { ...kill, ...(killedAt === undefined ? {} : { killedAt }), seconds, sentences };
}

/** Where a run was worse on its way than uninterrupted ones are. */
function worseThan(usual: Along, seen: Along): readonly string[] {
  const usually = usual.fewest === undefined ? 'never as many as asked' : String(usual.fewest);
  const strangers = seen.unwished.filter((face) => !usual.unwished.includes(face));
  return [
    ...((seen.fewest ?? 0) < (usual.fewest ?? 0) ? [`on the way only ${seen.fewest ?? 0} pods were ready behind the Service, ${usually} in uninterrupted runs`] : []),
    ...(seen.mostFailed > usual.mostFailed ? [`the revision that was taken back had ${seen.mostFailed} ready pods on the way, at most ${usual.mostFailed} in uninterrupted runs`] : []),
    ...(seen.returns > usual.returns ? [`the revision that was taken back got more ready pods after that, ${seen.returns} times, ${usual.returns} in uninterrupted runs`] : []),
    ...(strangers.length > 0 ? [`on the way there served what nobody had asked for: ${strangers.join(', ')} (image/configuration)`] : []),
  ];
}

/** What is not as wished at the end of an uninterrupted run: the kill has nothing to do with it. */
export function shortcomings({ ends, failed }: Story, { serves, along, stuck }: Pick<Told, 'serves' | 'along' | 'stuck'>): readonly string[] {
  const served = inWords(serves);
  const right = serves[`${ends.image}/${ends.configuration}`] ?? 0;
  return [
    ...(stuck === undefined ? [] : [stuck]),
    ...(right < countOf(serves, ends.image) ? [`at the end ${ends.image} serves with another configuration than the one it was released with, which was "${ends.configuration}": ${served}`] : []),
    ...(along.unwished.length > 0 ? [`on the way there served what nobody had asked for: ${along.unwished.join(', ')} (image/configuration)`] : []),
    ...(failed !== undefined && countOf(serves, failed) > 0 ? [`what was taken back serves: ${served}`] : []),
  ];
}

export function inWords(serves: Serving): string {
  const parts = Object.entries(serves).map(([face, count]) => `${count} × ${face}`);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
