/** How the pods of a revision behave in the tests; a prompt says it in brackets, such as `[live:failing]`. */
export interface Behaviour {
  /** `failing`: a hard case fails. `unstartable`: the container never gets its image. `waiting`: it is still being created. */
  readonly eval: 'passing' | 'failing' | 'unstartable' | 'waiting';
  /** `failing`: half of the requests end in an error. */
  readonly live: 'good' | 'failing';
  /** `stuck`: never ready. */
  readonly pods: 'ready' | 'stuck';
}

const evals = ['failing', 'unstartable', 'waiting'] as const;

export function behaviourOf(prompt: string): Behaviour {
  return {
    eval: evals.find((each) => prompt.includes(`[eval:${each}]`)) ?? 'passing',
    live: prompt.includes('[live:failing]') ? 'failing' : 'good',
    pods: prompt.includes('[pods:stuck]') ? 'stuck' : 'ready',
  };
}
