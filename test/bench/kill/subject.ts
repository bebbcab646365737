import type { KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import type { StatusesToCompare, Wording } from '../../../operator/src/integration/comparable-states.ts';
import type { Contender } from '../operator/contender.ts';
import type { Wish } from './story.ts';

/** What everything of a story is called. */
export const NAME = 'agent';
export const PROMPT_KEY = 'prompt.md';

/** 'TakenBack': the former template serves because the release failed or was aborted. */
export type Stage = 'Moving' | 'Shifting' | 'Promoted' | 'TakenBack';

export interface Applicable {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

export interface Place {
  readonly admin: KubeClient;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** A contender, and how a user does with it what the stories tell. */
export interface Subject {
  readonly contender: Contender;
  /** Of whatever it makes or is told by. */
  readonly kinds: readonly ResourceType[];
  readonly statuses: StatusesToCompare;
  /** What is called otherwise in each run. */
  words(found: readonly KubeObject[]): Wording['names'];
  /** What a user applies for a wish, the ConfigMap apart. */
  manifests(wish: Wish): readonly Applicable[];
  stage(place: Place): Promise<Stage>;
  /** As its own command does it. Returns what was written. */
  abort(place: Place): Promise<KubeObject>;
}
