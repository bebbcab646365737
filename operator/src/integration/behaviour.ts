/** How the pods of a revision behave in the tests; a prompt says it in brackets, such as `[live:failing]`. */
export interface Behaviour {
  /** `failing`: a hard case fails. `unstartable`: the container never gets its image. `waiting`: it is still being created. `real`: the runtime itself runs it. */
  readonly eval: 'passing' | 'failing' | 'unstartable' | 'waiting' | 'real';
  /** `failing`: half of the requests end in an error. `cut-off`: its pods alone do not reach the model provider. */
  readonly live: 'good' | 'failing' | 'cut-off';
  /** So many of its pods become ready, all told; `[pods:stuck]` is none of them. */
  readonly readyPods: number;
}

const lives = ['failing', 'cut-off'] as const;
const evals = ['failing', 'unstartable', 'waiting', 'real'] as const;

export function behaviourOf(prompt: string): Behaviour {
  return {
    eval: evals.find((each) => prompt.includes(`[eval:${each}]`)) ?? 'passing',
    live: lives.find((each) => prompt.includes(`[live:${each}]`)) ?? 'good',
    readyPods: prompt.includes('[pods:stuck]') ? 0 : Number(/\[pods:([0-9]+)\]/.exec(prompt)?.[1] ?? Infinity),
  };
}
