import type { AgentDeployment } from '@sluice/crds';
import { controllerOf, type KubeObject } from '@sluice/kube';

/**
 * Whose an object is that has the name of one of ours. `former`: a deleted agent or release of the same name left it, and the garbage
 * collector is about to remove it. `orphan`: nobody controls it.
 */
export type Standing = 'ours' | 'former' | 'orphan' | 'foreign';

/** Names come back, uids do not: an agent made anew under its old name owns nothing of the former one. */
export function standingOf(found: KubeObject, wanted: KubeObject): Standing {
  const owner = controllerOf(found);
  if (owner === undefined) return 'orphan';
  const ours = controllerOf(wanted);
  if (owner.uid === ours?.uid) return 'ours';
  return owner.kind === ours?.kind && owner.name === ours.name ? 'former' : 'foreign';
}

/** For objects that an agent controls itself. An orphan with its labels counts as its own: applying makes it so. */
export function isNotOfFormer(agent: AgentDeployment): (object: KubeObject) => boolean {
  return (object) => {
    const owner = controllerOf(object);
    return owner === undefined || owner.kind !== agent.kind || owner.uid === agent.metadata.uid;
  };
}

/** An object of a name that the agent needs belongs to somebody else; it is left alone. */
export class ForeignObjectError extends Error {
  override readonly name = 'ForeignObjectError';

  constructor(kind: string, name: string) {
    super(`${kind} "${name}" exists and does not belong to this AgentDeployment: delete it, or give the AgentDeployment another name`);
  }
}

/** An object of a name that the agent needs is left from a deleted agent of the same name. It goes by itself. */
export class FormerObjectError extends Error {
  override readonly name = 'FormerObjectError';

  constructor(kind: string, name: string) {
    super(`waiting: ${kind} "${name}" of a deleted AgentDeployment of this name is being removed`);
  }
}
