/** How the pods of a revision behave in the tests; a prompt says it in brackets, such as `[live:failing]`. */
export interface Behaviour {
  /** `failing`: a hard case fails. `unstartable`: the container never gets its image. */
  readonly eval: 'passing' | 'failing' | 'unstartable';
  /** `failing`: half of the requests end in an error. */
  readonly live: 'good' | 'failing';
  /** `stuck`: never ready. */
  readonly pods: 'ready' | 'stuck';
}

export function behaviourOf(prompt: string): Behaviour {
  return {
    eval: prompt.includes('[eval:failing]') ? 'failing' : prompt.includes('[eval:unstartable]') ? 'unstartable' : 'passing',
    live: prompt.includes('[live:failing]') ? 'failing' : 'good',
    pods: prompt.includes('[pods:stuck]') ? 'stuck' : 'ready',
  };
}
