import { z } from 'zod';
import { timestamp } from '../conditions.ts';

const count = (what: string) => z.int().min(0).describe(what);

const knownPod = z
  .object({
    uid: z.string().max(64).describe('Of the pod; "others" for those that have no place of their own in the list.'),
    crashes: count('How often its containers had crashed when it was last looked at.'),
  })
  .describe('A pod that has crashed.');

const crashesOfRevision = z
  .object({
    crashes: count('Crashes since the count began, those of pods that are gone included.'),
    ofLeaving: count('How many of them were first seen when their pod was on its way out.'),
    podMilliseconds: count('For how long its pods ran meanwhile, all together.'),
    pods: z.array(knownPod).max(33).describe('Pods that have crashed, each with what is counted already, so that a restart is counted once and a pod that goes takes nothing with it.'),
  })
  .describe('Crashes of one revision.');

export const crashes = z
  .object({
    since: timestamp.describe('When the count began: with the first step.'),
    until: timestamp.describe('Up to when it goes.'),
    before: z
      .object({
        crashes: count('Crashes of those pods.'),
        podMilliseconds: count('For how long they had run, all together.'),
      })
      .describe('The pods that the stable revision had when the count began, up to then.'),
    expected: z.number().min(0).describe('How many of the crashes since then would be those of the new revision if each pod of both crashed as often.'),
    alone: count('Crashes of the new revision while no pod of the stable one was there to compare with.'),
    stable: crashesOfRevision,
    canary: crashesOfRevision,
  })
  .describe('Crashes of containers in the release, both revisions in the same time.');

export type CrashCount = z.infer<typeof crashes>;
export type RevisionCrashes = z.infer<typeof crashesOfRevision>;
