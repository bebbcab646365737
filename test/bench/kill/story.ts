/** Tag of an image; pods of NEVER_READY never get ready. */
export type Image = 'v1' | 'v2' | 'v3' | 'never-ready';
export const NEVER_READY: Image = 'never-ready';
export const REPLICAS = 4;

/** What a user applies: all of it, each time. */
export interface Wish {
  readonly image: Image;
  readonly configuration: 'one' | 'two';
  /** Of the ConfigMap with the configuration. */
  readonly configMap: 'prompt' | 'prompt-one' | 'prompt-two';
  /** Both 25 % and 50 %; 'held' stays at the first for an hour. */
  readonly steps: 'brief' | 'held';
  /** Until which pods must be ready: 10 s, or as long as no story takes. */
  readonly deadline: 'short' | 'long';
}

export interface Deed {
  /** 'Shifting': as soon as the first weight is in force and is being held. */
  readonly when: 'AtOnce' | 'Shifting';
  readonly act: Wish | 'Abort';
}

export interface Story {
  readonly id: string;
  readonly title: string;
  /** What is applied and promoted, in turn, before anybody is killed. */
  readonly before: readonly Wish[];
  readonly deeds: readonly Deed[];
  readonly ends: { readonly stage: 'Promoted' | 'TakenBack'; readonly image: Image; readonly configuration: Wish['configuration'] };
  /** The image that is taken back. */
  readonly failed?: Image;
  /** Of how many objects the first change consists that the contender looks at: of several it may hear one after the other, or at once. */
  readonly firstChange: 'OneObject' | 'SeveralObjects';
}

const one: Wish = { image: 'v1', configuration: 'one', configMap: 'prompt', steps: 'brief', deadline: 'long' };
const two: Wish = { ...one, image: 'v2' };
const held: Wish = { ...two, steps: 'held' };
const stays = { stage: 'TakenBack', image: 'v1', configuration: 'one' } as const;

function applied(act: Wish): Deed {
  return { when: 'AtOnce', act };
}

const aborted: Deed = { when: 'Shifting', act: 'Abort' };

export const stories: readonly Story[] = [
  { id: 'first-release', title: 'the first release', before: [], deeds: [applied(one)], ends: { stage: 'Promoted', image: 'v1', configuration: 'one' }, firstChange: 'OneObject' },
  { id: 'canary', title: 'a canary that is promoted over two steps', before: [one], deeds: [applied(two)], ends: { stage: 'Promoted', image: 'v2', configuration: 'one' }, firstChange: 'OneObject' },
  {
    id: 'never-ready', title: 'a canary that never gets ready, and is taken back at its deadline', before: [one],
    deeds: [applied({ ...one, image: NEVER_READY, deadline: 'short' })], ends: stays, firstChange: 'OneObject', failed: NEVER_READY,
  },
  { id: 'abort', title: 'a canary that its user aborts at the first step', before: [one], deeds: [applied(held), aborted], ends: stays, firstChange: 'OneObject', failed: 'v2' },
  {
    id: 'supersede', title: 'a canary that another change takes the place of at the first step', before: [one],
    deeds: [applied(held), { when: 'Shifting', act: { ...one, image: 'v3' } }], ends: { stage: 'Promoted', image: 'v3', configuration: 'one' }, firstChange: 'OneObject', failed: 'v2',
  },
  { id: 'undo', title: 'a promoted change that its user takes back by applying the former one', before: [one, two], deeds: [applied(one)], ends: { stage: 'Promoted', image: 'v1', configuration: 'one' }, firstChange: 'OneObject' },
  {
    id: 'configuration', title: 'image and the content of the ConfigMap changed together, aborted at the first step', before: [one],
    deeds: [applied({ ...held, configuration: 'two' }), aborted], ends: stays, firstChange: 'SeveralObjects', failed: 'v2',
  },
  {
    id: 'configuration-renamed', title: 'the same with a ConfigMap of another name for each content', before: [{ ...one, configMap: 'prompt-one' }],
    deeds: [applied({ ...held, configuration: 'two', configMap: 'prompt-two' }), aborted], ends: stays, firstChange: 'OneObject', failed: 'v2',
  },
];

/** Images with configurations that a user of the story asked for together, as Serving calls them. */
export function facesOf({ before, deeds }: Story): readonly string[] {
  const wishes = [...before, ...deeds.flatMap(({ act }) => (act === 'Abort' ? [] : [act]))];
  return [...new Set(wishes.map(({ image, configuration }) => `${image}/${configuration}`))];
}
