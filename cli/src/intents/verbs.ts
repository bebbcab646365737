import type { IntentVerb } from '@sluice/crds';

/** A command that asks something of a release. */
export interface AskingCommand {
  readonly name: string;
  readonly verb: IntentVerb;
  readonly summary: string;
  /** What becomes of the release, in a few lines of at most 130 characters. */
  readonly effect: string;
}

/** In the order of the overview. `promote --full` is the verb PromoteFull. */
export const askingCommands: readonly AskingCommand[] = [
  {
    name: 'promote', verb: 'Promote', summary: 'approve the release on its way, or end the time of its step',
    effect: `Approves the release of the AgentDeployment NAME that waits for it. Where it waits because its objectives could not decide in
time (Inconclusive), that gives all the traffic to what is NOT proven. In a step, ends the time of the step; what its objectives
leave open must still pass. With --full the revision takes all the traffic without the rest of its steps and gates.`,
  },
  {
    name: 'abort', verb: 'Abort', summary: 'take the release on its way back',
    effect: `Takes the release of the AgentDeployment NAME that is on its way back: the revision that serves gets all the traffic, and the
revision is not tried again until somebody asks for it (kubectl sluice retry); a change of spec.agent makes another revision.`,
  },
  {
    name: 'retry', verb: 'Retry', summary: 'try a failed or aborted revision again',
    effect: `Tries the revision that the spec of the AgentDeployment NAME asks for, and that failed or was aborted, again: a new release
begins, which carries on what was measured before.`,
  },
  {
    name: 'pause', verb: 'Pause', summary: 'stop the release on its way where it is',
    effect: `Stops the release of the AgentDeployment NAME that is on its way: its weight stays and its clock stands until somebody asks it
to go on (kubectl sluice resume). An objective that fails still takes it back.`,
  },
  {
    name: 'resume', verb: 'Resume', summary: 'let a paused release go on',
    effect: 'Lets the paused release of the AgentDeployment NAME go on where it stood.',
  },
  {
    name: 'skip', verb: 'Skip', summary: 'leave the rest of a step out',
    effect: `Leaves the rest of the present step of the release of the AgentDeployment NAME out, with its time and its objectives, and goes
on with the next one.`,
  },
  {
    name: 'undo', verb: 'Undo', summary: 'take the promoted revision back',
    effect: `Takes the revision that serves for the AgentDeployment NAME back: the one that was promoted before it, or the one that
--to-revision names, takes all the traffic at once. The spec still names the one that was taken back; it is not tried again
until somebody asks. To undo an undo, name the revision that it took away: --to-revision goes back to it at once.`,
  },
];

export function verbOf(command: AskingCommand, options: { readonly full: 'Full' | 'Stepwise' }): IntentVerb {
  return command.verb === 'Promote' && options.full === 'Full' ? 'PromoteFull' : command.verb;
}

/** The words after `kubectl sluice` that ask for a verb. */
export function wordsFor(verb: IntentVerb): string {
  if (verb === 'PromoteFull') return 'promote --full';
  return verb.toLowerCase();
}
